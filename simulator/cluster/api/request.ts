import type { Kind } from '../kind.ts';
import type { KindRegistry } from '../registry.ts';

/** A request for a resource, as its path and method say it. */
export interface ResourceRequest {
  readonly kind: Kind;
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly query: URLSearchParams;
  readonly accept: string;
}

/** Reads a resource path; undefined when no resource is served there. */
export function parseResourcePath(
  kinds: KindRegistry,
  path: string,
): Pick<ResourceRequest, 'kind' | 'namespace' | 'name' | 'subresource'> | undefined {
  // Decoded as a whole first, as Go's URL.Path is: an encoded slash divides like any other.
  const parts = decode(path)?.split('/').slice(1);
  if (!parts || parts.includes('')) return undefined;
  const [root, ...after] = parts;
  const group = root === 'api' ? '' : root === 'apis' ? after.shift() : undefined;
  const version = after.shift();
  if (group === undefined || version === undefined || after.length === 0) return undefined;
  const whole = resolve(kinds, group, version, after);
  if (whole) return whole;
  if (after[0] !== 'namespaces' || after.length < 3) return undefined;
  const [, namespace, plural, name, subresource, ...more] = after;
  const kind = kinds.byResource(group, version, plural ?? '');
  if (!kind?.namespaced || more.length > 0) return undefined;
  return { kind, namespace, name, subresource };
}

function resolve(kinds: KindRegistry, group: string, version: string, parts: readonly string[]) {
  const [plural = '', name, subresource, ...more] = parts;
  const kind = kinds.byResource(group, version, plural);
  if (!kind || more.length > 0) return undefined;
  if (plural === 'namespaces' && subresource && kinds.byResource(group, version, subresource)?.namespaced)
    return undefined;
  // Namespaced resources are listed across namespaces here, never named.
  if (kind.namespaced && name) return undefined;
  return { kind, namespace: undefined, name, subresource };
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** The verb RBAC knows the request by; undefined for a method nothing answers to. */
export function verbOf(method: string, named: boolean, query: URLSearchParams): ResourceRequest['verb'] | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (isTrue(query.get('watch'))) return 'watch';
      return named ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return named ? 'delete' : 'deletecollection';
    default:
      return undefined;
  }
}

/** Query parameters are true as Go reads them. */
export function isTrue(value: string | null): boolean {
  return value === '1' || value === 'true' || value === 'True' || value === 't';
}
