import { healthy, sick } from '../story.ts';
import { alertOn, containerWaiting, crashLooping, podNotReady, replicasMismatch, usersSee } from '../world/alerts.ts';
import { crashLoops, waits } from '../world/ills.ts';
import { first } from '../world/pick.ts';
import { answered, killedByProbe, neverReady } from '../world/probes.ts';
import { refusedPods } from '../world/quota.ts';
import { creating, pullFails, unscheduled } from '../world/starting.ts';
import { boundClaim, claimed, pendingClaim, storageClass } from '../world/storage.ts';
import { http, tcp } from '../world/template.ts';
import { daemonSet, deployment, statefulSet } from '../world/workloads.ts';

/** Images, claims, probes, order and places, in kinds that have few cases. */
export const START_AND_STORAGE = [
  sick('digest-of-the-image-is-not-in-the-registry', {
    source: 'https://kubernetes.io/docs/concepts/containers/images/#image-names',
    about: ['Deployment/cart'],
    says: [/sha256:9f1c|digest/, /not found|not exist|no such|missing|not in/i],
    confirmed: true,
    tell({ world }) {
      const digest = `sha256:9f1c${'0a'.repeat(30)}`;
      const { pods } = deployment(world, 'cart', {
        replicas: 1,
        podAge: '14m',
        image: `registry.example.com/shop/cart@${digest}`,
      });
      pullFails(world, first(pods), {
        error: `rpc error: code = NotFound desc = failed to pull and unpack image "registry.example.com/shop/cart@${digest}": failed to resolve reference "registry.example.com/shop/cart@${digest}": registry.example.com/shop/cart@${digest}: not found`,
      });
      containerWaiting(world, first(pods), 'ImagePullBackOff');
      return 'The cart does not start.';
    },
  }),
  sick('token-for-the-registry-has-expired', {
    source: 'https://docs.aws.amazon.com/AmazonECR/latest/userguide/common-errors-docker.html',
    about: ['Deployment/invoice'],
    says: [/expired|authori[sz]|credential|denied/i],
    tell({ world }) {
      const { pods } = deployment(world, 'invoice', { replicas: 1, podAge: '14m' });
      pullFails(world, first(pods), {
        error:
          'failed to pull and unpack image "registry.example.com/shop/invoice:1.8.2": failed to resolve reference "registry.example.com/shop/invoice:1.8.2": unexpected status from HEAD request to https://registry.example.com/v2/shop/invoice/manifests/1.8.2: 403 Forbidden: denied: Your authorization token has expired. Reauthenticate and try again.',
      });
      containerWaiting(world, first(pods), 'ImagePullBackOff');
      return 'invoice does not start.';
    },
  }),
  sick('signature-of-the-image-is-not-valid', {
    source: 'k8s.io/kubernetes pkg/kubelet/images/types.go (ErrSignatureValidationFailed)',
    about: ['Deployment/audit'],
    says: [/signature/i],
    tell({ world }) {
      const { pods } = deployment(world, 'audit', { replicas: 1, podAge: '14m' });
      const error =
        'image pull failed for registry.example.com/shop/audit:1.8.2 because the signature validation failed: Source image rejected: A signature was required, but no signature exists';
      waits(world, first(pods), { reason: 'SignatureValidationFailed', message: error });
      world.warn(first(pods), 'Failed', 'Error: SignatureValidationFailed', {
        source: 'kubelet',
        first: '14m',
        last: '30s',
        count: 9,
      });
      world.warn(first(pods), 'Failed', `Failed to pull image "registry.example.com/shop/audit:1.8.2": ${error}`, {
        source: 'kubelet',
        first: '14m',
        last: '30s',
        count: 9,
      });
      containerWaiting(world, first(pods), 'SignatureValidationFailed');
      return 'audit does not start.';
    },
  }),
  sick('snapshot-that-a-claim-is-made-from-does-not-exist', {
    source:
      'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#volume-snapshot-and-restore-volume-from-snapshot-support',
    about: ['PersistentVolumeClaim/restore', 'Deployment/restore'],
    says: [/orders-nightly/],
    tell({ world }) {
      storageClass(world, 'standard', { isDefault: true });
      const claim = pendingClaim(world, 'restore', { age: '15m' });
      Object.assign(claim.spec, {
        dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'orders-nightly' },
      });
      world.warn(
        claim,
        'ProvisioningFailed',
        'failed to provision volume with StorageClass "standard": error getting handle for DataSource Type VolumeSnapshot by Name orders-nightly: error getting snapshot orders-nightly from api server: volumesnapshots.snapshot.storage.k8s.io "orders-nightly" not found',
        { source: 'csi.example.com_csi-provisioner-0_7c1', first: '15m', last: '40s', count: 12 },
      );
      const { deployment: of, pods } = deployment(world, 'restore', {
        replicas: 1,
        podAge: '15m',
        ...claimed('restore'),
      });
      unscheduled(
        world,
        first(pods),
        '0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
      );
      replicasMismatch(world, of);
      return 'The restore does not start.';
    },
  }),
  sick('nobody-provisions-for-the-class-of-the-claim', {
    source: 'https://kubernetes.io/docs/concepts/storage/storage-classes/#provisioner',
    about: ['PersistentVolumeClaim/media', 'Deployment/media'],
    says: [/csi\.example\.com|provision/i],
    tell({ world }) {
      storageClass(world, 'standard', { isDefault: true });
      const claim = pendingClaim(world, 'media', { age: '25m' });
      world.note(
        claim,
        'ExternalProvisioning',
        "Waiting for a volume to be created either by the external provisioner 'csi.example.com' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
        { source: 'persistentvolume-controller', first: '25m', last: '6s', count: 100 },
      );
      const { deployment: of, pods } = deployment(world, 'media', { replicas: 1, podAge: '25m', ...claimed('media') });
      unscheduled(
        world,
        first(pods),
        '0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
      );
      replicasMismatch(world, of);
      return 'Media does not start.';
    },
  }),
  sick('volume-of-the-database-is-full', {
    source: 'https://www.postgresql.org/docs/current/disk-full.html',
    about: ['StatefulSet/accounts', 'PersistentVolumeClaim/accounts'],
    says: [/space|full/i],
    tell({ world }) {
      boundClaim(world, 'accounts', { size: '20Gi' });
      const { pods } = statefulSet(world, 'accounts', { replicas: 1, ...claimed('accounts', '/var/lib/postgresql') });
      crashLoops(world, first(pods), {
        exitCode: 1,
        restarts: 6,
        since: '18m',
        log: [
          '2026-11-24 09:58:20.118 UTC [1] LOG:  database system was not properly shut down; automatic recovery in progress',
          '2026-11-24 09:58:20.201 UTC [29] FATAL:  could not write to file "pg_wal/xlogtemp.29": No space left on device',
          '2026-11-24 09:58:20.203 UTC [1] LOG:  startup process (PID 29) exited with exit code 1',
          '2026-11-24 09:58:20.204 UTC [1] LOG:  aborting startup due to startup process failure',
        ],
      });
      crashLooping(world, first(pods));
      return 'The accounts are down.';
    },
  }),
  sick('readiness-command-takes-longer-than-it-may', {
    source: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/',
    about: ['StatefulSet/stock-db'],
    says: [/timed out|longer|1 ?s|timeout/i],
    tell({ world }) {
      const { statefulSet: of, pods } = statefulSet(world, 'stock-db', {
        replicas: 1,
        podAge: '40m',
        ports: [5432],
        readiness: { exec: { command: ['sh', '-c', 'pg_isready -U stock && psql -c "select 1"'] } },
      });
      neverReady(
        world,
        first(pods),
        'command timed out: "sh -c pg_isready -U stock && psql -c \\"select 1\\"" timed out after 1s',
        { since: '20m' },
      );
      alertOn(world, 'KubeStatefulSetReplicasMismatch', of);
      return 'The stock database is not ready.';
    },
  }),
  sick('liveness-is-answered-with-401', {
    source:
      'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#http-probes',
    about: ['Deployment/admin'],
    says: [/401/, /liveness/i],
    confirmed: true,
    tell({ world }) {
      const { pods } = deployment(world, 'admin', {
        replicas: 1,
        ports: [8080],
        liveness: http('/actuator/health', 8080),
      });
      killedByProbe(world, first(pods), 'Liveness', answered(401), {
        exitCode: 143,
        restarts: 9,
        since: '25m',
        lived: '60s',
      });
      crashLooping(world, first(pods));
      return 'admin restarts.';
    },
  }),
  sick('readiness-opens-a-port-that-was-moved', {
    source:
      'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#define-a-tcp-liveness-probe',
    about: ['StatefulSet/sessions'],
    says: [/6379/],
    tell({ world }) {
      const { statefulSet: of, pods } = statefulSet(world, 'sessions', {
        replicas: 1,
        podAge: '30m',
        ports: [6380],
        args: ['--tls-port', '6380', '--port', '0'],
        readiness: tcp(6379),
      });
      neverReady(world, first(pods), `dial tcp ${first(pods).status.podIP}:6379: connect: connection refused`, {
        since: '30m',
      });
      alertOn(world, 'KubeStatefulSetReplicasMismatch', of);
      return 'Sessions is not ready.';
    },
  }),
  sick('priority-class-of-the-pod-does-not-exist', {
    source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/',
    about: ['Deployment/pricing'],
    says: [/business-critical/],
    confirmed: true,
    tell({ world }) {
      const { deployment: of, replicaSet, pods } = deployment(world, 'pricing', { replicas: 1, age: '12m' });
      for (const pod of pods) world.remove(pod);
      refusedPods(
        world,
        replicaSet,
        'pods "pricing-5d8f-" is forbidden: no PriorityClass with name business-critical was found',
        { first: '12m' },
      );
      replicasMismatch(world, of);
      return 'pricing has no pods.';
    },
  }),
  sick('pod-that-may-not-preempt-finds-no-cpu', {
    source:
      'https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#non-preempting-priority-class',
    about: ['Deployment/train'],
    says: [/cpu/i],
    tell({ world }) {
      const { deployment: of, pods } = deployment(world, 'train', {
        replicas: 1,
        podAge: '12m',
        resources: { requests: { cpu: '3900m', memory: '1Gi' } },
        spec: { preemptionPolicy: 'Never', priorityClassName: 'batch' },
      });
      unscheduled(
        world,
        first(pods),
        '0/3 nodes are available: 3 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.',
      );
      replicasMismatch(world, of);
      return 'The training does not start.';
    },
  }),
  sick('pod-asks-for-more-local-disk-than-a-node-has', {
    source: 'https://kubernetes.io/docs/concepts/storage/ephemeral-storage/',
    about: ['Deployment/transcode'],
    says: [/ephemeral-storage|local (?:disk|storage)/i],
    confirmed: true,
    tell({ world }) {
      const { deployment: of, pods } = deployment(world, 'transcode', {
        replicas: 1,
        podAge: '12m',
        resources: { requests: { cpu: '100m', memory: '1Gi', 'ephemeral-storage': '200Gi' } },
      });
      unscheduled(
        world,
        first(pods),
        '0/3 nodes are available: 3 Insufficient ephemeral-storage. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.',
      );
      replicasMismatch(world, of);
      return 'Transcoding does not start.';
    },
  }),
  sick('nodes-were-never-initialised-by-their-cloud', {
    source: 'https://kubernetes.io/docs/tasks/administer-cluster/running-cloud-controller/',
    options: { version: 'v1.33.2' },
    about: ['Deployment/intake', 'Node/node-a', 'Node/node-b', 'Node/node-c'],
    says: [/uninitialized|cloud/i],
    tell({ world, nodes }) {
      for (const of of nodes)
        of.spec.taints = [
          { key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' },
        ];
      const { deployment: of, pods } = deployment(world, 'intake', { replicas: 1, podAge: '12m', nodes: ['node-a'] });
      unscheduled(
        world,
        first(pods),
        '0/3 nodes are available: 3 node(s) had untolerated taint {node.cloudprovider.kubernetes.io/uninitialized: true}. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
      );
      replicasMismatch(world, of);
      return 'The intake does not start.';
    },
  }),
  sick('network-plugin-of-a-node-crashes-and-its-pods-get-no-network', {
    source: 'https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/',
    about: ['DaemonSet/calico-node', 'Deployment/stickers'],
    says: [/calico|network/i],
    tell({ world }) {
      const { pods: agents } = daemonSet(world, 'calico-node', {
        namespace: 'kube-system',
        image: 'quay.io/calico/node:v3.30.1',
        selector: { 'k8s-app': 'calico-node' },
      });
      const agent = agents.find(({ spec }) => spec.nodeName === 'node-b') ?? first(agents);
      crashLoops(world, agent, {
        exitCode: 1,
        restarts: 9,
        since: '25m',
        log: [
          '2026-11-24 09:58:11.021 [FATAL][1] startup/startup.go 111: Unable to access datastore error=connection is unauthorized: Unauthorized',
        ],
      });
      const { pods } = deployment(world, 'stickers', { replicas: 1, podAge: '15m', nodes: ['node-b'] });
      creating(world, first(pods), [
        {
          reason: 'FailedCreatePodSandBox',
          message:
            'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "5c1f": plugin type="calico" failed (add): error getting ClusterInformation: connection is unauthorized: Unauthorized',
          count: 40,
          last: '8s',
        },
      ]);
      podNotReady(world, first(pods));
      return 'Stickers does not start.';
    },
  }),
  healthy('partition-keeps-the-old-revision-of-a-stateful-set-on-purpose', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#partitions',
    tell({ world }) {
      const { statefulSet: of } = statefulSet(world, 'shards', { replicas: 3 });
      of.spec.updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 3 } };
      Object.assign(of.status, { currentRevision: 'shards-66f5', updateRevision: 'shards-7d9c' });
      alertOn(world, 'KubeStatefulSetUpdateNotRolledOut', of);
      return 'Are the shards updated?';
    },
  }),
  healthy('spread-is-wished-for-and-not-kept', {
    source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/',
    tell({ world }) {
      deployment(world, 'uneven', {
        replicas: 3,
        nodes: ['node-a', 'node-a', 'node-b'],
        spec: {
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: { app: 'uneven' } },
            },
          ],
        },
      });
      usersSee(world, 'SlowRequests', 'A few requests were slow.');
      return 'A few requests were slow.';
    },
  }),
  healthy('image-by-digest-runs-under-a-tag-that-moved', {
    source: 'https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy',
    tell({ world }) {
      const { deployment: of, pods } = deployment(world, 'pinned', {
        replicas: 2,
        image: `registry.example.com/shop/pinned@sha256:${'ab'.repeat(32)}`,
      });
      for (const pod of pods)
        world.note(pod, 'Pulled', 'Container image already present on machine', { source: 'kubelet', first: '20m' });
      alertOn(world, 'KubeDeploymentReplicasMismatch', of);
      return 'Is pinned well?';
    },
  }),
  healthy('claim-was-made-larger-and-the-file-system-follows-at-the-next-mount', {
    source: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims',
    tell({ world }) {
      const { claim } = boundClaim(world, 'ledger-archive', { size: '20Gi' });
      statefulSet(world, 'archive', { replicas: 1, ...claimed('ledger-archive') });
      world.note(claim, 'FileSystemResizeSuccessful', 'MountVolume.NodeExpandVolume succeeded for volume', {
        source: 'kubelet',
        first: '10m',
      });
      world.warn(claim, 'ExternalExpanding', 'waiting for an external controller to expand this PVC', {
        source: 'volume_expand',
        first: '12m',
        last: '12m',
      });
      usersSee(world, 'SlowRequests', 'The archive was slow.');
      return 'The archive was slow.';
    },
  }),
];
