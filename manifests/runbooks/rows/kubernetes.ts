import type { Family, Line } from '../row.ts';

const CERTIFICATE = 'openssl x509 -noout -subject -enddate -in /var/lib/kubelet/pki/kubelet-client-current.pem';
const SERVING = 'openssl x509 -noout -subject -enddate -in /var/lib/kubelet/pki/kubelet.crt';
const REQUESTS: Line = [
  'Is a request of it waiting to be approved, or denied?',
  'kubectl get csr --sort-by=.metadata.creationTimestamp',
];
const KUBELET: Line = ['What does the kubelet say?', 'journalctl -u kubelet -n 100 | grep -i cert'];

/** Alerts about the kubelet’s certificates and kube-proxy. */
export const KUBELET_ALERTS: Family = {
  published: 'kubernetes',
  first: [
    ['Are the nodes ready?', 'diag nodes'],
    ['Which pods there are not well?', 'diag pods'],
  ],
  verification: ['The nodes are ready; the alert resolves.', 'diag nodes'],
  rollback: 'None: a certificate that was renewed stays.',
  escalation: 'Whoever runs the control plane, within the working day; at once when a node is not ready.',
  rows: [
    {
      alert: 'KubeletClientCertificateExpiration',
      severity: 'sev3',
      title: 'A kubelet’s own certificate expires',
      meaning:
        'The client certificate of the kubelet on `{{ labels.node }}` expires within seven days (critical: one).',
      impact: 'After that the node cannot speak with the API server: it becomes not ready and its pods are moved.',
      diagnosis: [['Until when is it valid?', CERTIFICATE], REQUESTS, KUBELET],
      mitigation: [
        'Approve the request that waits, if it is from this node.',
        ['It does not ask for one: rotation is off (`rotateCertificates`), or it hangs.', 'systemctl restart kubelet'],
      ],
    },
    {
      alert: 'KubeletServerCertificateExpiration',
      severity: 'sev3',
      title: 'A kubelet’s serving certificate expires',
      meaning:
        'The serving certificate of the kubelet on `{{ labels.node }}` expires within seven days (critical: one).',
      impact: 'After that logs, exec and metrics of its pods fail. The pods go on.',
      diagnosis: [['Until when is it valid?', SERVING], REQUESTS, KUBELET],
      mitigation: [
        'Approve the request that waits: nothing approves serving certificates by itself unless a controller was installed for it.',
        ['Self-signed ones are made anew at a start.', 'systemctl restart kubelet'],
      ],
    },
    {
      alert: 'KubeletClientCertificateRenewalErrors',
      severity: 'sev3',
      title: 'A kubelet cannot renew its own certificate',
      meaning: 'The kubelet on `{{ labels.node }}` has failed to renew its client certificate for 15 minutes.',
      impact: 'None until the present one expires; then the node is lost.',
      diagnosis: [['How much time is left?', CERTIFICATE], REQUESTS, KUBELET],
      mitigation: ['Mend the signer (kube-controller-manager, its CA) or approve the request.'],
    },
    {
      alert: 'KubeletServerCertificateRenewalErrors',
      severity: 'sev3',
      title: 'A kubelet cannot renew its serving certificate',
      meaning: 'The kubelet on `{{ labels.node }}` has failed to renew its serving certificate for 15 minutes.',
      impact: 'None until the present one expires; then logs, exec and metrics of its pods fail.',
      diagnosis: [['How much time is left?', SERVING], REQUESTS, KUBELET],
      mitigation: ['Approve the request, or install what approves requests for serving certificates.'],
    },
    {
      alert: 'KubeletDown',
      severity: 'sev2',
      title: 'Prometheus sees no kubelet',
      meaning:
        'Prometheus has had no kubelet as a target for 15 minutes, of any node. It names no node, and says nothing of one that is ill.',
      impact:
        'Metrics of pods, volumes and nodes are missing: their alerts cannot fire. If the nodes really are down, so is what runs on them.',
      diagnosis: [
        'All nodes ready: only the scrape is broken. The Service `kubelet` in kube-system has no endpoints (prometheus-operator keeps them: `--kubelet-service`), or its certificate or token is refused.',
        ['Has the Service endpoints?', 'kubectl get endpoints -n kube-system -o wide | grep kubelet'],
        'Nodes not ready: see KubeNodeNotReady.',
      ],
      mitigation: ['Mend the ServiceMonitor, the endpoints or the permission `nodes/metrics` of Prometheus.'],
    },
    {
      alert: 'KubeProxyDown',
      severity: 'sev2',
      title: 'Prometheus sees no kube-proxy',
      meaning: 'Prometheus has had no target of kube-proxy for 15 minutes.',
      impact: 'If it is really down, new and moved pods get no traffic through Services. What is set up goes on.',
      diagnosis: [
        ['Does it run on each node?', 'kubectl get daemonset,pods -n kube-system -l k8s-app=kube-proxy -o wide'],
        'A network without kube-proxy (Cilium, Calico in eBPF mode, a managed one): remove this alert there.',
        'It runs: its metrics listen on 127.0.0.1 only (`metricsBindAddress`).',
      ],
      mitigation: [['Restart it once its log is read.', 'kubectl rollout restart -n kube-system daemonset/kube-proxy']],
    },
  ],
};

/** Alerts of kube-state-metrics about itself beyond those that have a runbook written for them, and the alert that mutes others. */
export const STATE_METRICS: Family = {
  published: 'kube-state-metrics',
  first: [
    ['Do pods of monitoring run, and since when?', 'diag pods'],
    ['Are the nodes ready?', 'diag nodes'],
  ],
  verification: ['Every shard runs; the alert resolves.', 'diag pods'],
  rollback: 'Put the former number of shards back.',
  escalation:
    'Whoever owns monitoring, within the working day: most alerts about Kubernetes objects are blind in part.',
  rows: [
    {
      alert: 'KubeStateMetricsShardingMismatch',
      severity: 'sev2',
      title: 'The shards of kube-state-metrics disagree',
      meaning: 'Pods of kube-state-metrics run with different `--total-shards`.',
      impact: 'Objects are told twice or not at all: alerts about them are wrong.',
      diagnosis: [
        [
          'Which arguments have they?',
          'kubectl get pods -A -l app.kubernetes.io/name=kube-state-metrics -o custom-columns=NS:.metadata.namespace,POD:.metadata.name,ARGS:.spec.containers[0].args',
        ],
      ],
      mitigation: ['Give all the same number; with automatic sharding restart the StatefulSet.'],
    },
    {
      alert: 'KubeStateMetricsShardsMissing',
      severity: 'sev2',
      title: 'A shard of kube-state-metrics is missing',
      meaning: 'Not every shard of kube-state-metrics tells its part.',
      impact: 'The objects of that shard are not told of: alerts about them cannot fire.',
      diagnosis: [
        ['Which pod is missing?', 'kubectl get pods -A -l app.kubernetes.io/name=kube-state-metrics -o wide'],
      ],
      mitigation: ['Bring the missing pod back: see its events and its log.'],
    },
  ],
};

export const GENERAL: Family = {
  published: 'general',
  first: [['What else is open in this namespace?', 'diag pods']],
  verification: ['No alert of severity info fires there by itself any more.', 'diag pods'],
  rollback: 'None.',
  escalation: 'Nobody: it is plumbing of Alertmanager.',
  rows: [
    {
      alert: 'InfoInhibitor',
      severity: 'sev4',
      title: 'An alert that only mutes others',
      meaning:
        'An alert of severity `info` fires in `{{ labels.namespace }}` and no other. This one exists so that Alertmanager can mute those; it should reach nobody.',
      impact: 'None.',
      diagnosis: ['It is here, so its route or the inhibit rule is missing in Alertmanager.'],
      mitigation: [
        'Route it to a receiver that does nothing, and inhibit `severity="info"` by it with `equal: [namespace]`.',
      ],
    },
  ],
};
