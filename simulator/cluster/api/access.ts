import type { IncomingMessage } from 'node:http';
import type { Kind } from '../kind.ts';
import { dig, text } from '../object.ts';
import type { ClusterWorld } from '../world.ts';
import { forbidden, unauthorized } from './failure.ts';
import type { ResourceRequest } from './request.ts';

export interface ApiOptions {
  readonly world: ClusterWorld;
  /** Bearer token of the only user. */
  readonly token: string;
  /** The user's name, as refusals call it. */
  readonly user: string;
  /** kubectl never sends credentials over plain HTTP, so that over HTTP a request without any is the user's. */
  readonly anonymous: boolean;
}

export const ACCESS_REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
export const RULES_REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';

/** Subresources that lead into a container; the user has a right to none. */
const INSIDE: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'proxy', 'ephemeralcontainers']);

/** @throws ApiFailure 401 */
export function authenticate({ token, anonymous }: ApiOptions, incoming: IncomingMessage): void {
  const given = /^Bearer\s+(.+)$/i.exec(incoming.headers.authorization ?? '')?.[1];
  if (given === undefined ? !anonymous : given !== token) throw unauthorized();
}

/** @throws ApiFailure 403 for Secrets, ways into a container, and a namespace that a fault closes. */
export function authorize({ world, user }: ApiOptions, request: ResourceRequest): void {
  const { kind, verb, namespace, name, subresource } = request;
  if (!mayAccess(world, kind, namespace) || INSIDE.has(subresource ?? ''))
    throw forbidden(user, verb, kind, { namespace, name, subresource });
}

/** The user's rights: everything but Secrets and the namespaces a fault closes; for subresources see INSIDE. */
function mayAccess(world: ClusterWorld, kind: Kind, namespace: string | undefined): boolean {
  if (kind.group === '' && kind.plural === 'secrets') return false;
  if (!kind.namespaced) return true;
  const closed = world.faults.all().filter((fault) => fault.kind === 'forbidden_namespace');
  return !closed.some((fault) => namespace === undefined || fault.namespace === namespace);
}

/** `kubectl auth can-i`: whether the user may do something. */
export function reviewAccess(world: ClusterWorld, body: unknown): Record<string, unknown> {
  const asked = dig(body, 'spec', 'resourceAttributes');
  const group = text(asked, 'group') ?? '';
  const plural = text(asked, 'resource') ?? '';
  const namespace = text(asked, 'namespace') || undefined;
  const kind = world.kinds.all().find((one) => one.group === group && one.plural === plural);
  const into = INSIDE.has(text(asked, 'subresource') ?? '');
  const allowed = kind !== undefined && !into && mayAccess(world, kind, namespace);
  return {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec: dig(body, 'spec'),
    status: allowed ? { allowed, reason: 'RBAC: allowed by ClusterRoleBinding "responder"' } : { allowed },
  };
}

/** `kubectl auth can-i --list`: everything the user may do in a namespace. */
export function reviewRules(world: ClusterWorld, body: unknown): Record<string, unknown> {
  const namespace = text(dig(body, 'spec'), 'namespace') || undefined;
  const mine = world.kinds.all().filter((kind) => mayAccess(world, kind, namespace));
  return {
    kind: 'SelfSubjectRulesReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: { creationTimestamp: null },
    spec: {},
    status: {
      incomplete: false,
      nonResourceRules: [
        { verbs: ['get'], nonResourceURLs: ['/api', '/apis', '/healthz', '/livez', '/readyz', '/version'] },
      ],
      resourceRules: mine.map((kind) => ({
        verbs: kind.verbs,
        apiGroups: [kind.group],
        resources: [kind.plural, ...kind.subresources.map((name) => `${kind.plural}/${name}`)],
      })),
    },
  };
}
