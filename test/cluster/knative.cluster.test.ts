import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { renderSnippet } from '../../src/playbooks/template.ts';
import { alert, delivery, type Product, startProduct, until } from '../acceptance/product.ts';
import type { KubeObject } from './apiClient.ts';
import { type Bot, openBot } from './bot.ts';
import { type ImageRegistry, startImageRegistry } from './imageRegistry.ts';
import { type Knative, startKnative } from './knative.ts';
import { kubectlOf, type Ran } from './kubectl.ts';
import type { Place } from './place.ts';
import { createNamespace, eventually } from './player.ts';
import { openRealPlace } from './realPlace.ts';
import { firstLookAt } from './thread.ts';
import { askTraffic, outcomeOf, TRAFFIC } from './traffic.ts';

const NAMESPACE = 'real-functions';
const RUNBOOK = resolve(import.meta.dirname, '../../runbooks/knative-serving/KnativeServingRevisionFailed.md');
const GROUP = `/apis/serving.knative.dev/v1/namespaces/${NAMESPACE}`;

let place: Place;
let registry: ImageRegistry;
let knative: Knative;
let bot: Bot;
let product: Product;
let folder: string;
let kubectl: (...args: readonly string[]) => Promise<Ran>;

beforeAll(async () => {
  place = await openRealPlace();
  registry = await startImageRegistry(['fn/hello:1', 'fn/hello:2']);
  knative = await startKnative(place);
  await createNamespace(place, NAMESPACE);
  folder = mkdtempSync(join(tmpdir(), 'knative-test-'));
  kubectl = kubectlOf(place.adminKubeconfig);
  bot = await openBot(place.botKubeconfig);
  product = await startProduct({ KUBECONFIG: place.botKubeconfig, PROMETHEUS_URL: 'none' });
}, 240_000);
afterAll(async () => {
  await product?.close();
  await bot?.close();
  // While its controller is there to let go of what it holds.
  await place?.api.call('DELETE', `/api/v1/namespaces/${NAMESPACE}`);
  if (knative)
    await eventually(
      'the functions to be gone',
      async () => (await place.api.call('GET', `/api/v1/namespaces/${NAMESPACE}`)).status === 404,
    ).catch(() => {});
  await knative?.stop();
  await registry?.close();
  await place?.close();
  if (folder) rmSync(folder, { recursive: true });
});

/** A manifest as a person writes it, applied by kubectl. */
async function applied(name: string, image: string, traffic?: readonly object[]): Promise<Ran> {
  const file = join(folder, `${name}.yaml`);
  const spec = { template: { spec: { containers: [{ image: `${registry.host}/${image}` }] } } };
  const service = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', metadata: { name, namespace: NAMESPACE } };
  writeFileSync(file, stringify({ ...service, spec: { ...spec, ...(traffic ? { traffic } : {}) } }));
  return kubectl('apply', '-f', file);
}

const get = (plural: string, name: string): Promise<KubeObject> => place.api.json('GET', `${GROUP}/${plural}/${name}`);

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}
const conditionOf = (object: KubeObject, type: string): Condition | undefined =>
  object.status?.conditions?.find((one: Condition) => one.type === type);

/** Waits for a condition that has been decided, and answers it. */
async function decided(plural: string, name: string, type: string, status: string): Promise<Condition> {
  let found: Condition | undefined;
  await eventually(`${type} of ${plural}/${name} to be ${status}`, async () => {
    const { text } = await place.api.call('GET', `${GROUP}/${plural}/${name}`);
    found = conditionOf(JSON.parse(text), type);
    return found?.status === status;
  }).catch(async (thrown) => {
    const object = (await place.api.call('GET', `${GROUP}/${plural}/${name}`)).text;
    throw new Error(`${String(thrown)}\n${object}\n${knative.output()}`);
  });
  if (!found) throw new Error(`no ${type}`);
  return found;
}

const hello = () => applied('hello', 'fn/hello:1');
const PINNED = /All traffic of hello is pinned to hello-00001.*hello-00002/;

test('a Knative Service made with kubectl becomes a Configuration, a Revision with its Deployment and pod, and a Route', async () => {
  expect(await hello()).toMatchObject({ code: 0 });
  await decided('services', 'hello', 'Ready', 'True');
  const { stdout } = await kubectl('get', 'configuration,revision,route', '-n', NAMESPACE, '-o', 'name');
  expect(stdout.trim().split('\n').toSorted()).toEqual([
    'configuration.serving.knative.dev/hello',
    'revision.serving.knative.dev/hello-00001',
    'route.serving.knative.dev/hello',
  ]);
  const answer = await bot.ask({ diagnostic: 'function', namespace: NAMESPACE, name: 'hello' });
  const rows = answer.table?.rows.map((row) => row.slice(0, 2)) ?? [];
  for (const name of ['ksvc/hello', 'config/hello', 'route/hello', 'rev/hello-00001'])
    expect(rows).toContainEqual([name, 'True']);
  expect(JSON.stringify(rows)).toMatch(/pod\/hello-00001-deployment-/);
  expect(answer.findings.filter(({ level }) => level === 'critical' || level === 'warning')).toEqual([]);
});

test('kubectl shows what the webhook refuses, in its own words', async () => {
  const { code, stderr } = await applied('hello', 'fn/hello:1', [{ latestRevision: true, percent: 90 }]);
  expect(code).not.toBe(0);
  expect(stderr).toContain('Error from server (BadRequest)');
  expect(stderr).toContain(
    'admission webhook "validation.webhook.serving.knative.dev" denied the request: validation failed: Traffic targets sum to 90, want 100: spec.traffic',
  );
});

test('the rollback of the runbook is let through, and all traffic goes to the revision it names', async () => {
  expect(await hello()).toMatchObject({ code: 0 });
  await decided('services', 'hello', 'Ready', 'True');
  expect(await applied('hello', 'fn/hello:2')).toMatchObject({ code: 0 });
  await eventually('the second revision to serve', async () => {
    const { traffic } = (await get('services', 'hello')).status;
    return JSON.stringify(traffic).includes('hello-00002');
  });
  // As the product fills it in for an alert about the function.
  const runbook = renderSnippet(readFileSync(RUNBOOK, 'utf8'), { function: 'hello', namespace: NAMESPACE });
  const line = /kubectl (patch ksvc .*)/.exec(runbook)?.[1]?.replace('"OLD"', '"hello-00001"') ?? '';
  const command = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  expect(await kubectl(...command)).toMatchObject({ code: 0, stdout: expect.stringContaining('patched') });
  await eventually('the first revision to serve', async () => {
    const { traffic } = (await get('services', 'hello')).status;
    return traffic.length === 1 && traffic[0].revisionName === 'hello-00001' && traffic[0].percent === 100;
  });
  let conclusions = '';
  // Its controllers write several objects, one after the other.
  await eventually('the diagnosis to name the pin', async () => {
    const { findings } = await bot.ask({ diagnostic: 'function', namespace: NAMESPACE, name: 'hello' });
    conclusions = findings.map(({ conclusion }) => conclusion).join('\n');
    return PINNED.test(conclusions);
  }).catch(() => {});
  expect(conclusions).toMatch(PINNED);
});

test.each(TRAFFIC)('traffic as Knative takes it: $name', async ({ asked, refused, shares, told }) => {
  const { status, text } = await askTraffic(place.api, NAMESPACE, asked);
  expect({ status, message: JSON.parse(text).message }).toEqual({ status: refused ? 400 : 200, message: refused });
  if (refused) return;
  const wanted = told ? { told } : { shares };
  let seen: unknown;
  await eventually('the controller to follow', async () => {
    seen = outcomeOf((await get('services', 'hello')).status);
    return isDeepStrictEqual(seen, wanted);
  }).catch(() => {});
  expect(seen).toEqual(wanted);
});

test('traffic to a revision that does not exist is told by the diagnosis as the Route tells it', async () => {
  const lost = [{ revisionName: 'lost-00007', percent: 100 }];
  expect(await applied('lost', 'fn/hello:1', lost)).toMatchObject({ code: 0 });
  const said = 'Revision "lost-00007" referenced in traffic not found.';
  expect(await decided('services', 'lost', 'RoutesReady', 'False')).toMatchObject({
    reason: 'RevisionMissing',
    message: said,
  });
  const answer = await bot.ask({ diagnostic: 'function', namespace: NAMESPACE, name: 'lost' });
  expect(answer.findings[0]).toMatchObject({
    level: 'critical',
    conclusion: expect.stringContaining(said.slice(0, -1)),
  });
});

const UNRESOLVED = [
  ['absent', 'fn/absent:1', /404 Not Found/],
  ['secret', 'private/secret:1', /UNAUTHORIZED|401 Unauthorized/],
] as const;

test.each(UNRESOLVED)(
  'an image whose digest cannot be resolved is told by the Revision, and by the diagnosis: %s',
  async (name, path, why) => {
    const image = `${registry.host}/${path}`;
    expect(await applied(name, path)).toMatchObject({ code: 0 });
    const told = await decided('revisions', `${name}-00001`, 'Ready', 'False');
    expect(told).toMatchObject({ reason: 'ContainerMissing', message: expect.stringMatching(why) });
    expect(told.message).toContain(`Unable to fetch image "${image}": failed to resolve image to digest`);
    await decided('services', name, 'Ready', 'False');
    const { findings } = await bot.ask({ diagnostic: 'function', namespace: NAMESPACE, name });
    expect(findings[0]?.conclusion).toContain(`cannot resolve the image ${image} to a digest`);
    expect(findings[0]?.conclusion).toMatch(why);
  },
);

test('the first look of an alert by webhook names the image whose digest Knative cannot resolve', async () => {
  const [name, path, why] = UNRESOLVED[0];
  const labels = { severity: 'critical', namespace: NAMESPACE, service_name: name };
  expect(await product.deliver(delivery([alert('KnativeServiceNotReady', labels)]))).toBe(200);
  const look = await until('the first look', () => firstLookAt(product, name), 40);
  expect(look).toContain(`cannot resolve the image ${registry.host}/${path} to a digest`);
  expect(look).toMatch(why);
});
