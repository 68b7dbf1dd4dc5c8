import { afterEach, expect, test } from '@jest/globals';
import { BatchV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { type Cluster, startCluster } from '../../../simulator/cluster/start.ts';
import { callerOf } from './caller.ts';
import { jobObject, podObject } from './objects.ts';

let cluster: Cluster;
afterEach(() => cluster.close());

test.each([false, true])('the official client reads the kubeconfig and lists pods and Jobs (TLS: %s)', async (tls) => {
  cluster = await startCluster({ tls, name: 'edge' });
  cluster.world.apply(podObject('a'));
  cluster.world.apply(jobObject('b'));
  const config = new KubeConfig();
  config.loadFromString(cluster.kubeconfig());
  expect(config.getCurrentContext()).toBe('edge');
  const pods = await config.makeApiClient(CoreV1Api).listNamespacedPod({ namespace: 'shop' });
  expect(pods.items.map((pod) => pod.metadata?.name)).toEqual(['a']);
  const jobs = await config.makeApiClient(BatchV1Api).listJobForAllNamespaces();
  expect(jobs.items.map((job) => job.metadata?.name)).toEqual(['b']);
});

test('over TLS a request without credentials is refused, and a client without the authority does not connect', async () => {
  cluster = await startCluster({ tls: true });
  await expect(callerOf(cluster)('/version')).rejects.toThrow();
});

test('over plain HTTP, where kubectl sends no credentials, none are needed', async () => {
  cluster = await startCluster();
  expect((await fetch(`${cluster.url}/api/v1/pods`)).status).toBe(200);
});

test('a port in use is an error of the system, by its code', async () => {
  cluster = await startCluster();
  await expect(startCluster({ port: cluster.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('discovery names the resources, in one document for new clients and in several for old ones', async () => {
  cluster = await startCluster({ profile: 'operator' });
  const call = callerOf(cluster);
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
  const whole = await call('/apis', { accept });
  expect(whole.headers.get('content-type')).toContain('as=APIGroupDiscoveryList');
  expect(whole.text).toContain('"resource":"lambdafunctions"');
  const groups = await call('/apis');
  expect(groups.body.groups.map((group: { name: string }) => group.name)).toEqual(
    expect.arrayContaining(['batch', 'serving.knative.dev', 'lambda.knative.io', 'metrics.k8s.io']),
  );
  const resources = await call('/apis/batch/v1');
  expect(resources.body.resources.map((resource: { name: string }) => resource.name)).toEqual(
    expect.arrayContaining(['jobs', 'jobs/status', 'cronjobs']),
  );
  expect((await call('/version')).body.gitVersion).toMatch(/^v1\.\d+/);
});
