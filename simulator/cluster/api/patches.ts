import { ApiFailure, badRequest } from './failure.ts';

/** The merge key of each list whose items are merged one by one. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  env: 'name',
  volumes: 'name',
  volumeMounts: 'mountPath',
  ports: 'containerPort',
  conditions: 'type',
  imagePullSecrets: 'name',
  ownerReferences: 'uid',
};

/** Strategic merge patch: like a merge patch, but lists of named items are merged by name. */
export function strategicMergePatch(target: unknown, patch: unknown, key = ''): unknown {
  if (Array.isArray(patch)) return mergeLists(Array.isArray(target) ? target : [], patch, MERGE_KEYS[key]);
  if (patch === null || typeof patch !== 'object') return patch;
  if ('$patch' in patch && patch.$patch === 'replace') {
    const { $patch: _, ...rest } = patch;
    return rest;
  }
  const result: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith('$')) continue;
    if (value === null) delete result[name];
    else result[name] = strategicMergePatch(result[name], value, name);
  }
  return result;
}

function mergeLists(target: readonly unknown[], patch: readonly unknown[], key: string | undefined): unknown {
  if (!key) return patch;
  const merged = [...target];
  for (const item of patch) {
    const index = merged.findIndex((one) => isRecord(one) && isRecord(item) && one[key] === item[key]);
    const removes = isRecord(item) && item.$patch === 'delete';
    if (removes && index >= 0) merged.splice(index, 1);
    else if (!removes && index >= 0) merged[index] = strategicMergePatch(merged[index], item);
    else if (!removes) merged.push(item);
  }
  return merged;
}

/** RFC 6902: add, remove, replace, test. @throws ApiFailure 422 when a step cannot be taken. */
export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  const result: unknown = structuredClone(target);
  for (const step of patch) {
    if (!isRecord(step) || typeof step.path !== 'string') throw badRequest('jsonpatch operation without a path');
    take(result, String(step.op), pointer(step.path), step.value);
  }
  return result;
}

function pointer(path: string): readonly string[] {
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function take(root: unknown, op: string, path: readonly string[], value: unknown): void {
  const last = path.at(-1) ?? '';
  let parent: unknown = root;
  for (const part of path.slice(0, -1))
    parent = isRecord(parent) || Array.isArray(parent) ? Reflect.get(parent, part) : undefined;
  if (Array.isArray(parent)) takeInList(parent, op, last, value);
  else if (!isRecord(parent)) throw refused(op, path);
  else if (op === 'add') parent[last] = value;
  else if (!(last in parent)) throw refused(op, path);
  else if (op === 'replace') parent[last] = value;
  else if (op === 'remove') delete parent[last];
  else if (op === 'test') {
    if (JSON.stringify(parent[last]) !== JSON.stringify(value)) throw refused(op, path);
  } else throw badRequest(`unexpected jsonpatch operation "${op}"`);
}

function takeInList(list: unknown[], op: string, last: string, value: unknown): void {
  const index = last === '-' ? list.length : Number(last);
  if (!Number.isInteger(index) || index < 0 || index > list.length) throw refused(op, [last]);
  if (op === 'add') list.splice(index, 0, value);
  else if (op === 'replace') list[index] = value;
  else if (op === 'remove') list.splice(index, 1);
  else if (JSON.stringify(list[index]) !== JSON.stringify(value)) throw refused(op, [last]);
}

function refused(op: string, path: readonly string[]): ApiFailure {
  return new ApiFailure(
    422,
    'Invalid',
    `the server rejected our request due to an error in our request: ${op} operation does not apply: doc is missing path: "/${path.join('/')}"`,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
