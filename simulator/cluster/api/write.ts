import { apiVersionOf, type Kind } from '../kind.ts';
import { dig, type KubeObject, refOf } from '../object.ts';
import { type ClusterWorld, mergePatch } from '../world.ts';
import { admit } from './admission.ts';
import {
  ApiFailure,
  alreadyExists,
  badRequest,
  conflict,
  methodNotAllowed,
  notFound,
  unsupportedMediaType,
} from './failure.ts';
import { selectorOf } from './list.ts';
import { jsonPatch, strategicMergePatch } from './patches.ts';
import type { ResourceRequest } from './request.ts';

interface Answer {
  readonly code: number;
  readonly body: unknown;
}

/** Creates an object. @throws ApiFailure 400, 409 */
export function create(world: ClusterWorld, request: ResourceRequest, body: unknown): Answer {
  const { kind, namespace } = request;
  const object = objectOf(kind, body);
  const at = object.metadata.namespace ?? namespace;
  if (kind.namespaced && at !== namespace)
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  const name = object.metadata.name;
  if (!name) throw badRequest('name or generateName is required');
  if (world.store.get(kind.storage, kind.namespaced ? namespace : undefined, name)) throw alreadyExists(kind, name);
  if (kind.namespaced && namespace && !world.store.get('namespaces', undefined, namespace))
    throw notFound({ group: '', plural: 'namespaces' }, namespace);
  const whole = { ...object, metadata: { generation: 1, ...object.metadata, ...(namespace ? { namespace } : {}) } };
  admit(whole);
  if (isDryRun(request)) return { code: 201, body: whole };
  const created = world.apply(whole);
  world.noticed(created);
  return { code: 201, body: created };
}

/** Replaces an object or its status. @throws ApiFailure 400, 404, 409 */
export function update(world: ClusterWorld, request: ResourceRequest, body: unknown): Answer {
  const before = existing(world, request);
  if (request.subresource === 'scale')
    return save(world, request, before, scaled(before, dig(body, 'spec', 'replicas')));
  const object = objectOf(request.kind, body);
  const { resourceVersion } = object.metadata;
  if (resourceVersion && resourceVersion !== before.metadata.resourceVersion)
    throw conflict(
      request.kind,
      before.metadata.name,
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  return save(world, request, before, object);
}

/** Changes an object by JSON patch, merge patch or strategic merge patch. @throws ApiFailure 400, 404, 415, 422 */
export function patch(world: ClusterWorld, request: ResourceRequest, contentType: string, body: unknown): Answer {
  const before = existing(world, request);
  const type = contentType.split(';')[0]?.trim() ?? '';
  if (request.subresource === 'scale')
    return save(world, request, before, scaled(before, dig(body, 'spec', 'replicas')));
  const patched = applied(type, before, body);
  return save(world, request, before, objectOf(request.kind, patched));
}

function applied(type: string, before: KubeObject, body: unknown): unknown {
  switch (type) {
    case 'application/json-patch+json':
      return jsonPatch(before, body);
    case 'application/merge-patch+json':
      return mergePatch(before, body);
    case 'application/strategic-merge-patch+json':
    case 'application/apply-patch+yaml':
      return strategicMergePatch(before, body);
    default:
      throw unsupportedMediaType();
  }
}

/** Deletes one object and what it owns. @throws ApiFailure 404 */
export function remove(world: ClusterWorld, request: ResourceRequest): Answer {
  const { kind } = request;
  const object = existing(world, request);
  if (!isDryRun(request)) world.terminate(refOf(object));
  if (kind.storage === 'pods') return { code: 200, body: world.get(refOf(object)) ?? object };
  const { name, uid } = object.metadata;
  const details = { name, ...(kind.group ? { group: kind.group } : {}), kind: kind.plural, uid };
  return { code: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } };
}

/** Deletes what the selectors choose. */
export function removeAll(world: ClusterWorld, request: ResourceRequest): Answer {
  const { kind, namespace, query } = request;
  const selects = selectorOf(kind, query);
  const chosen = [...world.store.scan(kind.storage, namespace)].map(({ object }) => object).filter(selects);
  if (!isDryRun(request)) for (const object of chosen) world.terminate(refOf(object));
  const metadata = { resourceVersion: String(world.store.revision) };
  return { code: 200, body: { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata, items: chosen } };
}

/** The replicas of something that can be scaled, as `autoscaling/v1` shows them. */
export function scaleOf(object: KubeObject): Record<string, unknown> {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: dig(object.spec, 'replicas') ?? 1 },
    status: { replicas: dig(object.status, 'replicas') ?? 0 },
  };
}

function scaled(object: KubeObject, replicas: unknown): KubeObject {
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0)
    throw new ApiFailure(
      422,
      'Invalid',
      `Scale.autoscaling "${object.metadata.name}" is invalid: spec.replicas: Invalid value: ${String(replicas)}: must be greater than or equal to 0`,
    );
  return { ...object, spec: Object.assign({}, object.spec, { replicas }) };
}

function save(world: ClusterWorld, request: ResourceRequest, before: KubeObject, after: KubeObject): Answer {
  const { kind, subresource } = request;
  if (subresource && !kind.subresources.some((one) => one === subresource)) throw methodNotAllowed();
  const { name, namespace, uid, creationTimestamp, generation = 1 } = before.metadata;
  if (after.metadata.name !== name)
    throw badRequest(`the name of the object (${after.metadata.name}) does not match the name on the URL (${name})`);
  const specChanged = JSON.stringify(before.spec) !== JSON.stringify(after.spec);
  const statusOnly = subresource === 'status';
  const keepsStatus = !statusOnly && kind.subresources.includes('status');
  const merged: KubeObject = {
    ...(statusOnly ? before : after),
    metadata: {
      ...(statusOnly ? before.metadata : after.metadata),
      name,
      ...(namespace ? { namespace } : {}),
      ...(uid ? { uid } : {}),
      ...(creationTimestamp ? { creationTimestamp } : {}),
      generation: specChanged && !statusOnly ? generation + 1 : generation,
    },
    status: keepsStatus ? before.status : after.status,
  };
  if (!statusOnly) admit(merged);
  const stored = isDryRun(request) ? merged : world.apply(merged);
  if (specChanged && !statusOnly && !isDryRun(request)) world.noticed(stored);
  return { code: 200, body: subresource === 'scale' ? scaleOf(stored) : stored };
}

function existing(world: ClusterWorld, { kind, namespace, name = '' }: ResourceRequest): KubeObject {
  const found = world.store.get(kind.storage, namespace, name);
  if (!found) throw notFound(kind, name);
  return found;
}

function objectOf(kind: Kind, body: unknown): KubeObject {
  const metadata = dig(body, 'metadata');
  if (body === null || typeof body !== 'object' || metadata === null || typeof metadata !== 'object')
    throw badRequest(`the object provided is unrecognized (must be of type ${kind.kind}): missing metadata`);
  // What a client sends is stored as it is, under the kind of the path it was sent to.
  return { ...body, metadata, apiVersion: apiVersionOf(kind), kind: kind.kind } as KubeObject;
}

function isDryRun({ query }: ResourceRequest): boolean {
  return query.getAll('dryRun').includes('All');
}
