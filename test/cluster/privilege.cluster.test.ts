import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { PROFILES } from '../../src/alerts/profile.ts';
import { DIAGNOSTICS } from '../../src/commands/diagnostics.ts';
import { ResponderError } from '../../src/errors.ts';
import type { ObjectName } from '../../src/incidents/evidence.ts';
import { type ClusterAccess, openCluster } from '../../src/k8s/client/cluster.ts';
import { NAMED } from '../../src/k8s/facts/reads.ts';
import { targetOfQuestion } from '../../src/k8s/facts/target.ts';
import { lookAt } from '../../src/k8s/look/look.ts';
import { KINDS } from '../../src/k8s/subjects/kinds.ts';
import { named } from '../../src/k8s/subjects/object.ts';
import { createLogger } from '../../src/logger.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { MERGE } from './apiClient.ts';
import { openBot } from './bot.ts';
import { builtManifests } from './botAccount.ts';
import { installDefinitions } from './definitions.ts';
import { create, createNamespace, deployment, eventually } from './player.ts';
import { openTestCluster, type TestCluster } from './testCluster.ts';

const ACCOUNT = 'system:serviceaccount:lambda-responder:lambda-responder';
const PLACE = 'privilege';
const OVERLAY = resolve(import.meta.dirname, '../../manifests/overlays/socket-mode');

let cluster: TestCluster;
/** `verb group/resource` of every request so far that the API server authorised or refused. */
let used: ReadonlyMap<string, 'allowed' | 'forbidden'>;
let granted: ReadonlySet<string>;

beforeAll(async () => {
  cluster = await openTestCluster();
  await installDefinitions(cluster.admin);
  await makeSomethingToRead();
  // The second generation's platform reads all that the first does, and LambdaFunctions.
  const folder = mkdtempSync(join(tmpdir(), 'privilege-'));
  writeFileSync(join(folder, 'responder.yaml'), 'profile: operator\n');
  const bot = await openBot(cluster.bot.kubeconfig, { RESPONDER_CONFIG: join(folder, 'responder.yaml') });
  const names = [null, 'talker', 'hello', 'job/none', 'statefulset/none', 'daemonset/none', 'deployment/none'];
  for (const { name: diagnostic } of DIAGNOSTICS)
    for (const request of [{ allNamespaces: true }, ...names.map((name) => ({ namespace: PLACE, name }))])
      await bot.ask({ diagnostic, ...request }).catch(() => {});
  for (const kind of ['pod', 'job', 'function', 'namespace'] as const)
    await bot.diagnostics.names(kind, PLACE, AbortSignal.timeout(60_000));
  await bot.close();
  await lookAtEveryKind();
  rmSync(folder, { recursive: true });
  used = readUsed();
  granted = readGranted();
  console.log(auditTable());
});
afterAll(() => cluster.close());

/** A pod with a log, refused pods, an Ingress, and a function with a Revision that serves. */
async function makeSomethingToRead(): Promise<void> {
  const { admin } = cluster;
  await createNamespace({ api: admin }, PLACE);
  const pods = `/api/v1/namespaces/${PLACE}/pods`;
  const spec = { containers: [{ name: 'main', image: 'registry.example/talker:1' }] };
  await admin.json('POST', pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'talker' }, spec });
  await eventually('the pod runs', async () => (await admin.json('GET', `${pods}/talker`)).status?.phase === 'Running');
  await create(
    { api: admin },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'small', namespace: PLACE },
      spec: { limits: [{ type: 'Container', max: { memory: '1Gi' } }] },
    },
  );
  const container = { resources: { limits: { memory: '2Gi' } } };
  await create({ api: admin }, deployment({ namespace: PLACE, name: 'large', container }));
  // What is asked for only where something speaks of it: accounts, and classes of Ingresses.
  await create({ api: admin }, deployment({ namespace: PLACE, name: 'nobody', pod: { serviceAccountName: 'none' } }));
  const backend = { service: { name: 'hello', port: { number: 80 } } };
  const web = { name: 'web', namespace: PLACE };
  await create(
    { api: admin },
    { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: web, spec: { defaultBackend: backend } },
  );
  const events = `/api/v1/namespaces/${PLACE}/events?fieldSelector=type%3DWarning`;
  for (const refusal of ['maximum memory usage', 'error looking up service account'])
    await eventually(`an event of “${refusal}”`, async () =>
      JSON.stringify(await admin.json('GET', events)).includes(refusal),
    );
  const services = `/apis/serving.knative.dev/v1/namespaces/${PLACE}/services`;
  const service = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', metadata: { name: 'hello' }, spec: {} };
  await admin.json('POST', services, service);
  const status = { traffic: [{ revisionName: 'hello-00001', percent: 100 }] };
  await admin.json('PATCH', `${services}/hello/status`, { status }, MERGE);
}

/**
 * Looks at objects of every kind that an alert can name, behind lists too long to be read whole: each is asked for by its name.
 */
async function lookAtEveryKind(): Promise<void> {
  const log = createLogger({ level: 'silent' });
  const kubeconfig = cluster.bot.kubeconfig;
  const own = { name: 'test', context: null, simulated: false, redactor: createRedactor(), clock: Date.now, log };
  const access = openCluster({ kubeconfig, ...own });
  const about = (objects: readonly ObjectName[]) =>
    lookAt({
      cluster: withLongLists(access),
      target: targetOfQuestion({ namespace: PLACE, objects, name: null, now: Date.now(), startedAt: null }),
      profile: PROFILES.operator,
      now: Date.now(),
      priority: 'automatic',
      signal: AbortSignal.timeout(60_000),
    });
  const all = NAMED.map((kind) =>
    named(kind, { namespace: KINDS[kind].resource.namespaced ? PLACE : null, name: 'one-of-many' }),
  );
  for (let from = 0; from < all.length; from += 5) await about(all.slice(from, from + 5));
  await access.close();
}

/** Every list goes on after what was read of it, as long lists do: a part decides nothing, so objects are asked for by name. */
function withLongLists(access: ClusterAccess): ClusterAccess {
  const page = z.looseObject({ kind: z.string(), metadata: z.looseObject({}).optional() });
  return {
    ...access,
    async json(read) {
      const { continue: next, ...query } = read.query ?? {};
      if (next) throw new ResponderError('gone', 'the page has expired');
      const answer = await access.json({ ...read, query });
      const list = page.safeParse(answer).data;
      if (!list || !/Table|List$/.test(list.kind) || read.query?.includeObject === 'Metadata') return answer;
      return { ...list, metadata: { ...list.metadata, continue: 'more', remainingItemCount: 600 } };
    },
  };
}

test('the bot is refused nothing that it asks for', () => {
  expect([...used].filter(([, outcome]) => outcome === 'forbidden').map(([what]) => what)).toEqual([]);
});

test('everything the bot asks for is granted by the role it ships with', () => {
  expect([...used.keys()].filter((what) => !granted.has(what))).toEqual([]);
});

test('the role grants nothing that the bot never asks for', () => {
  expect([...granted].filter((what) => !used.has(what))).toEqual([]);
});

interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly apiGroup?: string; readonly resource?: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code: number };
}

function readUsed(): ReadonlyMap<string, 'allowed' | 'forbidden'> {
  const found = new Map<string, 'allowed' | 'forbidden'>();
  for (const line of readFileSync(cluster.auditLog, 'utf8').split('\n')) {
    if (!line.includes(ACCOUNT)) continue;
    // The API server writes whole events, a line each; the last may be under way.
    const event: AuditEvent | null = line.endsWith('}') ? JSON.parse(line) : null;
    const { resource, subresource, apiGroup = '' } = event?.objectRef ?? {};
    if (!event || event.user.username !== ACCOUNT || !resource) continue;
    const what = `${event.verb} ${apiGroup}/${resource}${subresource ? `/${subresource}` : ''}`;
    const outcome = event.responseStatus?.code === 403 ? 'forbidden' : 'allowed';
    if (found.get(what) !== 'forbidden') found.set(what, outcome);
  }
  return found;
}

function readGranted(): ReadonlySet<string> {
  const rules = builtManifests(OVERLAY)
    .filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role')
    .flatMap((role) => role.rules as { apiGroups?: string[]; resources?: string[]; verbs: string[] }[]); // RBAC's own shape.
  return new Set(
    rules.flatMap(({ apiGroups = [], resources = [], verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
      ),
    ),
  );
}

/** `resource  used verbs  granted, not used`, for who reads the run's output. */
function auditTable(): string {
  const all = [...new Set([...used.keys(), ...granted].map((what) => what.split(' ')[1] ?? ''))].toSorted();
  const verbs = (from: Iterable<string>, resource: string) =>
    [...from].filter((what) => what.endsWith(` ${resource}`)).map((what) => what.split(' ')[0] ?? '');
  const rows = all.map((resource) => {
    const asked = verbs(used.keys(), resource);
    const idle = verbs(granted, resource).filter((verb) => !asked.includes(verb));
    return `${resource.padEnd(58)} ${asked.join(',').padEnd(16)} ${idle.join(',')}`;
  });
  return [`${'resource'.padEnd(58)} ${'used'.padEnd(16)} granted, not used`, ...rows].join('\n');
}
