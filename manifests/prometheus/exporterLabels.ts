/**
 * The labels a scrape by prometheus-operator and the exporter itself put on a series besides those a rule asks for, by the
 * beginning of its name. The rules' tests write them on every series, so that a rule which joins or aggregates by the wrong
 * labels fails there and not on a cluster.
 */
const LABELS: readonly (readonly [name: RegExp, labels: Readonly<Record<string, string>>])[] = [
  [
    /^kube_/,
    {
      ...target('kube-state-metrics', 'kube-state-metrics', 'http'),
      service: 'kps-kube-state-metrics',
      uid: '8f2d9c1e-5b0a-4c55-9d40-1f0c6f6a7e01',
    },
  ],
  [
    /^container_/,
    {
      ...target('kubelet', null, 'https-metrics'),
      metrics_path: '/metrics/cadvisor',
      node: 'node-a',
      id: '/kubepods.slice/kubepods-burstable.slice/cri-containerd-1f0c.scope',
      image: 'registry.local/knative-lambda/operator:1.13',
      name: '1f0c6f6a7e01',
    },
  ],
  [/^kubelet_/, { ...target('kubelet', null, 'https-metrics'), metrics_path: '/metrics', node: 'node-a' }],
  [
    /^certmanager_/,
    {
      ...target('cert-manager', 'cert-manager-controller', 'tcp-prometheus-servicemonitor'),
      issuer_group: 'cert-manager.io',
      issuer_kind: 'ClusterIssuer',
      issuer_name: 'internal-ca',
    },
  ],
  [
    /^apiserver_request_/,
    {
      ...target('apiserver', null, 'https'),
      component: 'apiserver',
      resource: 'pods',
      scope: 'resource',
      version: 'v1',
    },
  ],
  [/^apiserver_/, { ...target('apiserver', null, 'https'), operation: 'UPDATE', type: 'validating' }],
  [/^rabbitmq_/, target('rabbitmq', 'rabbitmq', 'prometheus')],
  [/^minio_/, { ...target('minio', 'minio', 'http'), server: 'minio-0.minio:9000' }],
  [/^(revision|kn_queueproxy|kn_serving)_/, target('knative-lambda/functions', 'queue-proxy', 'http-usermetric')],
  [/^(activator|autoscaler|controller|kn|knative_operator|http_server)_/, target('serving', 'controller', 'metrics')],
  [/^(up|probe_success|ALERTS)$/, {}],
  [/^/, target('knative-lambda-operator', 'manager', 'metrics')],
];

function target(job: string, container: string | null, endpoint: string): Readonly<Record<string, string>> {
  const pod: Record<string, string> = container === null ? {} : { container, pod: `${container}-7d9f8b6c4-x2x4z` };
  return { endpoint, instance: '10.244.1.7:8080', job, service: job, ...pod };
}

/** A series as promtool writes it, with the labels it has on a cluster; what it says itself stays. */
export function asScraped(series: string): string {
  const [, name = '', inside = ''] = /^([^{]+)(?:\{(.*)\})?$/s.exec(series) ?? [];
  const labels = LABELS.find(([pattern]) => pattern.test(name))?.[1] ?? {};
  const own = new Set([...inside.matchAll(/([a-zA-Z_]\w*)\s*=\s*"/g)].map((match) => match[1]));
  const more = Object.entries(labels).filter(([label]) => !own.has(label));
  const all = [...(inside === '' ? [] : [inside]), ...more.map(([label, value]) => `${label}="${value}"`)];
  return all.length === 0 ? name : `${name}{${all.join(', ')}}`;
}
