import { since } from '../age.ts';
import { ageColumn, type Cell, type Column, defineKind, type Kind, nameColumn } from '../kind.ts';
import { dig, type KubeObject, text } from '../object.ts';
import { readPath } from './jsonPath.ts';

/** What a CustomResourceDefinition says of the resource it adds, in the order kubectl prints the columns. */
export interface CustomResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly scope?: 'Namespaced' | 'Cluster';
  /** name, JSON path, and a type when it is not `string`. Empty: kubectl shows the age. */
  readonly columns: readonly (readonly [name: string, jsonPath: string, type?: Column['type'], priority?: number])[];
}

/** The CustomResourceDefinition object itself, as `kubectl get crd -o yaml` shows it. */
export function definitionOf(resource: CustomResource): KubeObject {
  const { group, version, kind, plural, columns, scope = 'Namespaced' } = resource;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: resource.singular ?? kind.toLowerCase(),
        shortNames: resource.shortNames ?? [],
        categories: resource.categories ?? [],
      },
      scope,
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          additionalPrinterColumns: columns.map(([name, jsonPath, type = 'string', priority]) => ({
            name,
            type,
            jsonPath,
            ...(priority ? { priority } : {}),
          })),
        },
      ],
    },
    status: {
      acceptedNames: { kind, plural },
      conditions: [
        { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
        {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        },
      ],
      storedVersions: [version],
    },
  };
}

/** The kinds a CustomResourceDefinition adds, one per served version. Anything that is missing is read as empty. */
export function kindsOf(definition: KubeObject): readonly Kind[] {
  const names = dig(definition, 'spec', 'names');
  const versions = dig(definition, 'spec', 'versions');
  return list(versions).flatMap((version) => {
    const name = text(version, 'name');
    if (!name || dig(version, 'served') === false) return [];
    return [
      defineKind({
        group: text(definition, 'spec', 'group') ?? '',
        version: name,
        kind: text(names, 'kind') ?? '',
        plural: text(names, 'plural') ?? '',
        singular: text(names, 'singular') ?? '',
        shortNames: list(dig(names, 'shortNames')).map(String),
        categories: list(dig(names, 'categories')).map(String),
        namespaced: text(definition, 'spec', 'scope') !== 'Cluster',
        subresources: dig(version, 'subresources', 'status') ? ['status'] : [],
        columns: printerColumns(list(dig(version, 'additionalPrinterColumns'))),
        custom: true,
      }),
    ];
  });
}

function printerColumns(columns: readonly unknown[]): readonly Column[] {
  if (columns.length === 0) return [nameColumn, ageColumn];
  return [nameColumn, ...columns.map(printerColumn)];
}

function printerColumn(column: unknown): Column {
  const path = text(column, 'jsonPath') ?? '';
  const type = text(column, 'type') ?? 'string';
  const priority = Number(dig(column, 'priority') ?? 0);
  return {
    name: text(column, 'name') ?? '',
    // The API server checks that it is one of these when the definition is created.
    type: type as Column['type'],
    ...(priority > 0 ? { priority } : {}),
    description: text(column, 'description') ?? `Custom resource definition column (in JSONPath format): ${path}`,
    cell: (object, now) => cellOf(readPath(object, path)[0], type, now),
  };
}

function cellOf(value: unknown, type: string, now: number): Cell {
  if (value === undefined || value === null) return null;
  if (type === 'date') return since(value, now);
  if (type === 'integer') return typeof value === 'number' ? Math.trunc(value) : null;
  if (type === 'number') return typeof value === 'number' ? value : null;
  if (type === 'boolean') return typeof value === 'boolean' ? value : null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
