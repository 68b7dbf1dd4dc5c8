import { sick } from '../story.ts';
import { alertOn, crashLooping, podNotReady, replicasMismatch } from '../world/alerts.ts';
import { crashLoops } from '../world/ills.ts';
import { first } from '../world/pick.ts';
import { refusedPods } from '../world/quota.ts';
import { configFails, creating, pullFails, unscheduled } from '../world/starting.ts';
import { boundClaim } from '../world/storage.ts';
import { daemonSet, deployment, statefulSet } from '../world/workloads.ts';
import type { World } from '../world/world.ts';

/** A Deployment of which no pod is made, for this refusal. */
function refused(world: World, app: string, why: string): void {
  const { deployment: of, replicaSet, pods } = deployment(world, app, { replicas: 1, age: '12m' });
  for (const pod of pods) world.remove(pod);
  refusedPods(world, replicaSet, `pods "${app}-7d9f8-x2k9p" is forbidden: ${why}`, { first: '12m' });
  replicasMismatch(world, of);
}

/** What admission, the kubelet and the runtime refuse, met less often. */
export const REFUSALS = [
  sick('quota-of-a-priority-class-is-full', {
    source: 'https://kubernetes.io/docs/concepts/policy/resource-quotas/#resource-quota-per-priorityclass',
    about: ['Deployment/batcher', 'ResourceQuota/pods-high'],
    says: [/pods-high/, /quota/i],
    confirmed: true,
    tell({ world }) {
      refused(
        world,
        'batcher',
        'exceeded quota: pods-high, requested: cpu=500m,pods=1, used: cpu=1,pods=10, limited: cpu=1,pods=10',
      );
      return 'The batcher has no pods.';
    },
  }),
  sick('priority-is-admitted-only-where-a-quota-covers-it', {
    source: 'https://kubernetes.io/docs/concepts/policy/resource-quotas/#limit-priority-class-consumption-by-default',
    about: ['Deployment/urgent'],
    says: [/quota/i, /PriorityClass|cluster-services|priority/i],
    tell({ world }) {
      refused(world, 'urgent', 'insufficient quota to match these scopes: [{PriorityClass In [cluster-services]}]');
      return 'urgent has no pods.';
    },
  }),
  sick('limit-range-refuses-the-ratio-of-limit-to-request', {
    source: 'https://kubernetes.io/docs/concepts/policy/limit-range/',
    about: ['Deployment/burster'],
    says: [/ratio/i, /\b4\b|\b20\b/],
    confirmed: true,
    tell({ world }) {
      refused(world, 'burster', 'cpu max limit to request ratio per Container is 4, but provided ratio is 20.000000');
      return 'The burster has no pods.';
    },
  }),
  sick('pod-security-wants-a-seccomp-profile-and-no-root', {
    source: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
    about: ['Deployment/legacy'],
    says: [/restricted/i, /seccomp|runAsNonRoot/i],
    confirmed: true,
    tell({ world }) {
      refused(
        world,
        'legacy',
        'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "legacy" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or container "legacy" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "legacy" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
      );
      return 'legacy has no pods.';
    },
  }),
  sick('node-restriction-forbids-the-service-accounts-token', {
    source: 'https://kubernetes.io/docs/concepts/configuration/secret/#using-imagepullsecrets',
    about: ['Deployment/catalogue'],
    says: [/regcred/, /pull secret|imagePullSecret/i],
    tell({ world }) {
      const image = 'registry.private.example/catalogue:4.1.0';
      const spec = { imagePullSecrets: [{ name: 'regcred' }] };
      const { deployment: of, pods } = deployment(world, 'catalogue', { replicas: 1, podAge: '11m', image, spec });
      const pod = first(pods);
      const error = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://registry.private.example/token?scope=repository%3Acatalogue%3Apull: 401 Unauthorized`;
      pullFails(world, pod, { error });
      const message =
        'Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed.';
      const told = { source: 'kubelet', first: '11m', last: '30s', count: 50 };
      world.warn(pod, 'FailedToRetrieveImagePullSecret', message, told);
      replicasMismatch(world, of);
      return 'The catalogue does not start.';
    },
  }),
  sick('seccomp-profile-is-not-on-the-node', {
    source: 'https://kubernetes.io/docs/tutorials/security/seccomp/',
    about: ['Deployment/parser'],
    says: [/seccomp/i, /profiles\/audit\.json/],
    tell({ world }) {
      const profile = { type: 'Localhost', localhostProfile: 'profiles/audit.json' };
      const spec = { securityContext: { seccompProfile: profile } };
      const { pods } = deployment(world, 'parser', { replicas: 1, podAge: '12m', spec });
      const message =
        'failed to create containerd container: cannot load seccomp profile "/var/lib/kubelet/seccomp/profiles/audit.json": open /var/lib/kubelet/seccomp/profiles/audit.json: no such file or directory';
      configFails(world, first(pods), message, { reason: 'CreateContainerError' });
      podNotReady(world, first(pods));
      return 'The parser does not start.';
    },
  }),
  sick('apparmor-profile-is-not-loaded-on-the-node', {
    source: 'https://kubernetes.io/docs/tutorials/security/apparmor/',
    about: ['Deployment/scanner'],
    says: [/apparmor/i, /k8s-deny-write/],
    tell({ world }) {
      const profile = { type: 'Localhost', localhostProfile: 'k8s-deny-write' };
      const spec = { securityContext: { appArmorProfile: profile } };
      const { pods } = deployment(world, 'scanner', { replicas: 1, podAge: '12m', spec });
      const message =
        'failed to create containerd container: get apparmor_parser version: apparmor profile "k8s-deny-write" is not loaded';
      configFails(world, first(pods), message, { reason: 'CreateContainerError' });
      podNotReady(world, first(pods));
      return 'The scanner does not start.';
    },
  }),
  sick('certificate-key-is-not-in-the-secret', {
    source: 'https://kubernetes.io/docs/concepts/configuration/secret/#tls-secrets',
    about: ['Deployment/gateway'],
    says: [/tls\.crt/, /gateway-cert|cert/],
    tell({ world }) {
      const volumes = [
        { name: 'cert', secret: { secretName: 'gateway-cert', items: [{ key: 'tls.crt', path: 'tls.crt' }] } },
      ];
      const { pods } = deployment(world, 'gateway', {
        replicas: 1,
        podAge: '13m',
        mounts: [{ name: 'cert', mountPath: '/tls' }],
        spec: { volumes },
      });
      creating(world, first(pods), [
        {
          reason: 'FailedMount',
          message: 'MountVolume.SetUp failed for volume "cert" : references non-existent secret key: tls.crt',
          count: 13,
        },
      ]);
      podNotReady(world, first(pods));
      return 'The gateway does not start.';
    },
  }),
  sick('volume-takes-its-time-for-the-owner-of-each-file', {
    source:
      'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#configure-volume-permission-and-ownership-change-policy-for-pods',
    about: ['Deployment/library', 'PersistentVolumeClaim/library'],
    says: [/owner|fsGroup|permission/i],
    tell({ world }) {
      boundClaim(world, 'library');
      const spec = {
        securityContext: { fsGroup: 2000 },
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'library' } }],
      };
      const { pods } = deployment(world, 'library', {
        replicas: 1,
        podAge: '16m',
        mounts: [{ name: 'data', mountPath: '/data' }],
        spec,
      });
      creating(world, first(pods), [
        {
          reason: 'VolumePermissionChangeInProgress',
          message:
            'Setting volume ownership for pvc-81/mount is taking longer than expected, consider using OnRootMismatch - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#configure-volume-permission-and-ownership-change-policy-for-pods',
          count: 14,
          last: '40s',
        },
      ]);
      podNotReady(world, first(pods));
      return 'The library does not come up.';
    },
  }),
  sick('name-of-the-container-is-still-reserved', {
    source: 'https://github.com/containerd/containerd/issues/4604',
    about: ['Deployment/slowdisk'],
    says: [/reserved/i],
    tell({ world }) {
      const { pods } = deployment(world, 'slowdisk', { replicas: 1, podAge: '14m' });
      const message =
        'failed to reserve container name "slowdisk_slowdisk-6d_shop_5b_0": name "slowdisk_slowdisk-6d_shop_5b_0" is reserved for "9f2c"';
      configFails(world, first(pods), message, { reason: 'CreateContainerError' });
      podNotReady(world, first(pods));
      return 'slowdisk does not start.';
    },
  }),
  sick('script-has-the-line-ends-of-another-system', {
    source: 'https://man7.org/linux/man-pages/man2/execve.2.html',
    about: ['Deployment/importer'],
    says: [/entrypoint\.sh/, /no such file/i],
    confirmed: true,
    tell({ world }) {
      const { pods } = deployment(world, 'importer', { replicas: 1, podAge: '12m', command: ['/app/entrypoint.sh'] });
      const log = ['exec /app/entrypoint.sh: no such file or directory'];
      crashLoops(world, first(pods), { exitCode: 255, restarts: 6, since: '11m', log });
      crashLooping(world, first(pods));
      return 'The importer does not start.';
    },
  }),
  sick('service-link-of-the-namespace-hides-the-setting', {
    source: 'https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables',
    about: ['Deployment/redis-ui'],
    says: [/REDIS_PORT|tcp:\/\/10\.96/],
    tell({ world }) {
      const { pods } = deployment(world, 'redis-ui', { replicas: 1, podAge: '12m' });
      const log = ['panic: strconv.Atoi: parsing "tcp://10.96.41.18:6379": invalid syntax (REDIS_PORT)'];
      crashLoops(world, first(pods), { exitCode: 2, restarts: 6, since: '11m', log });
      crashLooping(world, first(pods));
      return 'redis-ui does not start.';
    },
  }),
  sick('arguments-and-environment-are-too-long', {
    source: 'https://man7.org/linux/man-pages/man2/execve.2.html (E2BIG)',
    about: ['Deployment/crowded'],
    says: [/argument list too long/i],
    tell({ world }) {
      const { pods } = deployment(world, 'crowded', { replicas: 1, podAge: '12m' });
      const message =
        'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/bin/server": argument list too long: unknown';
      crashLoops(world, first(pods), { exitCode: 128, reason: 'StartError', message, restarts: 6, since: '11m' });
      crashLooping(world, first(pods));
      return 'crowded does not start.';
    },
  }),
  sick('daemon-set-selects-no-node', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/',
    about: ['DaemonSet/gpu-exporter'],
    says: [/gpu=true|gpu/, /no node|0 nodes|none of/i],
    tell({ world }) {
      const { daemonSet: of, pods } = daemonSet(world, 'gpu-exporter', {
        age: '20m',
        spec: { nodeSelector: { gpu: 'true' } },
      });
      for (const pod of pods) world.remove(pod);
      world.settling(() =>
        Object.assign(of.status, { desiredNumberScheduled: 0, currentNumberScheduled: 0, numberReady: 0 }),
      );
      alertOn(world, 'GpuExporterAbsent', of, { summary: 'No GPU exporter runs.' });
      return 'There are no GPU metrics.';
    },
  }),
  sick('resource-claim-of-a-device-is-not-allocated', {
    source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/',
    about: ['Deployment/render'],
    says: [/resourceclaim|device/i],
    tell({ world }) {
      const { deployment: of, pods } = deployment(world, 'render', { replicas: 1, podAge: '15m' });
      unscheduled(
        world,
        first(pods),
        '0/3 nodes are available: 3 cannot allocate all claims. still not schedulable, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
      );
      replicasMismatch(world, of);
      return 'render does not run.';
    },
  }),
  sick('device-class-of-a-claim-does-not-exist', {
    source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#deviceclass',
    about: ['Deployment/render'],
    says: [/device class gpu\.example\.com does not exist/],
    never: [/no node has/i],
    tell({ world }) {
      const { deployment: of, pods } = deployment(world, 'render', { replicas: 1, podAge: '15m' });
      unscheduled(
        world,
        first(pods),
        '0/3 nodes are available: request gpu: device class gpu.example.com does not exist. still not schedulable, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
      );
      replicasMismatch(world, of);
      return 'render does not run.';
    },
  }),
  sick('stateful-set-holds-on-a-broken-revision', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback',
    about: ['StatefulSet/ring'],
    says: [/RING_SEED/],
    tell({ world }) {
      const { statefulSet: of, pods } = statefulSet(world, 'ring', { replicas: 3, podAge: '5d' });
      const last = pods.at(-1) ?? first(pods);
      const log = ['level=error msg="RING_SEED must be set"'];
      crashLoops(world, last, { exitCode: 1, restarts: 7, since: '14m', log });
      Object.assign(of.status, { updateRevision: 'ring-broken' });
      alertOn(world, 'KubeStatefulSetUpdateNotRolledOut', of);
      return 'The rollout of the ring stands.';
    },
  }),
];
