import { afterEach, describe, expect, it } from '@jest/globals';
import { startCluster } from '../../../simulator/cluster/start.ts';
import { createMetricStore } from '../../../simulator/metrics/store.ts';
import { clusterFaults } from '../../../simulator/scenarios/clusterFaults.ts';
import type { ScenarioControl } from '../../../simulator/scenarios/control.ts';
import { startScenarioControl } from '../../../simulator/scenarios/control.ts';
import type { Director, DirectorOptions } from '../../../simulator/scenarios/director.ts';
import { createDirector } from '../../../simulator/scenarios/director.ts';
import { ManualClock, RememberedWorld, startReceiver } from './fakes.ts';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function direct(options: Partial<DirectorOptions> = {}) {
  const receiver = await startReceiver();
  const clock = new ManualClock();
  const world = new RememberedWorld();
  const metrics = createMetricStore(clock);
  const director: Director = createDirector({
    world,
    metrics,
    clock,
    webhookUrl: receiver.url,
    webhookToken: 'open-sesame',
    grouping: { groupWaitMs: 5, groupIntervalMs: 5 },
    ...options,
  });
  closers.push(receiver.close, director.close);
  return { receiver, clock, world, metrics, director };
}

describe('director', () => {
  it('plays a stage when its time has come and not before', async () => {
    const { director, clock, world } = await direct();
    director.start('s01');
    expect(world.list({ apiVersion: 'v1', kind: 'Pod' })[0]?.status).toMatchObject({ phase: 'Running' });
    clock.advance(94);
    director.tick();
    expect(world.list({ apiVersion: 'v1', kind: 'Pod' })[0]?.status).toMatchObject({ phase: 'Running' });
    clock.advance(1);
    director.tick();
    expect(world.list({ apiVersion: 'v1', kind: 'Pod' })[0]?.status).toMatchObject({
      phase: 'Failed',
      containerStatuses: [{ state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }],
    });
  });

  it('posts the alert of the shipped rule to the webhook as Alertmanager does', async () => {
    const { director, receiver, world } = await direct();
    director.start('s01', { startedAgo: 120 });
    await director.settled();
    expect(receiver.authorizations[0]).toBe('Bearer open-sesame');
    const payload = receiver.received.find((one) => one.groupKey.includes('KnativeLambdaBuildOOMKilled'));
    const pod = world.list({ apiVersion: 'v1', kind: 'Pod' })[0]?.metadata.name ?? '';
    expect(payload).toMatchObject({ version: '4', status: 'firing', truncatedAlerts: 0 });
    expect(payload?.alerts).toHaveLength(1);
    expect(payload?.alerts[0]).toMatchObject({
      status: 'firing',
      labels: {
        alertname: 'KnativeLambdaBuildOOMKilled',
        namespace: 'knative-lambda-builds',
        pod,
        severity: 'warning',
      },
      startsAt: '2026-02-02T09:59:35.000Z',
      endsAt: '0001-01-01T00:00:00Z',
    });
    expect(payload?.alerts[0]?.annotations.summary).toBe(`Kaniko ran out of memory in ${pod}`);
    // A link that leads nowhere is none: as shipped there is no address.
    expect(payload?.alerts[0]?.annotations.runbook_url).toBeUndefined();
    expect(payload?.alerts[0]?.fingerprint).toMatch(/^[0-9a-f]{16}$/);
  });

  it('delivers again after a 503', async () => {
    const { director, receiver } = await direct();
    receiver.answers.push(503, 503);
    director.start('s01', { startedAgo: 120 });
    await director.settled();
    expect(receiver.received.flatMap((one) => one.alerts)).toHaveLength(2);
    expect(director.problems().join('\n')).toContain('503');
  });

  it('drops what the webhook refuses for good, and says so', async () => {
    const { director, receiver } = await direct();
    receiver.answers.push(400, 400);
    director.start('s01', { startedAgo: 120 });
    await director.settled();
    expect(receiver.received).toHaveLength(0);
    expect(director.problems().join('\n')).toContain('400');
  });

  it('resolves the alerts when the right fix is applied', async () => {
    const { director, receiver, clock, world } = await direct();
    const run = director.start('s01', { startedAgo: 120 });
    await director.settled();
    director.heal(run.id);
    clock.advance(31);
    director.tick();
    await director.settled();
    expect(receiver.received.at(-1)?.status).toBe('resolved');
    expect(director.runs()[0]).toMatchObject({ state: 'healed', firing: 0 });
    const jobs = world.list({ apiVersion: 'batch/v1', kind: 'Job' });
    expect(jobs.map((job) => job.status)).toMatchObject([{ succeeded: 1 }]);
  });

  it('notices the fix in the cluster by itself', async () => {
    const { director, clock, world } = await direct();
    director.start('s01', { startedAgo: 120 });
    const failed = world.list({ apiVersion: 'batch/v1', kind: 'Job' })[0];
    if (!failed) throw new Error('no Job');
    const retry = structuredClone(failed);
    retry.metadata.name = 'image-resizer-build-1';
    retry.spec = JSON.parse(JSON.stringify(retry.spec).replace('"4Gi"', '"6Gi"'));
    world.apply(retry);
    clock.advance(1);
    director.tick();
    expect(director.runs()[0]?.state).toBe('healing');
  });

  it('fails again when nobody fixes it', async () => {
    const { director, clock, world } = await direct();
    director.start('s01');
    clock.advance(1000);
    director.tick();
    const failed = world
      .list({ apiVersion: 'batch/v1', kind: 'Job' })
      .filter((job) => JSON.stringify(job.status).includes('BackoffLimitExceeded'));
    expect(failed).toHaveLength(2);
  });

  it('puts the world back when the run is ended', async () => {
    const { director, receiver, world, metrics, clock } = await direct();
    const run = director.start('s01', { startedAgo: 120 });
    await director.settled();
    director.end(run.id);
    await director.settled();
    expect(world.objects.size).toBe(0);
    expect(receiver.received.filter((one) => one.status === 'resolved')).toHaveLength(2);
    const oom = metrics.series('kube_pod_container_status_terminated_reason')[0];
    expect(oom?.valueAt(clock.now() - 1000)).toBe(1);
    expect(oom?.valueAt(clock.now())).toBeUndefined();
  });

  it('marks the alerts of a drill', async () => {
    const { director, receiver } = await direct();
    director.start('s01', { startedAgo: 120, drill: true });
    await director.settled();
    expect(receiver.received.every((one) => one.alerts.every((alert) => alert.labels.drill === 'true'))).toBe(true);
  });

  it('keeps the position when the speed changes', async () => {
    const { director, clock } = await direct();
    director.start('s01', { speed: 10 });
    clock.advance(5);
    director.speed(1);
    clock.advance(5);
    expect(director.runs()[0]).toMatchObject({ position: 55, speed: 1 });
  });

  it('names the known scenarios when asked for an unknown one', async () => {
    const { director } = await direct();
    expect(() => director.start('nope')).toThrow(/no scenario nope; known: s01-kaniko-oomkilled, s02/);
  });
});

describe('scenario control', () => {
  async function control(): Promise<ScenarioControl> {
    const { director } = await direct();
    const server = await startScenarioControl(director);
    closers.push(server.close);
    return server;
  }
  const post = (url: string, body?: unknown) =>
    fetch(url, { method: 'POST', ...(body === undefined ? {} : { body: JSON.stringify(body) }) });

  it('starts, speeds up and ends a scenario over HTTP', async () => {
    const { url } = await control();
    const { scenarios } = await (await fetch(`${url}/scenarios`)).json();
    expect(scenarios[0]).toMatchObject({ id: 's01-kaniko-oomkilled', title: 'Kaniko build OOMKilled' });
    const started = await post(`${url}/scenarios/s01/start`, { drill: true, speed: 5, startedAgo: 60 });
    expect(started.status).toBe(201);
    const { run } = await started.json();
    expect(run).toMatchObject({ drill: true, speed: 5, state: 'running' });
    expect((await post(`${url}/speed`, { factor: 20 })).status).toBe(200);
    expect((await post(`${url}/runs/${run.id}/end`)).status).toBe(200);
    const { runs } = await (await fetch(`${url}/runs`)).json();
    expect(runs[0]).toMatchObject({ id: run.id, state: 'ended', speed: 20 });
  });

  it('makes the cluster misbehave, and behave again', async () => {
    const cluster = await startCluster();
    closers.push(cluster.close);
    const { director } = await direct();
    const faults = clusterFaults(cluster.world.faults, Date.now);
    const server = await startScenarioControl(director, { faults });
    closers.push(server.close);
    const pods = async () => (await fetch(`${cluster.url}/api/v1/pods`)).status;
    const fault = { kind: 'status', code: 503, resource: 'pods' };
    expect((await post(`${server.url}/faults`, fault)).status).toBe(201);
    expect(await pods()).toBe(503);
    expect(await (await fetch(`${server.url}/faults`)).json()).toEqual({ faults: [fault] });
    expect((await fetch(`${server.url}/faults`, { method: 'DELETE' })).status).toBe(200);
    expect(await pods()).toBe(200);
    const refused = await post(`${server.url}/faults`, { kind: 'latency', ms: -1 });
    expect({ status: refused.status, body: await refused.text() }).toMatchObject({
      status: 400,
      body: expect.stringContaining('at ms'),
    });
  });

  it('obeys no page of another site', async () => {
    const { url } = await control();
    const start = (origin: string) => fetch(`${url}/scenarios/s01/start`, { method: 'POST', headers: { origin } });
    expect((await start('https://evil.example')).status).toBe(403);
    expect((await (await fetch(`${url}/runs`)).json()).runs).toEqual([]);
    expect((await start('http://127.0.0.1:3000')).status).toBe(201);
  });

  it('answers bad requests with the reason', async () => {
    const { url } = await control();
    expect((await post(`${url}/scenarios/nope/start`)).status).toBe(404);
    expect((await post(`${url}/runs/nope/end`)).status).toBe(404);
    expect(await (await post(`${url}/scenarios/s01/start`, { speed: -1 })).json()).toEqual({
      error: 'speed must be between 0.1 and 1000, not -1',
    });
    expect((await fetch(`${url}/speed`, { method: 'POST', body: '{' })).status).toBe(400);
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
  });
});
