import type { Names } from '../names.ts';
import type { AlertRule } from './alert.ts';
import { appears, counter, gauge, steady } from './story.ts';

const common = { area: 'knative-lambda', component: 'knative-lambda' } as const;

const JOB = 'namespace="knative-lambda", job_name="hello-python-build-1761132332"';
const POD = 'namespace="knative-lambda", pod="hello-python-build-1761132332-x7k2p"';
const jobLabels = { namespace: 'knative-lambda', job_name: 'hello-python-build-1761132332' };
const podLabels = { namespace: 'knative-lambda', pod: 'hello-python-build-1761132332-x7k2p' };

const jobs = (n: Names) => `namespace=~"${n.namespaces}", job_name=~"${n.buildJob}"`;
const pods = (n: Names) => `namespace=~"${n.namespaces}", pod=~"${n.buildPod}"`;
const byJob = 'max by (namespace, job_name)';
/** A Job whose first pod failed and whose second one, after a pause of minutes, did the work. */
const retried = (): Record<string, string> => ({
  [`kube_job_status_failed{${JOB}}`]: '0x9 1x69',
  [`kube_job_status_active{${JOB}}`]: '1x9 0x5 1x9 0x53',
  [`kube_job_complete{${JOB}, condition="true"}`]: '0x25 1x53',
  [`kube_job_status_start_time{${JOB}}`]: '0x79',
});
const byPod = 'max by (namespace, pod)';

/** Ratio of failed builds over a window, with the least number of failures it takes to mean anything. */
const failureRatio = (n: Names, window: string, above: number, atLeast: number) =>
  `sum(increase(${n.buildsFailed}[${window}])) / sum(increase(${n.builds}[${window}])) > ${above} and sum(increase(${n.buildsFailed}[${window}])) >= ${atLeast}`;

const builds = (n: Names, failedPerMinute: string): Record<string, string> =>
  n.profile === 'builder'
    ? { builds_total: steady(2), build_failures_total: failedPerMinute }
    : {
        'knative_lambda_operator_build_duration_seconds_count{result="success", runtime="python"}': steady(2),
        'knative_lambda_operator_build_duration_seconds_count{result="failed", runtime="python"}': failedPerMinute,
      };

/** Successful builds that take between `le` minus one bucket and `le`. */
const durations = (
  n: Names,
  slowBucket: '300' | '600',
  slowly = '0+1x79',
  quick = '0+1x9 10+0x29 11+1x39',
): Record<string, string> => {
  const metric = n.profile === 'builder' ? 'build_duration_seconds' : 'knative_lambda_operator_build_duration_seconds';
  const labels = n.profile === 'builder' ? '' : 'result="success", runtime="python", ';
  const bounds = ['60', '120', '300', '600', '+Inf'];
  const slowFrom = bounds.indexOf(slowBucket);
  const all = n.profile === 'builder' ? `${metric}_count` : `${metric}_count{result="success", runtime="python"}`;
  return {
    ...Object.fromEntries(
      bounds.map((le, at) => [`${metric}_bucket{${labels}le="${le}"}`, at >= slowFrom ? slowly : quick]),
    ),
    [all]: slowly,
  };
};

/** A quiet platform on which one build took long. */
const oneSlow = (n: Names, slowBucket: '300' | '600'): Record<string, string> =>
  durations(n, slowBucket, '0x9 1x69', '0x79');

/** P95 over the bound, and at least three builds over it: of few builds the slowest one is the P95. */
const slow = (n: Names, seconds: 120 | 300) =>
  `histogram_quantile(0.95, sum by (le) (rate(${n.buildSeconds()}[30m]))) > ${seconds} and on () sum(increase(${n.buildSecondsCount}[30m])) - sum(increase(${n.buildSeconds(`le=~"${seconds}|${seconds}.0"`)}[30m])) > 2.5`;

const BUILDS_ENDED = {
  builder: 'builds_total',
  operator: 'knative_lambda_operator_build_duration_seconds_count{result="success"}',
} as const;

/** Alerts about build Jobs (docs/platform.md#catalogue-builds). */
export const BUILD_ALERTS: readonly AlertRule[] = [
  {
    ...common,
    name: 'KnativeLambdaBuildFailureRateHigh',
    severity: 'critical',
    priority: 'P1',
    condition: 'builds fail',
    for: '2m',
    expr: (n) => failureRatio(n, '10m', 0.1, 3),
    summary: '{{ $value | humanizePercentage }} of builds fail',
    description:
      'More than 10% of the builds of the last 10 minutes failed, at least three of them. Failures of all functions at once point to registry, storage, quota, node or control plane; of one function, to its code or source.',
    test: { series: (n): Record<string, string> => builds(n, counter(1)), labels: () => [{}] },
  },
  {
    ...common,
    name: 'KnativeLambdaBuildFailureRateElevated',
    severity: 'warning',
    priority: 'P2',
    for: '5m',
    expr: (n) => failureRatio(n, '30m', 0.05, 2),
    summary: '{{ $value | humanizePercentage }} of builds failed in half an hour',
    description: 'More than 5% of the builds of the last 30 minutes failed, at least two of them.',
    test: { series: (n): Record<string, string> => builds(n, counter(0.3)), labels: () => [{}] },
  },
  {
    ...common,
    name: 'KnativeLambdaBuildJobFailed',
    severity: 'warning',
    priority: 'P3',
    condition: 'one build failed',
    for: '0m',
    // A pod that failed is counted while its Job tries again; the Job has failed when its condition says so.
    expr: (n) =>
      `max by (namespace, job_name, reason) (kube_job_status_failed{${jobs(n)}}) > 0 and on (namespace, job_name) ${byJob} (kube_job_failed{${jobs(n)}, condition="true"}) == 1`,
    summary: 'Build Job {{ $labels.job_name }} failed',
    description:
      'Build Job {{ $labels.job_name }} in {{ $labels.namespace }} failed (reason: {{ $labels.reason }}). The cause is in its pod: read the log before the Job is cleaned up.',
    test: {
      series: () => ({
        [`kube_job_status_failed{${JOB}, reason="BackoffLimitExceeded"}`]: gauge(0, 1),
        [`kube_job_failed{${JOB}, condition="true"}`]: gauge(0, 1),
      }),
      labels: () => [{ ...jobLabels, reason: 'BackoffLimitExceeded' }],
      odd: { 'retried and completed': retried },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaBuildOOMKilled',
    severity: 'warning',
    priority: 'P2',
    condition: 'one build',
    countsUp: 'builds of three functions killed for memory',
    for: '0m',
    expr: (n) =>
      `max by (namespace, pod, container) (kube_pod_container_status_terminated_reason{namespace=~"${n.namespaces}", container="kaniko", reason="OOMKilled"}) == 1`,
    summary: 'Kaniko ran out of memory in {{ $labels.pod }}',
    description:
      'Container {{ $labels.container }} of build pod {{ $labels.pod }} in {{ $labels.namespace }} was killed for exceeding its memory limit. The image was not built; the running revision keeps serving.',
    test: {
      series: () => ({
        [`kube_pod_container_status_terminated_reason{${POD}, container="kaniko", reason="OOMKilled"}`]: appears(1),
      }),
      labels: () => [{ ...podLabels, container: 'kaniko' }],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaBuildDeadlineExceeded',
    severity: 'warning',
    priority: 'P2',
    condition: 'one build',
    for: '0m',
    expr: (n) =>
      n.profile === 'builder' ? `${byJob} (kube_job_status_failed{${jobs(n)}, reason="DeadlineExceeded"}) > 0` : null,
    summary: 'Build {{ $labels.job_name }} ran into its deadline',
    description:
      'Build Job {{ $labels.job_name }} in {{ $labels.namespace }} was active longer than its deadline of 30 minutes. Its pod is deleted with it, so the log must come from an earlier capture.',
    test: {
      series: () => ({ [`kube_job_status_failed{${JOB}, reason="DeadlineExceeded"}`]: gauge(0, 1) }),
      labels: () => [jobLabels],
      odd: { 'retried and completed': retried },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaBuildStuck',
    severity: 'warning',
    priority: 'P2',
    condition: 'one build',
    for: '1m',
    expr: (n) =>
      `${byJob} (time() - kube_job_status_start_time{${jobs(n)}}) > 1800 and on (namespace, job_name) (${byJob} (kube_job_status_active{${jobs(n)}}) > 0)`,
    summary: 'Build {{ $labels.job_name }} has run for {{ $value | humanizeDuration }}',
    description:
      'Build Job {{ $labels.job_name }} in {{ $labels.namespace }} is active for more than 30 minutes. Nothing ends a hanging build by itself where Jobs have no deadline.',
    test: {
      series: () => ({
        [`kube_job_status_start_time{${JOB}}`]: '240x79',
        [`kube_job_status_active{${JOB}}`]: '0x3 1x36 0x39',
      }),
      firesAt: '37m',
      labels: () => [jobLabels],
      odd: { 'retried and completed': retried },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaBuildPodPending',
    severity: 'warning',
    priority: 'P2',
    condition: 'one build',
    for: '5m',
    expr: (n) => `${byPod} (kube_pod_status_phase{${pods(n)}, phase="Pending"}) == 1`,
    summary: 'Build pod {{ $labels.pod }} does not start',
    description:
      'Build pod {{ $labels.pod }} in {{ $labels.namespace }} has been Pending for 5 minutes: no node has room, an image cannot be pulled, or a volume cannot be mounted.',
    test: {
      series: () => ({ [`kube_pod_status_phase{${POD}, phase="Pending"}`]: gauge(0, 1) }),
      labels: () => [podLabels],
      odd: {
        'a node is added for it in 4 minutes': () => ({
          [`kube_pod_status_phase{${POD}, phase="Pending"}`]: '_x9 1x3 0x60',
        }),
      },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaBuildPodsMissing',
    severity: 'warning',
    priority: 'P2',
    condition: 'one build',
    for: '3m',
    expr: (n) =>
      `${byJob} (kube_job_status_active{${jobs(n)}}) == 0 unless on (namespace, job_name) (kube_job_complete{condition="true"} == 1) unless on (namespace, job_name) (kube_job_failed{condition="true"} == 1) unless on (namespace, job_name) (kube_job_status_failed > 0)`,
    summary: 'Build Job {{ $labels.job_name }} has no pod',
    description:
      'Build Job {{ $labels.job_name }} in {{ $labels.namespace }} wants a pod and gets none: quota, an admission webhook or a missing service account refuses it.',
    test: {
      series: () => ({ [`kube_job_status_active{${JOB}}`]: gauge(1, 0) }),
      labels: () => [jobLabels],
      odd: { 'waiting to try again after a pod that failed': retried },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaBuildImagePullBackOff',
    severity: 'warning',
    priority: 'P2',
    condition: 'one build',
    countsUp: 'build images missing for three functions',
    for: '2m',
    expr: (n) =>
      `${byPod} (kube_pod_container_status_waiting_reason{${pods(n)}, reason=~"ImagePullBackOff|ErrImagePull"}) == 1 or ${byPod} (kube_pod_init_container_status_waiting_reason{${pods(n)}, reason=~"ImagePullBackOff|ErrImagePull"}) == 1`,
    summary: 'Build pod {{ $labels.pod }} cannot pull its images',
    description:
      'Build pod {{ $labels.pod }} in {{ $labels.namespace }} cannot pull the images of the build itself (Kaniko or its init container). It affects every build on nodes that do not have them.',
    test: {
      series: () => ({
        [`kube_pod_init_container_status_waiting_reason{${POD}, container="extract-context", reason="ImagePullBackOff"}`]:
          gauge(0, 1),
      }),
      labels: () => [podLabels],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaBuildSlow',
    severity: 'critical',
    priority: 'P1',
    condition: 'builds far too slow',
    for: '15m',
    expr: (n) => slow(n, 300),
    summary: 'P95 of builds is {{ $value | humanizeDuration }}',
    description:
      'The slowest builds of the last 30 minutes, at least three of them, took more than 5 minutes, which is the objective.',
    test: {
      series: (n): Record<string, string> => durations(n, '600'),
      firesAt: '39m',
      labels: () => [{}],
      odd: { 'one slow build': (n): Record<string, string> => oneSlow(n, '600') },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaBuildSlow',
    severity: 'warning',
    priority: 'P2',
    for: '10m',
    expr: (n) => slow(n, 120),
    summary: 'P95 of builds is {{ $value | humanizeDuration }}',
    description:
      'The slowest builds of the last 30 minutes, at least three of them, took more than 2 minutes. Look at registry and package mirrors first, then at CPU throttling.',
    test: {
      series: (n): Record<string, string> => durations(n, '300'),
      labels: () => [{}],
      odd: { 'one slow build': (n): Record<string, string> => oneSlow(n, '600') },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaBuildContextErrors',
    severity: 'critical',
    priority: 'P1',
    condition: 'sources cannot be fetched',
    for: '2m',
    expr: (n) => `sum(increase(${n.contextErrors}[10m])) > 20`,
    summary: 'Sources cannot be fetched ({{ $value | humanize }} errors in 10 minutes)',
    description:
      'The control plane cannot fetch the source of functions. This many errors mean storage or its credentials rather than one missing object.',
    test: {
      series: (n): Record<string, string> => ({ [n.contextErrors.replaceAll('", ', '",')]: counter(4) }),
      labels: () => [{}],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaBuildContextErrors',
    severity: 'warning',
    priority: 'P2',
    for: '2m',
    expr: (n) => `sum(increase(${n.contextErrors}[10m])) > 5`,
    summary: 'Sources cannot be fetched ({{ $value | humanize }} errors in 10 minutes)',
    description:
      'The control plane cannot fetch the source of a function: storage down, object missing, credentials wrong, or git failing. One function is retried every 15 seconds and is enough to raise this.',
    test: {
      series: (n): Record<string, string> => ({ [n.contextErrors.replaceAll('", ', '",')]: counter(1) }),
      labels: () => [{}],
    },
  },
  {
    ...common,
    name: 'KnativeLambdaJobCreationErrors',
    severity: 'critical',
    priority: 'P1',
    condition: 'build Jobs refused',
    for: '2m',
    expr: (n) => `sum(increase(${n.jobCreationErrors}[10m])) > 3`,
    summary: 'Build Jobs cannot be created',
    description:
      'The API server refuses build Jobs ({{ $value | humanize }} times in 10 minutes): quota on Jobs, missing rights, or an admission webhook.',
    test: { series: (n): Record<string, string> => ({ [n.jobCreationErrors]: counter(1) }), labels: () => [{}] },
  },
  {
    ...common,
    name: 'KnativeLambdaBuildConcurrencyNearLimit',
    severity: 'warning',
    priority: 'P3',
    condition: 'build concurrency near its limit',
    for: '10m',
    expr: (n) => `sum(kube_job_status_active{${jobs(n)}}) > ${0.9 * n.concurrencyLimit}`,
    summary: '{{ $value | humanize }} builds run at once',
    description: 'Builds use more than 90% of the allowed concurrency; further ones wait.',
    test: { series: () => ({ [`kube_job_status_active{${JOB}}`]: gauge(1, 60) }), labels: () => [{}] },
  },
  {
    ...common,
    name: 'KnativeLambdaBuildQueueStalled',
    severity: 'critical',
    priority: 'P1',
    condition: 'builds stalled',
    for: '10m',
    // One long build is KnativeLambdaBuildStuck; an idle half hour before a build is no standstill. A control plane that was
    // restarted has no counter before its first build ends: while it is scraped, that is none.
    expr: (n) =>
      `min_over_time((sum(kube_job_status_active{${jobs(n)}}) or vector(0))[30m:1m]) >= 2 and on () (sum(increase(${n.builds}[30m])) or 0 * count(up{namespace="${n.controlNamespace}", job="${n.controlDeployment}"} == 1)) == 0`,
    summary: 'Builds run and none finishes',
    description:
      'Two or more build Jobs have been active all the time, and not one build has finished in 30 minutes, failed or not.',
    test: {
      series: (n): Record<string, string> => ({
        [`kube_job_status_active{${JOB}}`]: '3x119',
        [`up{namespace="${n.controlNamespace}", job="${n.controlDeployment}"}`]: '1x119',
        // The control plane is restarted after 20 minutes, and is as stuck as before.
        [BUILDS_ENDED[n.profile]]: '0+1x9 10x9 stale _x59 1+1x39',
      }),
      firesAt: '70m',
      resolvedAt: '100m',
      labels: () => [{}],
      odd: {
        'one build of 40 minutes after a quiet night': (n): Record<string, string> => ({
          [`kube_job_status_active{${JOB}}`]: '_x20 1x39 0x19',
          [BUILDS_ENDED[n.profile]]: '7x59 8x19',
        }),
        'the control plane is not scraped': (): Record<string, string> => ({
          [`kube_job_status_active{${JOB}}`]: '3x79',
        }),
      },
    },
  },
  {
    ...common,
    name: 'KnativeLambdaBuildWithoutService',
    severity: 'warning',
    priority: 'P2',
    for: '0m',
    expr: (n) =>
      `(max by (namespace, function) (label_replace(time() - kube_job_status_completion_time{namespace=~"${n.namespaces}", job_name=~"${n.functionOfJob}"}, "function", "$1", "job_name", "${n.functionOfJob}")) > 120 unless on (namespace, function) label_replace(kube_customresource_knative_component_condition{customresource_kind="Service"}, "function", "$1", "name", "(?:parser-)?(.+)")) and on () (count(kube_customresource_knative_component_condition{customresource_kind="Service"}) > 0)`,
    summary: 'Function {{ $labels.function }} was built and not deployed',
    description:
      'The build of {{ $labels.function }} in {{ $labels.namespace }} finished more than 2 minutes ago and no Knative Service exists for it: the step after the build failed or its event was lost.',
    test: {
      series: () => ({
        [`kube_job_status_completion_time{${JOB}}`]: '_x10 600x69',
        'kube_customresource_knative_component_condition{customresource_kind="Service", namespace="knative-lambda", name="other", type="Ready", status="True"}':
          '1x79',
        'kube_customresource_knative_component_condition{customresource_kind="Service", namespace="knative-lambda", name="hello-python", type="Ready", status="True"}':
          '_x40 1x39',
      }),
      labels: () => [{ namespace: 'knative-lambda', function: 'hello-python' }],
    },
  },
];
