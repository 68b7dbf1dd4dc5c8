import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from './apiClient.ts';
import { listed } from './binaries.ts';
import { applyObject } from './botAccount.ts';
import { freePorts } from './controlPlanePlan.ts';
import { knativeFolder, objectsOf, yamlFiles } from './knativeFiles.ts';
import { playKnativeFriends } from './knativeFriends.ts';
import type { Place } from './place.ts';
import { createNamespace, eventually } from './player.ts';
import { type Program, startProgram } from './program.ts';

/** Knative Serving's own webhook and controller, at work on a cluster of ours. */
export interface Knative {
  /** What its programs complained of last, for when a test does not see what it waits for. */
  output(): string;
  /** Ends them, and takes away what refuses objects once they are gone. */
  stop(): Promise<void>;
}

const SYSTEM = 'knative-serving';
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

/**
 * Installs Knative Serving as its module ships it and starts its webhook and its controller as cluster-admin, outside the
 * cluster. Its autoscaler and a gateway are played (`knativeFriends.ts`).
 * @throws Error when they are not built, or do not come up, with their output
 */
export async function startKnative(place: Place): Promise<Knative> {
  const manifests = knativeFolder();
  const { folders, missing } = listed('knative-controllers');
  if (manifests === null || folders[0] === undefined)
    throw new Error(
      `Knative is not built: run node scripts/clusterBinaries.mjs knative knative-controllers ${missing}`,
    );
  await place.define();
  // Its controller begins only once it can list the kind in which it caches images.
  for (const definition of yamlFiles(join(folders[0], 'caching-config')).flatMap(objectsOf))
    await applyObject(place.api, definition);
  await createNamespace(place, SYSTEM);
  const [port = 0] = await freePorts(1);
  for (const object of [...configuration(manifests), DOOR]) await applyObject(place.api, object);
  const admission = yamlFiles(join(manifests, 'serving-config/core/webhooks')).flatMap(objectsOf).map(at(port));
  for (const object of admission) await applyObject(place.api, object);
  const folder = mkdtempSync(join(tmpdir(), 'knative-'));
  const run = (name: string, own: Readonly<Record<string, string>>): Program =>
    startProgram(name, join(folders[0] ?? '', name), [], join(folder, `${name}.log`), { ...ENVIRONMENT, ...own });
  const environment = { KUBECONFIG: place.adminKubeconfig };
  const programs = [
    run('webhook', { ...environment, WEBHOOK_PORT: `${port}`, POD_NAME: 'webhook-0' }),
    run('controller', { ...environment, POD_NAME: 'controller-0' }),
  ];
  const friends = playKnativeFriends(place.api);
  const output = () => programs.map((one) => `--- ${one.name}\n${complaints(one)}`).join('\n');
  const stop = async () => {
    for (const { kind, metadata } of admission)
      if (kind.endsWith('WebhookConfiguration'))
        await place.api.call('DELETE', `${ADMISSION}/${kind.toLowerCase()}s/${metadata.name}`);
    await friends.stop();
    for (const program of programs) await program.stop();
    await place.api.call('DELETE', `/api/v1/namespaces/${SYSTEM}`);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await eventually('the webhook to admit objects', async () => {
      const ended = programs.find((one) => !one.runs());
      if (ended) throw new Error(`Knative's ${ended.name} ended`);
      return (await place.api.call('POST', `${SERVICES}?dryRun=All`, PROBE)).status === 201;
    });
  } catch (thrown) {
    await stop();
    throw new Error(`Knative did not start: ${String(thrown)}\n${output()}`, { cause: thrown });
  }
  return { output, stop };
}

const complaints = (program: Program) =>
  program
    .output()
    .split('\n')
    .filter((line) => !line.includes('"severity":"INFO"'))
    .join('\n');

const ENVIRONMENT = {
  SYSTEM_NAMESPACE: SYSTEM,
  CONFIG_LOGGING_NAME: 'config-logging',
  CONFIG_OBSERVABILITY_NAME: 'config-observability',
  WEBHOOK_NAME: 'webhook',
  PROFILING_PORT: '0',
  // What it supports officially begins at 1.33; nothing it is asked here needs that.
  KUBERNETES_MIN_VERSION: '1.31.0',
};
const SERVICES = '/apis/serving.knative.dev/v1/namespaces/default/services';
const PROBE = {
  apiVersion: 'serving.knative.dev/v1',
  kind: 'Service',
  metadata: { name: 'probe' },
  spec: { template: { spec: { containers: [{ image: 'registry.example/probe:1' }] } } },
};

/** Its ConfigMaps, with the name of an image where a release build writes one. */
function configuration(manifests: string): readonly KubeObject[] {
  const files = [
    ...yamlFiles(join(manifests, 'serving-config/core/configmaps')),
    join(manifests, 'networking-config/config-network.yaml'),
  ];
  return files.flatMap(objectsOf).map((object) => {
    const data = object.data as Record<string, string> | undefined; // A ConfigMap's.
    if (object.metadata.name !== 'config-deployment') return object;
    return { ...object, data: { ...data, 'queue-sidecar-image': 'registry.example/knative/queue:1' } };
  });
}

/** The API server finds the webhook by a Service; without kube-proxy an ExternalName is the kind that leads to loopback. */
const DOOR = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'webhook', namespace: SYSTEM },
  spec: { type: 'ExternalName', externalName: 'localhost' },
};

const at =
  (port: number) =>
  (object: KubeObject): KubeObject => {
    const webhooks = object.webhooks as readonly { clientConfig: { service: object } }[] | undefined; // The API's own shape.
    if (!webhooks) return object;
    const here = { name: 'webhook', namespace: SYSTEM, port };
    return { ...object, webhooks: webhooks.map((one) => ({ ...one, clientConfig: { service: here } })) };
  };
