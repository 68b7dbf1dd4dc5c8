import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DIAGNOSTICS } from '../../src/commands/diagnostics.ts';
import { type Bot, openBot } from './bot.ts';
import { builtManifests } from './botAccount.ts';
import { installDefinitions } from './definitions.ts';
import { expectedToFail } from './expected.ts';
import { openTestCluster, type TestCluster } from './testCluster.ts';

const ACCOUNT = 'system:serviceaccount:lambda-responder:lambda-responder';
const OVERLAY = resolve(import.meta.dirname, '../../manifests/overlays/socket-mode');

let cluster: TestCluster;
let bot: Bot;
/** `verb group/resource` of every request so far that the API server authorised or refused. */
let used: ReadonlyMap<string, 'allowed' | 'forbidden'>;
let granted: ReadonlySet<string>;

beforeAll(async () => {
  cluster = await openTestCluster();
  await installDefinitions(cluster.admin);
  bot = await openBot(cluster.bot.kubeconfig);
  // The files before this one asked for what an alert and a person ask for; here every diagnostic is asked once more.
  for (const { name } of DIAGNOSTICS)
    for (const request of [{ namespace: 'default' }, { allNamespaces: true }, { namespace: 'default', name: 'nobody' }])
      await bot.ask({ diagnostic: name, ...request }).catch(() => {});
  used = readUsed();
  granted = readGranted();
  console.log(auditTable());
});
afterAll(async () => {
  await bot.close();
  await cluster.close();
});

test('the bot is refused nothing that it asks for', () => {
  expect([...used].filter(([, outcome]) => outcome === 'forbidden').map(([what]) => what)).toEqual([]);
});

test('everything the bot asks for is granted by the role it ships with', () => {
  expect([...used.keys()].filter((what) => !granted.has(what))).toEqual([]);
});

test('the role grants nothing that the bot never asks for', async () => {
  await expectedToFail('the manifests’ role is generated from what is read', () =>
    expect([...granted].filter((what) => !used.has(what))).toEqual([]),
  );
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
