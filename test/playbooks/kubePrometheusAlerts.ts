/** Labels that a scrape or a rule adds, by whom an alert is about; as kube-prometheus and kube-prometheus-stack have them. */
const STATE = {
  job: 'kube-state-metrics',
  namespace: 'shop',
  instance: '10.42.0.7:8443',
  prometheus: 'monitoring/k8s',
};
const BY_PLACE = { namespace: 'shop', prometheus: 'monitoring/k8s' };
const CLUSTER = { prometheus: 'monitoring/k8s' };
const KUBELET = {
  job: 'kubelet',
  namespace: 'kube-system',
  service: 'kubelet',
  endpoint: 'https-metrics',
  instance: 'worker-1',
};
const HOST = {
  job: 'node-exporter',
  namespace: 'monitoring',
  service: 'node-exporter',
  endpoint: 'https',
  container: 'kube-rbac-proxy',
  pod: 'node-exporter-x7k2p',
  instance: 'worker-1',
};
const SELF = {
  job: 'prometheus-k8s',
  namespace: 'monitoring',
  service: 'prometheus-k8s',
  endpoint: 'web',
  container: 'prometheus',
  pod: 'prometheus-k8s-0',
  instance: '10.42.0.9:9090',
};
const MANAGER = {
  ...SELF,
  job: 'alertmanager-main',
  service: 'alertmanager-main',
  container: 'alertmanager',
  pod: 'alertmanager-main-1',
};
const MEMBERS = { job: 'alertmanager-main', service: 'alertmanager-main', namespace: 'monitoring' };
const OPERATOR = { namespace: 'monitoring', controller: 'prometheus' };
const ETCD = {
  job: 'kube-etcd',
  namespace: 'kube-system',
  service: 'kube-etcd',
  endpoint: 'http-metrics',
  pod: 'etcd-master-1',
  instance: '10.0.0.4:2381',
};

type Row = readonly [subject: string, labels: Readonly<Record<string, string>>, names: string];

const rows: readonly Row[] = [
  // kubernetes-apps
  [
    'deployment/cart',
    { ...STATE, pod: 'cart-7d9c5b6f4c-x2x4x', container: 'cart', uid: 'u', reason: 'CrashLoopBackOff' },
    'KubePodCrashLooping',
  ],
  [
    'deployment/cart',
    { ...BY_PLACE, pod: 'cart-7d9c5b6f4c-x2x4x', container: 'cart' },
    'KubePodNotReady KubeContainerWaiting CPUThrottlingHigh',
  ],
  [
    'deployment/cart',
    { ...STATE, deployment: 'cart' },
    'KubeDeploymentGenerationMismatch KubeDeploymentReplicasMismatch KubeDeploymentRolloutStuck',
  ],
  [
    'statefulset/db',
    { ...STATE, statefulset: 'db' },
    'KubeStatefulSetReplicasMismatch KubeStatefulSetGenerationMismatch KubeStatefulSetUpdateNotRolledOut',
  ],
  [
    'daemonset/agent',
    { ...STATE, daemonset: 'agent' },
    'KubeDaemonSetRolloutStuck KubeDaemonSetNotScheduled KubeDaemonSetMisScheduled',
  ],
  ['job/report', { ...STATE, job_name: 'report-29412345', condition: 'true' }, 'KubeJobFailed'],
  ['job/report', { ...BY_PLACE, job_name: 'report-29412345' }, 'KubeJobNotCompleted'],
  [
    'horizontalpodautoscaler/cart',
    { ...STATE, horizontalpodautoscaler: 'cart' },
    'KubeHpaReplicasMismatch KubeHpaMaxedOut',
  ],
  ['poddisruptionbudget/cart', { ...STATE, poddisruptionbudget: 'cart' }, 'KubePdbNotEnoughHealthyPods'],
  // kubernetes-resources
  ['alert/', CLUSTER, 'KubeCPUOvercommit KubeMemoryOvercommit KubeCPUQuotaOvercommit KubeMemoryQuotaOvercommit'],
  [
    'resourcequota/team',
    { namespace: 'shop', resourcequota: 'team', resource: 'pods' },
    'KubeQuotaAlmostFull KubeQuotaFullyUsed KubeQuotaExceeded',
  ],
  // kubernetes-storage
  [
    'persistentvolumeclaim/data',
    { ...KUBELET, namespace: 'shop', persistentvolumeclaim: 'data', node: 'worker-1' },
    'KubePersistentVolumeFillingUp KubePersistentVolumeInodesFillingUp',
  ],
  ['persistentvolume/pv-1', { ...STATE, persistentvolume: 'pv-1', phase: 'Failed' }, 'KubePersistentVolumeErrors'],
  // kubernetes-system
  ['alert/', CLUSTER, 'KubeVersionMismatch KubeAPIErrorBudgetBurn KubeAPITerminatedRequests'],
  ['instance/10.0.0.4:6443', { job: 'apiserver', namespace: 'default', instance: '10.0.0.4:6443' }, 'KubeClientErrors'],
  ['scrape-job/apiserver', { job: 'apiserver' }, 'KubeAPIDown'],
  [
    'instance/10.0.0.4:6443',
    { job: 'apiserver', namespace: 'default', service: 'kubernetes', instance: '10.0.0.4:6443' },
    'KubeClientCertificateExpiration',
  ],
  ['alert/', { name: 'v1beta1.metrics.k8s.io', namespace: 'default' }, 'KubeAggregatedAPIErrors KubeAggregatedAPIDown'],
  [
    'node/worker-1',
    { ...STATE, node: 'worker-1', condition: 'Ready', status: 'true' },
    'KubeNodeNotReady KubeNodePressure',
  ],
  [
    'node/worker-1',
    { ...STATE, node: 'worker-1', key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' },
    'KubeNodeUnreachable',
  ],
  ['node/worker-1', { node: 'worker-1' }, 'KubeletTooManyPods KubeNodeReadinessFlapping'],
  [
    'node/worker-1',
    { node: 'worker-1', instance: '10.0.0.11:10250', eviction_signal: 'memory.available' },
    'KubeNodeEviction',
  ],
  [
    'node/worker-1',
    { node: 'worker-1', instance: '10.0.0.11:10250', quantile: '0.99' },
    'KubeletPlegDurationHigh KubeletPodStartUpLatencyHigh',
  ],
  [
    'node/worker-1',
    { ...KUBELET, node: 'worker-1' },
    'KubeletClientCertificateExpiration KubeletServerCertificateExpiration KubeletClientCertificateRenewalErrors KubeletServerCertificateRenewalErrors',
  ],
  ['scrape-job/kubelet', { job: 'kubelet' }, 'KubeletDown'],
  ['scrape-job/kube-scheduler', { job: 'kube-scheduler' }, 'KubeSchedulerDown'],
  ['scrape-job/kube-controller-manager', { job: 'kube-controller-manager' }, 'KubeControllerManagerDown'],
  ['scrape-job/kube-proxy', { job: 'kube-proxy' }, 'KubeProxyDown'],
  // kube-state-metrics, general
  [
    'alert/',
    CLUSTER,
    'KubeStateMetricsListErrors KubeStateMetricsWatchErrors KubeStateMetricsShardingMismatch KubeStateMetricsShardsMissing Watchdog',
  ],
  ['scrape-job/cart', { job: 'cart', namespace: 'shop', service: 'cart' }, 'TargetDown'],
  ['alert/', { namespace: 'shop' }, 'InfoInhibitor'],
  // node-exporter: the exporter of a node names it
  [
    'node/worker-1',
    { ...HOST, device: '/dev/sda1', mountpoint: '/var', fstype: 'ext4' },
    'NodeFilesystemSpaceFillingUp NodeFilesystemAlmostOutOfSpace NodeFilesystemFilesFillingUp NodeFilesystemAlmostOutOfFiles',
  ],
  [
    'node/worker-1',
    { ...HOST, device: 'eth0' },
    'NodeNetworkReceiveErrs NodeNetworkTransmitErrs NodeNetworkInterfaceFlapping NodeDiskIOSaturation NodeRAIDDegraded NodeRAIDDiskFailure',
  ],
  [
    'node/worker-1',
    HOST,
    'NodeHighNumberConntrackEntriesUsed NodeTextFileCollectorScrapeError NodeClockSkewDetected NodeClockNotSynchronising NodeFileDescriptorLimit NodeCPUHighUsage NodeSystemSaturation NodeMemoryMajorPagesFaults NodeMemoryHighUtilization',
  ],
  [
    'node/worker-1',
    { ...HOST, name: 'containerd.service', state: 'failed', type: 'notify' },
    'NodeSystemdServiceFailed NodeSystemdServiceCrashlooping',
  ],
  ['node/worker-1', { ...HOST, master: 'bond0' }, 'NodeBondingDegraded'],
  // prometheus
  [
    'pod/prometheus-k8s-0',
    SELF,
    'PrometheusBadConfig PrometheusKubernetesListWatchFailures PrometheusNotificationQueueRunningFull PrometheusNotConnectedToAlertmanagers PrometheusTSDBReloadsFailing PrometheusTSDBCompactionsFailing PrometheusNotIngestingSamples PrometheusDuplicateTimestamps PrometheusOutOfOrderTimestamps PrometheusMissingRuleEvaluations PrometheusTargetLimitHit PrometheusLabelLimitHit PrometheusScrapeBodySizeLimitHit PrometheusScrapeSampleLimitHit PrometheusTargetSyncFailure PrometheusHighQueryLoad PrometheusErrorSendingAlertsToAnyAlertmanager',
  ],
  ['pod/prometheus-k8s-0', { ...SELF, mechanism: 'kubernetes' }, 'PrometheusSDRefreshFailure'],
  [
    'pod/prometheus-k8s-0',
    { ...SELF, alertmanager: 'http://10.42.0.3:9093/api/v2/alerts' },
    'PrometheusErrorSendingAlertsToSomeAlertmanagers',
  ],
  [
    'pod/prometheus-k8s-0',
    { ...SELF, remote_name: 'r', url: 'http://mimir/api/v1/push' },
    'PrometheusRemoteStorageFailures PrometheusRemoteWriteBehind PrometheusRemoteWriteDesiredShards',
  ],
  ['pod/prometheus-k8s-0', { ...SELF, rule_group: '/etc/prometheus/rules/a.yaml;cart' }, 'PrometheusRuleFailures'],
  // prometheus-operator
  [
    'alert/',
    OPERATOR,
    'PrometheusOperatorListErrors PrometheusOperatorWatchErrors PrometheusOperatorReconcileErrors PrometheusOperatorStatusUpdateErrors PrometheusOperatorNotReady',
  ],
  [
    'deployment/prometheus-operator',
    {
      ...OPERATOR,
      ...SELF,
      job: 'prometheus-operator',
      service: 'prometheus-operator',
      container: 'kube-rbac-proxy',
      pod: 'prometheus-operator-7d9c5b6f4c-x2x4x',
    },
    'PrometheusOperatorSyncFailed PrometheusOperatorNodeLookupErrors PrometheusOperatorRejectedResources',
  ],
  ['pod/prometheus-k8s-0', { ...SELF, container: 'config-reloader' }, 'ConfigReloaderSidecarErrors'],
  // alertmanager
  ['pod/alertmanager-main-1', MANAGER, 'AlertmanagerFailedReload AlertmanagerMembersInconsistent'],
  ['pod/alertmanager-main-1', { ...MANAGER, integration: 'webhook' }, 'AlertmanagerFailedToSendAlerts'],
  ['scrape-job/alertmanager-main', { ...MEMBERS, integration: 'webhook' }, 'AlertmanagerClusterFailedToSendAlerts'],
  [
    'scrape-job/alertmanager-main',
    MEMBERS,
    'AlertmanagerConfigInconsistent AlertmanagerClusterDown AlertmanagerClusterCrashlooping',
  ],
  // grafana, etcd
  [
    'scrape-job/grafana',
    { namespace: 'monitoring', job: 'grafana', handler: '/api/dashboards/uid/:uid', statuscode: '500', method: 'get' },
    'GrafanaRequestsFailing',
  ],
  [
    'scrape-job/kube-etcd',
    { job: 'kube-etcd' },
    'etcdMembersDown etcdInsufficientMembers etcdHighNumberOfLeaderChanges',
  ],
  [
    'pod/etcd-master-1',
    ETCD,
    'etcdNoLeader etcdHighNumberOfFailedProposals etcdHighFsyncDurations etcdHighCommitDurations etcdDatabaseQuotaLowSpace etcdExcessiveDatabaseGrowth etcdDatabaseHighFragmentationRatio',
  ],
  [
    'pod/etcd-master-1',
    { ...ETCD, To: 'f1', grpc_method: 'Range', grpc_service: 'etcdserverpb.KV' },
    'etcdHighNumberOfFailedGRPCRequests etcdGRPCRequestsSlow etcdMemberCommunicationSlow',
  ],
];

/**
 * The alerts of kube-prometheus (kubernetes-mixin, node-mixin, prometheus-mixin, alertmanager-mixin, the rules of
 * kube-state-metrics, prometheus-operator and Grafana) and, of kube-prometheus-stack, those of etcd: the labels they come with and what each is
 * about. An alert that names nothing is about itself (`alert/`).
 */
export const KUBE_PROMETHEUS = rows.flatMap(([subject, labels, names]) =>
  names.split(' ').map((name) => ({ name, labels, subject: subject === 'alert/' ? `alert/${name}` : subject })),
);
