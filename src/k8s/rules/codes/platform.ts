import { code } from '../code.ts';

type Down = 'name' | 'namespace' | 'effect' | 'why';

function down(next: (parts: { readonly name: string; readonly namespace: string }) => string, confirms: string) {
  return code<Down>({
    level: 'critical',
    depth: 'shared',
    isPart: true,
    says: ({ name, namespace, effect, why }) =>
      `Deployment ${name} in ${namespace} has no available replica${why}: ${effect}.`,
    brief: ({ name }) => `${name} down`,
    next,
    confirms,
    excludes: 'a replica of it is available',
  });
}

const restart = ({ name, namespace }: { readonly name: string; readonly namespace: string }) =>
  `Give it memory or replicas, or restart it: kubectl rollout restart deploy/${name} -n ${namespace}`;

/**
 * Parts that everything else depends on: the control plane of Knative Lambda, Knative's data path, webhooks, the API
 * server.
 */
export const PLATFORM_CODES = {
  'control-plane-down': down(
    () => 'When it began with a release, roll it back (suspend Flux first); else restart it.',
    'the control plane of Knative Lambda wants replicas and has none that is available',
  ),
  'activator-down': down(restart, 'the activator wants replicas and has none that is available'),
  'autoscaler-down': down(restart, 'the autoscaler wants replicas and has none that is available'),
  'gateway-down': down(restart, 'the gateway wants replicas and has none that is available'),
  'knative-controller-down': down(restart, 'a controller of Knative wants replicas and has none that is available'),
  'storage-down': down(restart, 'the object store wants replicas and has none that is available'),
  'webhook-down': down(
    ({ name, namespace }) =>
      `Restart it: kubectl rollout restart deploy/${name} -n ${namespace} (Deployments do not pass it). Do not delete the webhook configuration.`,
    'the Deployment behind an admission webhook has no available replica',
  ),
  'webhook-unanswered': code<'name' | 'detail'>({
    level: 'critical',
    depth: 'shared',
    says: ({ name, detail }) => `Admission webhook ${name} ${detail}: writes are refused.`,
    brief: ({ name }) => `webhook ${name} does not answer`,
    next: () => 'Look at the pods behind it: /lambda diag serving',
    confirms: 'a condition, event or log says "failed calling webhook"',
    excludes: 'nothing that was read speaks of a refused write',
  }),
  'api-slow': code<'detail'>({
    level: 'critical',
    depth: 'shared',
    says: ({ detail }) => `The Kubernetes API server is slow${detail}.`,
    brief: () => 'API server slow',
    next: () => 'Find the heavy client and slow it down (dashboards, scripts with watch or -A); do not restart things.',
    confirms: 'two kinds of its clients run into their deadlines, or our own reads do',
    excludes: 'our reads were answered in time and no client complains',
  }),
  'scaled-to-zero': code<'why' | 'name'>({
    level: 'ok',
    depth: 'symptom',
    says: ({ why }) => `Nothing is wrong: ${why}.`,
    brief: ({ name }) => `${name} scaled to zero`,
    next: () => 'Dismiss it, and let the rule ask for Ready instead of pods.',
    confirms: 'every revision that is asked about is ready, Active=False/NoTraffic, and no pod of it is unhealthy',
    excludes: 'a pod is unhealthy, or the revision is not ready',
  }),
  'stale-gauge': code<'why' | 'name'>({
    level: 'notice',
    depth: 'symptom',
    says: ({ why }) => `Nothing is wrong: ${why}.`,
    brief: () => 'gauge stale',
    next: () => 'Dismiss it; the gauge is reset when the operator restarts.',
    confirms: 'every function that is asked about is in phase Ready, and its service and pods are ready',
    excludes: 'one is not ready',
  }),
  'metrics-off': code<'why' | 'name'>({
    level: 'notice',
    depth: 'symptom',
    says: ({ why }) => `Nothing is down: ${why}.`,
    brief: () => 'metrics missing',
    next: () =>
      'Turn the metrics on in ConfigMap config-observability and restart the components; else look at the scrape.',
    confirms: 'an alert on absent metrics, and every pod of the namespace is ready',
    excludes: 'a pod is not ready',
  }),
} as const;
