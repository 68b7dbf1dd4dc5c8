import { type ApiClient, type KubeObject, MERGE } from './apiClient.ts';
import { now } from './podStatus.ts';

/** Plays what Knative's controller waits for and what is not started: its autoscaler, and a gateway. */
export interface KnativeFriends {
  stop(): Promise<void>;
}

/** Until it is stopped every PodAutoscaler has its one pod, and every Ingress its gateway. */
export function playKnativeFriends(api: ApiClient): KnativeFriends {
  const over = new AbortController();
  const played = [
    play(api, '/apis/autoscaling.internal.knative.dev/v1alpha1/podautoscalers', scaled, over.signal),
    play(api, '/apis/networking.internal.knative.dev/v1alpha1/ingresses', routed, over.signal),
  ];
  return {
    async stop() {
      over.abort();
      await Promise.all(played);
    },
  };
}

async function play(
  api: ApiClient,
  list: string,
  statusOf: (object: KubeObject) => Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<void> {
  const [root, kind] = [list.slice(0, list.lastIndexOf('/')), list.slice(list.lastIndexOf('/') + 1)];
  const seen = ({ type, object }: { type: string; object: KubeObject }) => {
    const { name, namespace, generation, deletionTimestamp } = object.metadata;
    if (type === 'DELETED' || deletionTimestamp || object.status?.observedGeneration === generation) return;
    const status = { observedGeneration: generation, ...statusOf(object) };
    void api.call('PATCH', `${root}/namespaces/${namespace}/${kind}/${name}/status`, { status }, MERGE).catch(() => {});
  };
  while (!signal.aborted) {
    await api.watch(`${list}?watch=1`, seen, signal).catch(() => {});
    if (!signal.aborted) await new Promise((wake) => setTimeout(wake, 200));
  }
}

const holds = (types: readonly string[]) =>
  types.map((type) => ({ type, status: 'True', lastTransitionTime: now(), severity: '' }));

/** As the autoscaler leaves it once the first pod is ready. */
function scaled({ metadata }: KubeObject) {
  return {
    conditions: holds(['Active', 'Ready', 'SKSReady', 'ScaleTargetInitialized']),
    actualScale: 1,
    desiredScale: 1,
    serviceName: metadata.name,
    metricsServiceName: `${metadata.name}-private`,
  };
}

/** As a gateway's controller leaves it: https://pkg.go.dev/knative.dev/networking/pkg/apis/networking/v1alpha1#IngressStatus */
function routed() {
  const ingress = [{ domainInternal: 'gateway.knative-serving.svc.cluster.local' }];
  return {
    conditions: holds(['LoadBalancerReady', 'NetworkConfigured', 'Ready']),
    publicLoadBalancer: { ingress },
    privateLoadBalancer: { ingress },
  };
}
