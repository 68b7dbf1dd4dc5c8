import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { clusterRoleText, privilegeRows } from '../../manifests/rbac/clusterRole.ts';
import { pathOf, READS, RESOURCES, type ReadVerb } from '../../src/k8s/client/resources.ts';
import { LISTED, NAMED } from '../../src/k8s/facts/reads.ts';
import { KINDS, type Kind } from '../../src/k8s/subjects/kinds.ts';
import { everyReading, type Reading } from './reading.ts';

const ROOT = join(import.meta.dirname, '../..');
const SHIPPED = join(ROOT, 'manifests/base/clusterrole.yaml');

const role = z.object({
  kind: z.literal('ClusterRole'),
  rules: z.array(
    z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) }),
  ),
});

/** `pods list`, `pods/log get`, `services.serving.knative.dev list`: as RBAC sees a read. */
function seenByRbac(path: readonly string[]): string {
  const inGroup = path[0] === 'apis';
  const rest = path.slice(inGroup ? 3 : 2);
  const [kind, name, part] = rest[0] === 'namespaces' && rest.length > 2 ? rest.slice(2) : rest;
  return `${kind}${inGroup ? `.${path[1]}` : ''}${part ? `/${part}` : ''} ${name === undefined ? 'list' : 'get'}`;
}

/** The row of RESOURCES a path belongs to, and the verb. */
function read(path: readonly string[]): { readonly kind: string; readonly verb: ReadVerb } {
  const of = seenByRbac(path).replace('/log', '');
  const kind = Object.entries(RESOURCES).find(
    ([, resource]) => seenByRbac(pathOf(resource, null)).split(' ')[0] === of.split(' ')[0],
  )?.[0];
  return {
    kind: kind ?? `none of RESOURCES: ${path.join('/')}`,
    verb: path.at(-1) === 'log' ? 'log' : of.endsWith(' get') ? 'get' : 'list',
  };
}

/** As READS has it, so that what differs can be copied there. */
function tableOf(readings: readonly Reading[]): Record<string, Partial<Record<ReadVerb, readonly string[]>>> {
  const all = Map.groupBy(readings, ({ by }) => by);
  return Object.fromEntries(
    [...all].map(([by, own]) => {
      const verbs = Map.groupBy(
        own.map(({ path }) => read(path)),
        ({ verb }) => verb,
      );
      return [
        by,
        Object.fromEntries(
          [...verbs].map(([verb, kinds]) => [verb, [...new Set(kinds.map(({ kind }) => kind))].toSorted()]),
        ),
      ];
    }),
  );
}

/** A path that is read with this verb. */
function pathFor(verb: string, kind: keyof typeof RESOURCES): readonly string[] {
  const of = RESOURCES[kind];
  const place = of.namespaced ? 'shop' : null;
  return verb === 'list' ? pathOf(of, place) : [...pathOf(of, place, 'one'), ...(verb === 'log' ? ['log'] : [])];
}

/** What they read depends on what they find; what they may ask for is a type. */
const LOOKS = ['first look', 'diag all'] as const;

describe('the permissions of the responder', () => {
  let readings: readonly Reading[];
  beforeAll(async () => {
    readings = await everyReading();
  }, 240_000);

  test('are what is read: each diagnostic’s row of READS names what it reads and nothing else', () => {
    const sorted: Record<string, unknown> = Object.fromEntries(
      Object.entries(READS).map(([by, verbs]) => [
        by,
        Object.fromEntries(Object.entries(verbs).map(([verb, kinds]) => [verb, kinds.toSorted()])),
      ]),
    );
    const read = tableOf(readings);
    for (const look of [...LOOKS, 'diag describe']) {
      delete sorted[look];
      delete read[look];
    }
    expect(sorted).toEqual(read);
  });

  test('of a look are what its code may ask for by type, and everything that a look read is among them', () => {
    const plural = (kind: Kind) =>
      Object.entries(RESOURCES).find(([, one]) => one === KINDS[kind].resource)?.[0] ?? kind;
    for (const look of LOOKS) {
      const row = READS[look];
      expect(row?.list?.toSorted()).toEqual([...LISTED.map(plural), 'podMetrics', 'nodeMetrics'].toSorted());
      expect(row?.get?.toSorted()).toEqual(NAMED.map(plural).toSorted());
      const own = readings.filter(({ by }) => by === look).map(({ path }) => read(path));
      expect(own.length).toBeGreaterThan(10);
      expect(own.filter(({ kind, verb }) => !row?.[verb]?.some((one) => one === kind))).toEqual([]);
    }
  });

  test('of describe are those of a look, and the list of every kind', () => {
    const row = READS['diag describe'];
    const all = Object.entries(RESOURCES).filter(([, one]) =>
      Object.values(KINDS).some(({ resource }) => resource === one),
    );
    expect(row?.list?.toSorted()).toEqual([...all.map(([plural]) => plural), 'podMetrics', 'nodeMetrics'].toSorted());
    expect(row?.get).toEqual(READS['diag all']?.get);
    const own = readings.filter(({ by }) => by === 'diag describe').map(({ path }) => read(path));
    expect(own.filter(({ kind, verb }) => !row?.[verb]?.some((one) => one === kind))).toEqual([]);
  });

  test('allow every read, and each of them is used', () => {
    const documents = parseAllDocuments(readFileSync(SHIPPED, 'utf8')).map((one) => one.toJS() as unknown);
    const { rules } = role.parse(documents[0]);
    const allowed = rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => {
          const [kind, part] = resource.split('/');
          return verbs.map((verb) => `${kind}${group ? `.${group}` : ''}${part ? `/${part}` : ''} ${verb}`);
        }),
      ),
    );
    const granted = Object.values(READS).flatMap((verbs) =>
      Object.entries(verbs).flatMap(([verb, kinds]) => kinds.map((kind) => seenByRbac(pathFor(verb, kind)))),
    );
    expect(allowed.toSorted()).toEqual([...new Set(granted)].toSorted());
    expect(readings.map(({ path }) => seenByRbac(path)).filter((one) => !allowed.includes(one))).toEqual([]);
    expect(allowed.join()).not.toMatch(/secrets|configmaps|roles|\*|watch/);
  });
});

test('every kind that can be read is read by somebody', () => {
  const used = new Set(Object.values(READS).flatMap((verbs) => Object.values(verbs).flat()));
  expect(Object.keys(RESOURCES).filter((kind) => !used.has(kind as keyof typeof RESOURCES))).toEqual([]); // its own keys
});

test('neither Secrets, ConfigMaps nor Roles can be read', () => {
  const plurals = Object.values(RESOURCES).map(({ plural }) => String(plural));
  expect(plurals.filter((plural) => /secret|configmap|role/.test(plural))).toEqual([]);
});

test('no path of the API is written by hand: what is not a row of RESOURCES cannot be read', () => {
  // readInWords.ts and snapshot.ts only take paths apart.
  const files = globSync('src/**/*.ts', { cwd: ROOT }).filter(
    (file) => !/k8s\/(.*\/)?(resources|readInWords|snapshot)\.ts$/.test(file),
  );
  expect(files.length).toBeGreaterThan(200);
  const offenders = files.filter((file) =>
    /'apis'|'api',\s*'v\d|as unknown as Resource|as Resource\b/.test(readFileSync(join(ROOT, file), 'utf8')),
  );
  expect(offenders).toEqual([]);
});

test('the shipped ClusterRole is the generated one: npm run manifests', () => {
  expect(readFileSync(SHIPPED, 'utf8')).toBe(clusterRoleText());
});

test('the table of verbs and resources in docs/control-plane.md is that of the role: npm run manifests', () => {
  const page = readFileSync(join(ROOT, 'docs/control-plane.md'), 'utf8');
  expect(page).toContain(`|---|---|---|\n${privilegeRows()}\n`);
});
