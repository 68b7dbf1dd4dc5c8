import { type KubeObject, MERGE } from './apiClient.ts';
import { pathOf } from './botAccount.ts';
import type { Place } from './place.ts';
import { create, createNamespace, deployment, job, podsOf, say, setPod, terminated } from './player.ts';

/** Where the platform's objects lie. */
export const PLATFORM = { functions: 'functions', builds: 'knative-lambda-builds', events: 'functions' } as const;

/** Knative Lambda as its controllers leave it: functions, builds, Brokers and Triggers, Knative itself; some of each is ill. */
export async function playPlatform(place: Place): Promise<void> {
  await place.define();
  const namespaces = [PLATFORM.functions, PLATFORM.builds, 'knative-serving', 'knative-eventing', 'knative-operator'];
  await Promise.all(namespaces.map((name) => createNamespace(place, name)));
  await Promise.all([playFunctions(place), playBuilds(place), playEventing(place), playKnative(place)]);
}

/** A custom resource with the conditions its controller reports. */
export async function reported(
  place: Place,
  object: Omit<KubeObject, 'status'>,
  conditions: readonly Condition[],
  more: Readonly<Record<string, unknown>> = {},
): Promise<KubeObject> {
  // Its shape is that of any object.
  const made = await create(place, object as KubeObject);
  const at = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const told = conditions.map(([type, status, reason, message]) => ({
    type,
    status,
    lastTransitionTime: at,
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
  }));
  const path = `${await pathOf(place.api, made)}/${made.metadata.name}/status`;
  return place.api.json('PATCH', path, { status: { observedGeneration: 1, conditions: told, ...more } }, MERGE);
}

export type Condition = readonly [
  type: string,
  status: 'True' | 'False' | 'Unknown',
  reason?: string,
  message?: string,
];

const serving = (kind: string, name: string, spec: object = {}, labels: Record<string, string> = {}) => ({
  apiVersion: 'serving.knative.dev/v1',
  kind,
  metadata: { name, namespace: PLATFORM.functions, labels: { 'serving.knative.dev/service': name, ...labels } },
  spec,
});

async function playFunctions(place: Place): Promise<void> {
  await playFunction(place, 'hello', []);
  const digest =
    'Unable to fetch image "registry.example/fn/broken:1": failed to resolve image to digest: HEAD https://registry.example/v2/fn/broken/manifests/1: unexpected status code 404 Not Found';
  await playFunction(place, 'broken', ['ContainerMissing', digest]);
}

/** A Knative Service down to its pod; one whose Revision failed has none. */
async function playFunction(
  place: Place,
  name: string,
  failure: readonly [] | readonly [string, string],
): Promise<void> {
  const [reason, message] = failure;
  const revision = `${name}-00001`;
  const holds = reason === undefined ? ('True' as const) : ('False' as const);
  const told = `Revision "${revision}" failed with message: ${message}.`;
  const ready: Condition = reason ? ['Ready', 'False', 'RevisionFailed', told] : ['Ready', 'True'];
  const unrouted: Condition = [
    'Ready',
    'False',
    'RevisionMissing',
    `Configuration "${name}" does not have any ready Revision.`,
  ];
  const traffic = reason ? [] : [{ revisionName: revision, percent: 100, latestRevision: true }];
  const ready1 = reason ? {} : { latestReadyRevisionName: revision };
  await reported(place, serving('Configuration', name), [ready], { latestCreatedRevisionName: revision, ...ready1 });
  await reported(place, serving('Route', name), [reason ? unrouted : ['Ready', 'True']], { traffic });
  const spec = { containers: [{ name: 'user-container', image: `registry.example/fn/${name}:1` }] };
  const labels = { 'serving.knative.dev/service': name, 'serving.knative.dev/configuration': name };
  const made = {
    ...serving('Revision', revision, spec),
    metadata: { name: revision, namespace: PLATFORM.functions, labels },
  };
  const of: Condition = reason ? ['ContainerHealthy', 'Unknown'] : ['ContainerHealthy', 'True'];
  await reported(place, made, [of, reason ? ['Ready', 'False', reason, message] : ['Ready', 'True']]);
  const status = { latestCreatedRevisionName: revision, ...ready1, traffic, url: `http://${name}.functions.example` };
  await reported(place, serving('Service', name), [ready, ['ConfigurationsReady', holds]], status);
  if (reason) return;
  const pods = deployment({ namespace: PLATFORM.functions, name: `${revision}-deployment` });
  const served = { ...labels, 'serving.knative.dev/revision': revision };
  pods.spec.template.metadata.labels = { ...pods.spec.template.metadata.labels, ...served };
  await create(place, pods);
  for (const pod of await podsOf(place, { namespace: PLATFORM.functions, name: `${revision}-deployment` }))
    await setPod(place, pod, {});
}

/** One build that is done, one that failed, one that runs. */
async function playBuilds(place: Place): Promise<void> {
  const builds = { done: 'Succeeded', failed: 'Failed', running: 'Running' } as const;
  for (const [index, [name, phase]] of Object.entries(builds).entries()) {
    const draft = { namespace: PLATFORM.builds, name: `${name}-build-${1_700_000_000 + index}` };
    const made = job({ ...draft, image: 'gcr.io/kaniko-project/executor:v1.19.2' });
    made.metadata.labels = { ...made.metadata.labels, 'build.notifi.network/parser-id': name };
    await create(place, made);
    const [pod] = await podsOf(place, draft);
    if (!pod) throw new Error(`the build ${name} has no pod`);
    await say(place, pod, ['INFO[0001] Retrieving image manifest node:20', 'INFO[0012] RUN npm ci']);
    if (phase === 'Running') await setPod(place, pod, {});
    else {
      const exit = phase === 'Failed' ? 1 : 0;
      const state = terminated(exit, exit ? 'Error' : 'Completed');
      await setPod(place, pod, { phase, containers: { main: { ready: false, state } } });
    }
  }
}

async function playEventing(place: Place): Promise<void> {
  const eventing = (kind: string, name: string, spec: object) => ({
    apiVersion: 'eventing.knative.dev/v1',
    kind,
    metadata: { name, namespace: PLATFORM.events },
    spec,
  });
  const ready: Condition = ['Ready', 'True'];
  await reported(place, eventing('Broker', 'default', {}), [ready], { address: { url: 'http://broker.example' } });
  const subscriber = (name: string) => ({
    broker: 'default',
    subscriber: { ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name } },
  });
  const reached = { subscriberUri: 'http://hello.functions.example' };
  await reported(place, eventing('Trigger', 'uploads', subscriber('hello')), [ready], reached);
  const lost: Condition = [
    'Ready',
    'False',
    "Unable to get the Subscriber's URI",
    'services.serving.knative.dev "thumbnails" not found',
  ];
  await reported(place, eventing('Trigger', 'previews', subscriber('thumbnails')), [lost]);
}

/** Deployments of Knative, one of them without an available replica, and the operator's own view. */
async function playKnative(place: Place): Promise<void> {
  for (const [name, isReady] of [
    ['activator', true],
    ['webhook', false],
  ] as const) {
    const draft = { namespace: 'knative-serving', name };
    await create(place, deployment(draft));
    for (const pod of await podsOf(place, draft))
      await setPod(place, pod, isReady ? {} : { containers: { main: { ready: false, state: { running: {} } } } });
  }
  const operated = (kind: string, namespace: string) => ({
    apiVersion: 'operator.knative.dev/v1beta1',
    kind,
    metadata: { name: namespace, namespace },
    spec: {},
  });
  const waits: Condition = ['Ready', 'False', 'NotReady', 'Waiting on deployments: webhook'];
  await reported(place, operated('KnativeServing', 'knative-serving'), [waits], { version: '1.21.0' });
  await reported(place, operated('KnativeEventing', 'knative-eventing'), [['Ready', 'True']], { version: '1.21.0' });
}
