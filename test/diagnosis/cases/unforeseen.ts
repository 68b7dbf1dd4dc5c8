import { healthy, sick, undecidable } from '../story.ts';
import { alertOn, containerWaiting, crashLooping, podNotReady, replicasMismatch, usersSee } from '../world/alerts.ts';
import { backoffExceeded, cronJob, job, jobOf, podEnds } from '../world/batch.ts';
import { crashLoops, restarted } from '../world/ills.ts';
import { knativeService, mark } from '../world/knative.ts';
import { ingress, service } from '../world/network.ts';
import { setNode } from '../world/nodes.ts';
import { first } from '../world/pick.ts';
import { hpa } from '../world/policies.ts';
import { answered, neverReady, timedOut } from '../world/probes.ts';
import { refusedPods } from '../world/quota.ts';
import { creating, initHolds, pullFails, unscheduled } from '../world/starting.ts';
import { boundClaim, claimed, pendingClaim, storageClass } from '../world/storage.ts';
import { http } from '../world/template.ts';
import { daemonSet, deployment, statefulSet } from '../world/workloads.ts';

/** Written after the rules of the other new cases, and before any of them was run against these. */
export const UNFORESEEN = [
  sick('ingress-leads-to-a-service-scaled-to-nothing', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/ingress/',
    about: ['Deployment/reports', 'Service/reports'],
    says: [/0 replicas|scaled|zero|no pods|replicas/i],
    tell({ world }) {
      deployment(world, 'reports', { replicas: 0, ports: [8080] });
      service(world, 'reports');
      const front = ingress(world, 'reports', {
        host: 'reports.example.com',
        backend: { service: 'reports', port: 80 },
      });
      alertOn(world, 'IngressBackendDown', front, { severity: 'critical', summary: 'reports answers 503.' });
      return 'reports answers 503.';
    },
  }),
  sick('redis-does-not-take-the-password', {
    source: 'https://redis.io/docs/latest/commands/auth/',
    about: ['Deployment/sessions-api'],
    says: [/WRONGPASS|credential|password/i],
    tell({ world }) {
      const { pods } = deployment(world, 'sessions-api', { replicas: 1 });
      crashLoops(world, first(pods), {
        exitCode: 1,
        restarts: 6,
        since: '14m',
        log: [
          '{"level":30,"time":1795514300000,"msg":"starting"}',
          '{"level":60,"time":1795514301000,"err":{"type":"ReplyError","message":"WRONGPASS invalid username-password pair or user is disabled.","stack":"ReplyError: WRONGPASS invalid username-password pair or user is disabled.\\n    at parseError"},"msg":"cannot start"}',
        ],
      });
      crashLooping(world, first(pods));
      return 'Sessions restarts.';
    },
  }),
  sick('certificate-authority-of-the-database-is-not-known-to-the-client', {
    source: 'https://www.postgresql.org/docs/current/libpq-ssl.html',
    about: ['Deployment/reporting'],
    says: [/certificate/i],
    tell({ world }) {
      const { pods } = deployment(world, 'reporting', { replicas: 1 });
      crashLoops(world, first(pods), {
        exitCode: 1,
        restarts: 6,
        since: '14m',
        log: [
          'Traceback (most recent call last):',
          '  File "/usr/lib/python3.12/site-packages/psycopg/connection.py", line 117, in connect',
          'psycopg.OperationalError: connection failed: connection to server at "10.96.7.7", port 5432 failed: SSL error: certificate verify failed',
        ],
      });
      crashLooping(world, first(pods));
      return 'Reporting restarts.';
    },
  }),
  sick('queue-of-the-consumer-was-never-declared', {
    source: 'https://www.rabbitmq.com/docs/queues#declaration',
    about: ['Deployment/labels'],
    says: [/labels\.print/],
    tell({ world }) {
      const { pods } = deployment(world, 'labels', { replicas: 1 });
      crashLoops(world, first(pods), {
        exitCode: 1,
        restarts: 6,
        since: '14m',
        log: ["pika.exceptions.ChannelClosedByBroker: (404, \"NOT_FOUND - no queue 'labels.print' in vhost '/'\")"],
      });
      crashLooping(world, first(pods));
      return 'Labels are not printed.';
    },
  }),
  sick('schema-of-the-database-is-behind-the-program', {
    source: 'https://www.postgresql.org/docs/current/errcodes-appendix.html',
    about: ['Deployment/crm'],
    says: [/loyalty_tier/],
    tell({ world }) {
      const { pods } = deployment(world, 'crm', { replicas: 1, readiness: http('/health', 8080) });
      neverReady(world, first(pods), answered(500), { since: '18m' });
      world.log(first(pods), 'crm', [
        'ERROR HealthCheck: query failed org.postgresql.util.PSQLException: ERROR: column "loyalty_tier" does not exist',
        '  Position: 42',
        'ERROR HealthCheck: query failed org.postgresql.util.PSQLException: ERROR: column "loyalty_tier" does not exist',
        '  Position: 42',
      ]);
      podNotReady(world, first(pods));
      return 'crm is not ready.';
    },
  }),
  sick('go-program-runs-into-a-nil-pointer', {
    source: 'https://go.dev/blog/defer-panic-and-recover',
    about: ['Deployment/matcher'],
    says: [/nil pointer|panic/i],
    tell({ world }) {
      const { pods } = deployment(world, 'matcher', { replicas: 1 });
      crashLoops(world, first(pods), {
        exitCode: 2,
        restarts: 6,
        since: '14m',
        log: [
          'panic: runtime error: invalid memory address or nil pointer dereference',
          '[signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=0x6d1a2f]',
          '',
          'goroutine 1 [running]:',
          'main.(*Matcher).Load(0x0)',
          '\t/src/matcher.go:41 +0x1f',
          'exit status 2',
        ],
      });
      crashLooping(world, first(pods));
      return 'The matcher restarts.';
    },
  }),
  sick('helm-hook-job-cannot-reach-the-database', {
    source: 'https://helm.sh/docs/topics/charts_hooks/',
    about: ['Job/db-migrate'],
    says: [/crm-db/],
    tell({ world }) {
      const { job: of, pods } = job(world, 'db-migrate', { age: '12m', backoffLimit: 0 });
      podEnds(world, first(pods), {
        exitCode: 1,
        ended: '11m',
        log: [
          'goose run: failed to connect to `user=crm database=crm`: hostname resolving error: lookup crm-db on 10.96.0.10:53: no such host',
        ],
      });
      backoffExceeded(world, of, '11m');
      alertOn(world, 'KubeJobFailed', of);
      return 'The migration failed.';
    },
  }),
  sick('cron-jobs-last-run-failed-of-a-missing-bucket', {
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html',
    about: ['CronJob/archive', 'Job/archive'],
    says: [/NoSuchBucket|bucket/i],
    tell({ world }) {
      const cron = cronJob(world, 'archive', { lastScheduled: '20m', lastSucceeded: '25h' });
      const { job: of, pods } = jobOf(world, cron, '20m', { backoffLimit: 0 });
      podEnds(world, first(pods), {
        exitCode: 1,
        ended: '19m',
        log: [
          'botocore.errorfactory.NoSuchBucket: An error occurred (NoSuchBucket) when calling the PutObject operation: The specified bucket does not exist',
        ],
      });
      backoffExceeded(world, of, '19m');
      alertOn(world, 'KubeJobFailed', of);
      return 'The archive failed.';
    },
  }),
  sick('liveness-waits-for-a-deadlocked-program', {
    source: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
    about: ['Deployment/scheduler'],
    says: [/liveness/i],
    tell({ world }) {
      const { pods } = deployment(world, 'scheduler', { replicas: 1, ports: [8080], liveness: http('/live', 8080) });
      const pod = first(pods);
      restarted(world, pod, { exitCode: 137, restarts: 5, since: '50m', lived: '10m', ended: '4m' }, { ready: true });
      world.warn(pod, 'Unhealthy', `Liveness probe failed: ${timedOut(pod, 8080, '/live')}`, {
        source: 'kubelet',
        first: '50m',
        last: '4m',
        count: 15,
      });
      world.note(pod, 'Killing', 'Container scheduler failed liveness probe, will be restarted', {
        source: 'kubelet',
        first: '50m',
        last: '4m',
        count: 5,
      });
      alertOn(world, 'KubePodRestarting', pod, { since: '20m' });
      return 'The scheduler restarts.';
    },
  }),
  sick('claim-is-in-another-zone-than-the-only-free-node', {
    source: 'https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode',
    about: ['StatefulSet/ledger-db', 'PersistentVolumeClaim/ledger-db', 'PersistentVolume/pv-ledger'],
    says: [/zone|affinity|volume/i],
    tell({ world }) {
      boundClaim(world, 'ledger-db', {
        volumeName: 'pv-ledger',
        spec: {
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['zone-d'] }] },
              ],
            },
          },
        },
      });
      const { statefulSet: of, pods } = statefulSet(world, 'ledger-db', {
        replicas: 1,
        podAge: '12m',
        ...claimed('ledger-db'),
      });
      unscheduled(
        world,
        first(pods),
        "0/3 nodes are available: 3 node(s) didn't match PersistentVolume's node affinity. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
      );
      alertOn(world, 'KubeStatefulSetReplicasMismatch', of);
      return 'The ledger database does not start.';
    },
  }),
  sick('claim-waits-for-a-class-whose-parameters-are-refused', {
    source: 'https://kubernetes.io/docs/concepts/storage/storage-classes/#parameters',
    about: ['PersistentVolumeClaim/warehouse', 'Deployment/warehouse'],
    says: [/gp9|type/i],
    tell({ world }) {
      storageClass(world, 'standard', { isDefault: true });
      const claim = pendingClaim(world, 'warehouse', { age: '15m' });
      world.warn(
        claim,
        'ProvisioningFailed',
        'failed to provision volume with StorageClass "standard": rpc error: code = InvalidArgument desc = Could not parse invalid input for VolumeType: gp9',
        { source: 'csi.example.com_csi-provisioner-0_7c1', first: '15m', last: '30s', count: 9 },
      );
      const { deployment: of, pods } = deployment(world, 'warehouse', {
        replicas: 1,
        podAge: '15m',
        ...claimed('warehouse'),
      });
      unscheduled(
        world,
        first(pods),
        '0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
      );
      replicasMismatch(world, of);
      return 'The warehouse does not start.';
    },
  }),
  sick('node-has-no-room-for-more-images', {
    source: 'https://kubernetes.io/docs/concepts/architecture/garbage-collection/#container-image-garbage-collection',
    about: ['Node/node-b'],
    says: [/disk/i, /node-b/],
    tell({ world, nodes }) {
      const of = nodes.find(({ metadata }) => metadata.name === 'node-b') ?? first(nodes);
      setNode(world, of, 'DiskPressure', 'True', {
        reason: 'KubeletHasDiskPressure',
        message: 'kubelet has disk pressure',
        since: '12m',
      });
      world.warn(of, 'EvictionThresholdMet', 'Attempting to reclaim ephemeral-storage', {
        source: 'kubelet',
        first: '12m',
        last: '20s',
        count: 40,
      });
      alertOn(world, 'KubeNodePressure', of, { labels: { condition: 'DiskPressure' } });
      return 'node-b is under pressure.';
    },
  }),
  sick('agent-of-one-node-may-not-mount-a-path-of-the-host', {
    source: 'https://kubernetes.io/docs/concepts/storage/volumes/#hostpath',
    about: ['DaemonSet/log-agent'],
    says: [/\/var\/lib\/agent|hostPath/],
    tell({ world }) {
      const { daemonSet: of, pods } = daemonSet(world, 'log-agent', {
        spec: { volumes: [{ name: 'state', hostPath: { path: '/var/lib/agent', type: 'Directory' } }] },
        mounts: [{ name: 'state', mountPath: '/state' }],
        podAge: '20m',
      });
      const pod = first(pods);
      creating(world, pod, [
        {
          reason: 'FailedMount',
          message:
            'MountVolume.SetUp failed for volume "state" : hostPath type check failed: /var/lib/agent is not a directory',
          count: 17,
        },
      ]);
      alertOn(world, 'KubeDaemonSetRolloutStuck', of);
      return 'The log agent lacks a pod.';
    },
  }),
  sick('container-runs-as-root-where-it-must-not', {
    source: 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/',
    about: ['Deployment/legacy'],
    says: [/root/i],
    confirmed: true,
    tell({ world }) {
      const { pods } = deployment(world, 'legacy', {
        replicas: 1,
        podAge: '14m',
        spec: { securityContext: { runAsNonRoot: true } },
      });
      const message = `container has runAsNonRoot and image will run as root (pod: "${first(pods).metadata.name}_shop(1)", container: legacy)`;
      world.warn(first(pods), 'Failed', `Error: ${message}`, {
        source: 'kubelet',
        first: '14m',
        last: '5s',
        count: 60,
      });
      for (const status of first(pods).status.containerStatuses)
        Object.assign(status, {
          ready: false,
          started: false,
          state: { waiting: { reason: 'CreateContainerConfigError', message } },
        });
      first(pods).status.phase = 'Pending';
      containerWaiting(world, first(pods), 'CreateContainerConfigError');
      return 'legacy does not start.';
    },
  }),
  sick('deployment-uses-an-account-nobody-made', {
    source: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/',
    about: ['Deployment/vault-agent'],
    says: [/vault-reader/],
    confirmed: true,
    tell({ world }) {
      const {
        deployment: of,
        replicaSet,
        pods,
      } = deployment(world, 'vault-agent', {
        replicas: 1,
        age: '12m',
        spec: { serviceAccountName: 'vault-reader' },
      });
      for (const pod of pods) world.remove(pod);
      refusedPods(
        world,
        replicaSet,
        'pods "vault-agent-6d7f-" is forbidden: error looking up service account shop/vault-reader: serviceaccount "vault-reader" not found',
        { first: '12m' },
      );
      replicasMismatch(world, of);
      return 'The vault agent has no pods.';
    },
  }),
  sick('autoscaler-names-a-metric-its-adapter-does-not-have', {
    source:
      'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale-walkthrough/#autoscaling-on-multiple-metrics-and-custom-metrics',
    about: ['HorizontalPodAutoscaler/gateway', 'Deployment/gateway'],
    says: [/requests_per_second/],
    tell({ world }) {
      deployment(world, 'gateway', { replicas: 2 });
      const message =
        'the HPA was unable to compute the replica count: unable to get metric requests_per_second: unable to fetch metrics from custom metrics API: the server could not find the metric requests_per_second for pods';
      const scaler = hpa(world, 'gateway', {
        max: 10,
        current: 2,
        desired: 2,
        conditions: [{ type: 'ScalingActive', status: 'False', reason: 'FailedGetPodsMetric', message, since: '40m' }],
      });
      world.warn(scaler, 'FailedGetPodsMetric', message, {
        source: 'horizontal-pod-autoscaler',
        first: '40m',
        last: '10s',
        count: 160,
      });
      alertOn(world, 'KubeHpaReplicasMismatch', scaler);
      return 'The gateway does not scale.';
    },
  }),
  sick('init-container-finds-no-image-of-its-tag', {
    source: 'https://kubernetes.io/docs/concepts/containers/images/',
    about: ['Deployment/planner'],
    says: [/migrate:2\.0/],
    tell({ world }) {
      const { pods } = deployment(world, 'planner', {
        replicas: 1,
        podAge: '14m',
        init: [{ name: 'migrate', image: 'registry.example.com/shop/migrate:2.0' }],
      });
      const error =
        'rpc error: code = NotFound desc = failed to pull and unpack image "registry.example.com/shop/migrate:2.0": failed to resolve reference "registry.example.com/shop/migrate:2.0": registry.example.com/shop/migrate:2.0: not found';
      initHolds(world, first(pods), 'migrate', {
        state: { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image: ErrImagePull: ${error}` } },
      });
      world.warn(first(pods), 'Failed', `Failed to pull image "registry.example.com/shop/migrate:2.0": ${error}`, {
        source: 'kubelet',
        first: '14m',
        last: '1m',
        count: 6,
      });
      podNotReady(world, first(pods));
      return 'The planner does not start.';
    },
  }),
  sick('registry-in-the-cluster-speaks-plain-http', {
    source: 'https://kubernetes.io/docs/concepts/containers/images/#using-a-private-registry',
    about: ['Deployment/inhouse'],
    says: [/registry/i, /http/i],
    tell({ world }) {
      const { pods } = deployment(world, 'inhouse', {
        replicas: 1,
        podAge: '14m',
        image: 'registry.tools:5000/inhouse:3',
      });
      pullFails(world, first(pods), {
        error:
          'failed to pull and unpack image "registry.tools:5000/inhouse:3": failed to resolve reference "registry.tools:5000/inhouse:3": failed to do request: Head "https://registry.tools:5000/v2/inhouse/manifests/3": http: server gave HTTP response to HTTPS client',
      });
      containerWaiting(world, first(pods), 'ImagePullBackOff');
      return 'inhouse does not start.';
    },
  }),
  sick('domain-of-a-function-has-no-certificate-yet-and-the-route-says-why', {
    source: 'https://knative.dev/docs/serving/encryption/external-domain-tls/',
    about: ['Service/pay', 'Route/pay'],
    says: [/certificate/i],
    tell({ world }) {
      const pay = knativeService(world, 'pay', { age: '30m' });
      const why = 'Certificate route-4f1 is not ready: order is pending';
      mark(world, pay.route, 'CertificateProvisioned', 'Unknown', 'CertificateNotReady', why, '25m');
      mark(world, pay.route, 'Ready', 'Unknown', 'CertificateNotReady', why, '25m');
      mark(world, pay.service, 'RoutesReady', 'Unknown', 'CertificateNotReady', why, '25m');
      mark(world, pay.service, 'Ready', 'Unknown', 'CertificateNotReady', why, '25m');
      alertOn(world, 'KnativeServiceNotReady', pay.service, { labels: { service_name: 'pay' } });
      return 'pay is not ready.';
    },
  }),
  healthy('old-replica-sets-of-many-releases-stand-at-zero', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#clean-up-policy',
    tell({ world }) {
      const { deployment: of } = deployment(world, 'often-released', { replicas: 2 });
      alertOn(world, 'KubeDeploymentReplicasMismatch', of, { since: '8m' });
      return 'Is it well?';
    },
  }),
  healthy('job-pod-was-evicted-and-the-job-completed-with-another', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/#handling-pod-and-container-failures',
    tell({ world }) {
      const { job: of, pods } = job(world, 'compact', { age: '30m', pods: 2 });
      const [lost, done] = pods;
      if (lost) {
        podEnds(world, lost, { exitCode: 137, ended: '25m' });
        Object.assign(lost.status, { reason: 'Evicted', message: 'The node was low on resource: memory.' });
      }
      if (done) podEnds(world, done, { exitCode: 0, ended: '10m' });
      of.status.conditions = ['SuccessCriteriaMet', 'Complete'].map((type) => ({
        type,
        status: 'True',
        reason: 'CompletionsReached',
        message: 'Reached expected number of succeeded pods',
        lastProbeTime: world.ago('10m'),
        lastTransitionTime: world.ago('10m'),
      }));
      of.status.completionTime = world.ago('10m');
      alertOn(world, 'KubeJobFailed', of, { since: '24m' });
      return 'Did the compaction fail?';
    },
  }),
  healthy('autoscaler-scaled-down-after-the-peak', {
    source: 'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/',
    tell({ world }) {
      const of = deployment(world, 'peaky', { replicas: 2 });
      hpa(world, 'peaky', { min: 2, max: 10, current: 2, desired: 2, seen: 30 });
      world.note(
        of.deployment,
        'ScalingReplicaSet',
        `Scaled down replica set ${of.replicaSet.metadata.name} from 5 to 2`,
        {
          source: 'deployment-controller',
          first: '9m',
        },
      );
      alertOn(world, 'KubeDeploymentReplicasMismatch', of.deployment, { since: '9m' });
      return 'Is peaky well?';
    },
  }),
  healthy('service-of-another-team-has-no-endpoints-on-purpose', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors',
    tell({ world }) {
      service(world, 'legacy-db', { selector: null, ports: [{ port: 5432 }] });
      usersSee(world, 'SlowRequests', 'web was slow.');
      return 'web was slow.';
    },
  }),
  undecidable('orders-stop-and-the-broker-is-outside', {
    source: 'https://sre.google/sre-book/monitoring-distributed-systems/',
    silent: true,
    about: ['Deployment/order-intake'],
    tell({ world }) {
      const { deployment: of, pods } = deployment(world, 'order-intake', { replicas: 2 });
      for (const pod of pods) world.log(pod, 'order-intake', ['INFO polled 0 records', 'INFO polled 0 records']);
      alertOn(world, 'OrdersStopped', of, { severity: 'critical' });
      return 'No orders come in.';
    },
  }),
];
