import { afterEach, describe, expect, test } from '@jest/globals';
import { installPlatform } from '../../../simulator/cluster/healthyPlatform.ts';
import { type Cluster, startCluster } from '../../../simulator/cluster/start.ts';
import { PROFILES } from '../../../src/alerts/profile.ts';
import { type Answered, callerOf, rowsOf, TABLE } from './caller.ts';

let cluster: Cluster;
afterEach(() => cluster.close());

describe.each(['builder', 'operator'] as const)('the %s platform', (profile) => {
  const names = PROFILES[profile];
  let call: (path: string, init?: RequestInit & { accept?: string }) => Promise<Answered>;
  const start = async () => {
    cluster = await startCluster({ profile });
    installPlatform(cluster.world, { profile, now: Date.now() });
    call = callerOf(cluster);
  };
  const table = async (path: string) => rowsOf(await call(path, { accept: TABLE }));

  test('has every namespace the profile reads', async () => {
    await start();
    const namespaces = (await table('/api/v1/namespaces')).map((row) => row.Name);
    expect(namespaces).toEqual(expect.arrayContaining([...names.namespaces]));
  });

  test('is healthy: pods run or completed, Deployments are complete, functions are ready', async () => {
    await start();
    const pods = await table('/api/v1/pods');
    expect(pods.length).toBeGreaterThan(30);
    expect(new Set(pods.map((row) => row.Status))).toEqual(new Set(['Running', 'Completed']));
    for (const row of await table('/apis/apps/v1/deployments')) expect(String(row.Ready)).toMatch(/^(\d+)\/\1$/);
    const functions = await table(`/apis/serving.knative.dev/v1/services`);
    expect(functions).toHaveLength(5);
    expect(functions.every((row) => row.Ready === 'True')).toBe(true);
    expect((await table('/apis/operator.knative.dev/v1beta1/knativeservings')).map((row) => row.Ready)).toEqual([
      'True',
    ]);
  });

  test('the control plane is found by its selector, logs in its container, and is measured', async () => {
    await start();
    const selector = encodeURIComponent(names.controlSelector);
    const pods = await call(`/api/v1/namespaces/${names.controlNamespace}/pods?labelSelector=${selector}`);
    expect(pods.body.items).toHaveLength(2);
    const name = pods.body.items[0].metadata.name;
    const log = await call(
      `/api/v1/namespaces/${names.controlNamespace}/pods/${name}/log?container=${names.controlContainer}&tailLines=100`,
    );
    expect(log.text.trimEnd().split('\n').length).toBeGreaterThan(50);
    const usage = await call(`/apis/metrics.k8s.io/v1beta1/namespaces/${names.controlNamespace}/pods/${name}`);
    expect(usage.body.containers[0].usage.cpu).toMatch(/^\d+n$/);
  });

  test('has finished builds with pods, logs and events', async () => {
    await start();
    const jobs = await call(`/apis/batch/v1/namespaces/${names.buildsNamespace}/jobs`);
    expect(jobs.body.items.length).toBeGreaterThanOrEqual(3);
    for (const job of jobs.body.items) {
      expect(job.metadata.name).toMatch(new RegExp(names.buildJobPattern));
      expect(job.metadata.labels).toHaveProperty([names.buildFunctionLabel]);
    }
    const pods = await call(
      `/api/v1/namespaces/${names.buildsNamespace}/pods?labelSelector=job-name=${jobs.body.items[0].metadata.name}`,
    );
    const log = await call(`/api/v1/namespaces/${names.buildsNamespace}/pods/${pods.body.items[0].metadata.name}/log`);
    expect(log.text).toContain('Pushing image to');
    expect((await table(`/api/v1/namespaces/${names.buildsNamespace}/events`)).length).toBeGreaterThan(3);
  });
});
