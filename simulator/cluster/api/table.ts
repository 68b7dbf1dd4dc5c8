import { apiVersionOf, type Kind } from '../kind.ts';
import type { KubeObject } from '../object.ts';

export type Form = 'object' | 'table' | 'metadata';

/** What the client wants to see, from its Accept header: the first form it names that the server has. */
export function formOf(accept: string): Form {
  for (const part of accept.split(',')) {
    if (/as=Table/.test(part) && /g=meta\.k8s\.io/.test(part)) return 'table';
    if (/as=PartialObjectMetadata(List)?/.test(part) && /g=meta\.k8s\.io/.test(part)) return 'metadata';
    if (/^\s*(application\/json|application\/\*|\*\/\*)\s*(;|$)/.test(part)) return 'object';
  }
  return 'object';
}

export function columnDefinitions(kind: Kind): readonly Record<string, unknown>[] {
  return kind.columns.map(({ name, type, format = '', description, priority = 0 }) => ({
    name,
    type,
    format,
    description,
    priority,
  }));
}

/** One row; `include` is the `includeObject` parameter: the whole object, its metadata (default), or nothing. */
export function tableRow(kind: Kind, object: KubeObject, now: number, include: string | null): Record<string, unknown> {
  const conditions = kind.rowConditions?.(object);
  const carried = include === 'Object' ? object : include === 'None' ? null : partial(object);
  return {
    cells: kind.columns.map((column) => column.cell(object, now)),
    ...(conditions ? { conditions } : {}),
    object: carried,
  };
}

export function tableOf(kind: Kind, objects: readonly KubeObject[], now: number, include: string | null) {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: objects[0]?.metadata.resourceVersion ?? '' },
    columnDefinitions: columnDefinitions(kind),
    rows: objects.map((object) => tableRow(kind, object, now, include)),
  };
}

export function partial(object: KubeObject): Record<string, unknown> {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

/** A stored object as its kind shows it. */
export function presented(kind: Kind, stored: KubeObject, now: number): KubeObject {
  return kind.present?.(stored, now) ?? stored;
}

/** Kind and version of a list of these. */
export function listHead(kind: Kind): { kind: string; apiVersion: string } {
  return { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind) };
}
