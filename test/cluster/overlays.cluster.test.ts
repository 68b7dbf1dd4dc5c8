import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { builtManifests } from './botAccount.ts';
import { installDefinitions } from './definitions.ts';
import { kubectlOf, type Ran } from './kubectl.ts';
import { eventually } from './player.ts';
import { openTestCluster, type TestCluster } from './testCluster.ts';

const OVERLAYS = resolve(import.meta.dirname, '../../manifests/overlays');

let cluster: TestCluster;
let kubectl: (...args: readonly string[]) => Promise<Ran>;

beforeAll(async () => {
  cluster = await openTestCluster();
  kubectl = kubectlOf(cluster.adminKubeconfig);
  // What an overlay may hold beside Kubernetes' own kinds.
  await installDefinitions(cluster.admin);
});
afterAll(() => cluster.close());

describe.each(readdirSync(OVERLAYS))('the overlay %s', (overlay) => {
  const folder = join(OVERLAYS, overlay);

  test('is applied with strict server-side validation', async () => {
    const { code, stdout, stderr } = await kubectl(
      'apply',
      '--server-side',
      '--force-conflicts',
      '--validate=strict',
      '-k',
      folder,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trim().split('\n')).toHaveLength(builtManifests(folder).length);
  });

  test('makes pods that the cluster admits', async () => {
    for (const object of builtManifests(folder).filter(({ kind }) => kind === 'Deployment')) {
      const { name, namespace = '' } = object.metadata;
      await kubectl('rollout', 'restart', '-n', namespace, `deployment/${name}`);
      await eventually(`a ReplicaSet of ${name} with its pods created`, async () => {
        const { stdout } = await kubectl('get', 'deployment', '-n', namespace, name, '-o', 'json');
        const { metadata, spec, status } = JSON.parse(stdout);
        const failure = status.conditions?.find((one: { type: string }) => one.type === 'ReplicaFailure');
        if (failure) throw new Error(failure.message);
        return status.observedGeneration === metadata.generation && (status.updatedReplicas ?? 0) >= spec.replicas;
      });
    }
  });
});
