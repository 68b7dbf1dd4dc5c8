import { since } from './age.ts';
import type { KubeObject } from './object.ts';

export type Cell = string | number | boolean | null;

/** One column of the table the server prints (`kubectl get`); priority above 0 is shown by `-o wide` only. */
export interface Column<T = KubeObject> {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly priority?: number;
  readonly description: string;
  readonly cell: (object: T, now: number) => Cell;
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** One resource the API serves. */
export interface Kind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly columns: readonly Column[];
  readonly subresources: readonly ('status' | 'scale' | 'log')[];
  /** Fields a field selector may name, beside `metadata.name` and `metadata.namespace`. */
  readonly fields?: (object: KubeObject) => Readonly<Record<string, string>>;
  /** Kinds that are two views of the same objects (core and events.k8s.io events) share a storage. */
  readonly storage: string;
  /** How a stored object looks through this kind. */
  readonly present?: (stored: KubeObject, now: number) => KubeObject;
  /** The `Completed` row condition some tables carry. */
  readonly rowConditions?: (object: KubeObject) => readonly Record<string, unknown>[] | undefined;
  /** Served by a CustomResourceDefinition. */
  readonly custom: boolean;
}

const READ_WRITE: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

export const READ_ONLY: readonly Verb[] = ['get', 'list'];

type Draft<T> = Partial<Omit<Kind, 'columns' | 'fields' | 'rowConditions'>> &
  Pick<Kind, 'version' | 'kind' | 'plural'> & {
    readonly columns?: readonly Column<T>[];
    readonly fields?: (object: T) => Readonly<Record<string, string>>;
    readonly rowConditions?: (object: T) => readonly Record<string, unknown>[] | undefined;
  };

/** Completes the description of a resource; `T` is the type its columns read. */
export function defineKind<T = KubeObject>(draft: Draft<T>): Kind {
  const group = draft.group ?? '';
  const whole = {
    singular: draft.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced: true,
    verbs: READ_WRITE,
    subresources: [],
    storage: group ? `${draft.plural}.${group}` : draft.plural,
    custom: false,
    ...draft,
    group,
    columns: draft.columns ?? [nameColumn, createdAtColumn],
  };
  // The world stores JSON; the columns rely on its having the shape `T` of its own kind.
  return whole as unknown as Kind;
}

/** The fields of every object, whichever type describes it. */
export interface Named {
  readonly metadata?: { readonly name?: string; readonly creationTimestamp?: string };
}

export const nameColumn: Column<Named> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name must be unique within a namespace.',
  cell: (object) => object.metadata?.name ?? '',
};

export const ageColumn: Column<Named> = {
  name: 'Age',
  type: 'string',
  description: 'CreationTimestamp is a timestamp representing the server time when this object was created.',
  cell: (object, now) => since(object.metadata?.creationTimestamp, now),
};

/** The columns of kinds without their own. */
const createdAtColumn: Column<Named> = {
  name: 'Created At',
  type: 'date',
  description: 'CreationTimestamp is a timestamp representing the server time when this object was created.',
  cell: (object) => object.metadata?.creationTimestamp ?? null,
};

type Extra = { readonly type?: Column['type']; readonly wide?: boolean; readonly description?: string };

/** A column in one line. */
export function column<T>(name: string, cell: (object: T, now: number) => Cell, extra: Extra = {}): Column<T> {
  return {
    name,
    type: extra.type ?? 'string',
    ...(extra.wide ? { priority: 1 } : {}),
    description: extra.description ?? '',
    cell,
  };
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(kind: Pick<Kind, 'group' | 'version'>): string {
  return kind.group ? `${kind.group}/${kind.version}` : kind.version;
}
