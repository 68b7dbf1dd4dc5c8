import { sick } from '../story.ts';
import { alertOn, containerWaiting, crashLooping, podNotReady, replicasMismatch } from '../world/alerts.ts';
import { crashLoops, formatPod, waits } from '../world/ills.ts';
import { setNode } from '../world/nodes.ts';
import { first, nth } from '../world/pick.ts';
import { killedByProbe } from '../world/probes.ts';
import { configFails, creating, initHolds, pullFails } from '../world/starting.ts';
import { boundClaim, claimed } from '../world/storage.ts';
import { daemonSet, deployment, replaced } from '../world/workloads.ts';

const KUBELET = 'https://kubernetes.io/docs/reference/node/kubelet-files/';

/** What a kubelet refuses, and what ails the node under it. */
export const NODES_AND_KUBELETS = [
  sick('kubelet-does-not-hear-from-its-containers', {
    source: 'k8s.io/kubernetes pkg/kubelet/pleg/generic.go',
    about: ['Node/node-b'],
    says: [/node-b/, /PLEG/],
    tell({ world, nodes }) {
      const node = nth(nodes, 1);
      setNode(world, node, 'Ready', 'False', {
        reason: 'KubeletNotReady',
        message: 'PLEG is not healthy: pleg was last seen active 4m12.301s ago; threshold is 3m0s',
        since: '4m',
      });
      alertOn(world, 'KubeNodeNotReady', node, { severity: 'critical' });
      return 'node-b is not ready.';
    },
  }),
  sick('node-has-a-read-only-root', {
    source: 'https://github.com/kubernetes/node-problem-detector',
    about: ['Node/node-c'],
    says: [/node-c/, /read-?only/i],
    tell({ world, nodes }) {
      const node = nth(nodes, 2);
      setNode(world, node, 'ReadonlyFilesystem', 'True', {
        reason: 'FilesystemIsReadOnly',
        message: 'EXT4-fs (sda1): Remounting filesystem read-only',
        since: '14m',
      });
      alertOn(world, 'NodeFilesystemReadOnly', node);
      return 'Writes fail on node-c.';
    },
  }),
  sick('node-has-no-route-to-its-pods', {
    source: 'k8s.io/cloud-provider controllers/route/route_controller.go',
    about: ['Node/node-c'],
    says: [/node-c/, /route|network/i],
    tell({ world, nodes }) {
      const node = nth(nodes, 2);
      setNode(world, node, 'NetworkUnavailable', 'True', {
        reason: 'NoRouteCreated',
        message: 'RouteController failed to create a route',
        since: '18m',
      });
      alertOn(world, 'KubeNodeNetworkUnavailable', node);
      return 'Pods of node-c cannot be reached.';
    },
  }),
  sick('pods-ended-as-their-node-shut-down', {
    source: 'https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/',
    about: ['Deployment/cart', 'Node/node-b'],
    says: [/shut(?: ?down|ting down)/i],
    tell({ world, nodes }) {
      const cart = deployment(world, 'cart', { replicas: 2, nodes: ['node-b', 'node-b'] });
      for (const pod of cart.pods) {
        pod.status.phase = 'Failed';
        pod.status.reason = 'Terminated';
        pod.status.message = 'Pod was terminated in response to imminent node shutdown.';
        pod.status.containerStatuses = [];
        for (const condition of pod.status.conditions) if (/Ready/.test(condition.type)) condition.status = 'False';
      }
      setNode(world, nth(nodes, 1), 'Ready', 'False', {
        reason: 'KubeletNotReady',
        message: 'node is shutting down',
        since: '6m',
      });
      replicasMismatch(world, cart.deployment);
      return 'The cart is gone.';
    },
  }),
  sick('device-is-not-available-on-the-node', {
    source: 'https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/device-plugins/',
    about: ['Deployment/trainer'],
    says: [/nvidia\.com\/gpu/],
    tell({ world }) {
      const trainer = deployment(world, 'trainer', { replicas: 1, podAge: '20m' });
      const pod = first(trainer.pods);
      pod.status.phase = 'Failed';
      pod.status.reason = 'UnexpectedAdmissionError';
      pod.status.message =
        'Pod was rejected: Allocate failed due to requested number of devices unavailable for nvidia.com/gpu. Requested: 1, Available: 0, which is unexpected';
      pod.status.containerStatuses = [];
      pod.status.conditions = [];
      world.warn(pod, 'UnexpectedAdmissionError', pod.status.message, { source: 'kubelet', first: '20m' });
      replicasMismatch(world, trainer.deployment);
      return 'Training does not run.';
    },
  }),
  sick('kernel-setting-is-not-allowed', {
    source: 'https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/',
    about: ['Deployment/balancer'],
    says: [/net\.core\.somaxconn/],
    tell({ world }) {
      const { deployment: of, pods } = deployment(world, 'balancer', {
        replicas: 1,
        podAge: '9m',
        spec: { securityContext: { sysctls: [{ name: 'net.core.somaxconn', value: '4096' }] } },
      });
      const pod = first(pods);
      pod.status.phase = 'Failed';
      pod.status.reason = 'SysctlForbidden';
      pod.status.message = 'Pod was rejected: forbidden sysctl: "net.core.somaxconn" not allowlisted';
      pod.status.containerStatuses = [];
      pod.status.conditions = [];
      world.warn(pod, 'SysctlForbidden', 'forbidden sysctl: "net.core.somaxconn" not allowlisted', {
        source: 'kubelet',
        first: '9m',
      });
      replicasMismatch(world, of);
      return 'The balancer does not run.';
    },
  }),
  sick('runtime-class-has-no-handler-on-the-node', {
    source: 'https://kubernetes.io/docs/concepts/containers/runtime-class/',
    about: ['Deployment/sandbox'],
    says: [/gvisor|runsc/i, /runtime|handler/i],
    tell({ world }) {
      const { pods } = deployment(world, 'sandbox', { replicas: 1, age: '12m', spec: { runtimeClassName: 'gvisor' } });
      creating(world, first(pods), [
        {
          reason: 'FailedCreatePodSandBox',
          message:
            'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for "runsc" is configured',
          count: 41,
        },
      ]);
      podNotReady(world, first(pods));
      return 'The sandbox does not start.';
    },
  }),
  sick('sub-path-of-the-volume-cannot-be-prepared', {
    source: 'https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath',
    about: ['Deployment/wiki'],
    says: [/subPath/i],
    tell({ world }) {
      boundClaim(world, 'wiki');
      const { pods } = deployment(world, 'wiki', { replicas: 1, age: '12m', ...claimed('wiki') });
      configFails(world, first(pods), 'failed to prepare subPath for volumeMount "data" of container "wiki"');
      containerWaiting(world, first(pods), 'CreateContainerConfigError');
      return 'The wiki does not start.';
    },
  }),
  sick('directory-is-mounted-onto-a-file', {
    source: 'https://github.com/opencontainers/runc/blob/main/libcontainer/rootfs_linux.go',
    about: ['Deployment/mailer'],
    says: [/\/etc\/mailer\.conf/, /directory/i],
    tell({ world }) {
      const { pods } = deployment(world, 'mailer', { replicas: 1, podAge: '14m' });
      const message =
        'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error mounting "/var/lib/kubelet/pods/3f/volumes/kubernetes.io~configmap/conf" to rootfs at "/etc/mailer.conf": create mountpoint for /etc/mailer.conf mount: cannot create subdirectories in "/run/rootfs/etc/mailer.conf": not a directory: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type';
      crashLoops(world, first(pods), { exitCode: 128, reason: 'StartError', message, restarts: 6, since: '13m' });
      world.warn(first(pods), 'Failed', `Error: ${message}`, {
        source: 'kubelet',
        first: '13m',
        last: '70s',
        count: 7,
      });
      crashLooping(world, first(pods));
      return 'No mail goes out.';
    },
  }),
  sick('file-system-of-the-volume-is-broken', {
    source: 'k8s.io/mount-utils mount_linux.go',
    about: ['Deployment/archive', 'PersistentVolumeClaim/archive'],
    says: [/fsck|file ?system/i],
    tell({ world }) {
      const { volume } = boundClaim(world, 'archive');
      const { pods } = deployment(world, 'archive', { replicas: 1, age: '22m', ...claimed('archive') });
      creating(world, first(pods), [
        {
          reason: 'FailedMount',
          message: `MountVolume.MountDevice failed for volume "${volume.metadata.name}" : rpc error: code = Internal desc = 'fsck' found errors on device /dev/nvme1n1 but could not correct them: fsck from util-linux 2.38.1\n/dev/nvme1n1: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.`,
          count: 17,
        },
      ]);
      podNotReady(world, first(pods));
      return 'The archive does not come back.';
    },
  }),
  sick('layer-of-an-image-does-not-fit-on-the-disk', {
    source: 'https://github.com/containerd/containerd/blob/main/core/unpack/unpacker.go',
    about: ['Deployment/models'],
    says: [/no space|disk/i],
    tell({ world }) {
      const { pods } = deployment(world, 'models', {
        replicas: 1,
        age: '16m',
        image: 'registry.example.com/shop/models:5.0.0',
      });
      pullFails(world, first(pods), {
        error:
          'failed to pull and unpack image "registry.example.com/shop/models:5.0.0": failed to extract layer sha256:9d1b: write /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/88/fs/opt/model.bin: no space left on device: unknown',
      });
      podNotReady(world, first(pods));
      return 'The models do not start.';
    },
  }),
  sick('registry-answers-with-503', {
    source: 'https://github.com/containerd/containerd/blob/main/core/remotes/docker/resolver.go',
    about: ['Deployment/basket'],
    says: [/503|unavailable/i, /registry\.example\.com/],
    tell({ world }) {
      const image = 'registry.example.com/shop/basket:2.4.0';
      const { pods } = deployment(world, 'basket', { replicas: 1, age: '8m', image });
      pullFails(world, first(pods), {
        error: `failed to pull and unpack image "${image}": failed to resolve reference "${image}": unexpected status from HEAD request to https://registry.example.com/v2/shop/basket/manifests/2.4.0: 503 Service Unavailable`,
      });
      podNotReady(world, first(pods));
      return 'The basket does not start.';
    },
  }),
  sick('probe-runs-a-program-that-is-not-in-the-image', {
    source: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/',
    about: ['Deployment/tiles'],
    says: [/curl/],
    tell({ world }) {
      const { pods } = deployment(world, 'tiles', {
        replicas: 1,
        podAge: '30m',
        liveness: { exec: { command: ['curl', '-f', 'http://localhost:8080/healthz'] } },
      });
      killedByProbe(
        world,
        first(pods),
        'Liveness',
        'OCI runtime exec failed: exec failed: unable to start container process: exec: "curl": executable file not found in $PATH: unknown',
        {
          exitCode: 143,
          restarts: 9,
          since: '28m',
          lived: '30s',
          log: ['tiles is listening on :8080', 'received SIGTERM, shutting down'],
        },
      );
      crashLooping(world, first(pods));
      return 'Tiles restart all the time.';
    },
  }),
  sick('init-container-is-killed-for-memory', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers',
    about: ['Deployment/catalogue'],
    says: [/load-seed/, /memory|oom/i],
    tell({ world }) {
      const { pods } = deployment(world, 'catalogue', {
        replicas: 1,
        age: '12m',
        init: [
          {
            name: 'load-seed',
            image: 'registry.example.com/shop/seed:1.0.0',
            resources: { limits: { memory: '64Mi' } },
          },
        ],
      });
      const pod = first(pods);
      const ended = { exitCode: 137, reason: 'OOMKilled', startedAt: world.ago('100s'), finishedAt: world.ago('90s') };
      initHolds(world, pod, 'load-seed', {
        restarts: 6,
        state: {
          waiting: {
            reason: 'CrashLoopBackOff',
            message: `back-off 2m40s restarting failed container=load-seed pod=${formatPod(pod)}`,
          },
        },
        lastState: { terminated: ended },
      });
      world.warn(pod, 'BackOff', `Back-off restarting failed container load-seed in pod ${formatPod(pod)}`, {
        source: 'kubelet',
        first: '11m',
        last: '20s',
        count: 24,
      });
      podNotReady(world, pod);
      return 'The catalogue does not start.';
    },
  }),
  sick('native-sidecar-holds-the-pod-back', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/',
    about: ['Deployment/payments'],
    says: [/mesh-proxy/],
    tell({ world }) {
      const { pods } = deployment(world, 'payments', {
        replicas: 1,
        age: '14m',
        init: [
          {
            name: 'mesh-proxy',
            image: 'registry.example.com/mesh/proxy:1.24.1',
            restartPolicy: 'Always',
            startupProbe: { httpGet: { path: '/ready', port: 15021 }, failureThreshold: 30, periodSeconds: 1 },
          } as never,
        ],
      });
      const pod = first(pods);
      initHolds(world, pod, 'mesh-proxy', { restarts: 0, state: { running: { startedAt: world.ago('13m') } } });
      world.warn(pod, 'Unhealthy', 'Startup probe failed: HTTP probe failed with statuscode: 503', {
        source: 'kubelet',
        first: '13m',
        last: '5s',
        count: 700,
      });
      world.log(pod, 'mesh-proxy', [
        'warning envoy config gRPC config stream to xds-grpc closed: connection refused',
        'warn Envoy proxy is NOT ready: config not received from XDS server',
      ]);
      podNotReady(world, pod);
      return 'Payments do not start.';
    },
  }),
  sick('daemon-finds-no-room-on-its-node', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#how-daemon-pods-are-scheduled',
    about: ['DaemonSet/collector'],
    says: [/memory/i],
    tell({ world }) {
      const collector = daemonSet(world, 'collector', { age: '30m', resources: { requests: { memory: '2Gi' } } });
      const pod = nth(collector.pods, 1);
      delete (pod.spec as { nodeName?: string }).nodeName;
      const message =
        "0/3 nodes are available: 1 Insufficient memory, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.";
      pod.status = {
        phase: 'Pending',
        qosClass: 'Burstable',
        containerStatuses: [],
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message,
            lastTransitionTime: pod.metadata.creationTimestamp,
          },
        ],
      };
      world.warn(pod, 'FailedScheduling', message, {
        source: 'default-scheduler',
        first: '29m',
        last: '40s',
        count: 7,
      });
      alertOn(world, 'KubeDaemonSetRolloutStuck', collector.daemonSet);
      return 'One node has no collector.';
    },
  }),
  sick('more-important-pod-took-the-place', {
    source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/',
    about: ['Deployment/batcher'],
    says: [/preempt|priority/i],
    tell({ world }) {
      const batcher = deployment(world, 'batcher', { replicas: 2 });
      replaced(world, batcher, '7m');
      const [gone, next] = [first(batcher.pods), nth(batcher.pods, 1)];
      gone.status.phase = 'Failed';
      gone.status.reason = 'Preempting';
      gone.status.message = 'Preempted in order to admit critical pod';
      gone.status.conditions = [
        {
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'PreemptionByScheduler',
          message: 'default-scheduler: preempting to accommodate a higher priority pod',
          lastTransitionTime: world.ago('7m'),
        },
      ];
      world.warn(gone, 'Preempted', 'Preempted by pod 4b1c7a52-60a1-4d53-8f3a-a4d0f2a0c3b1 on node node-a', {
        source: 'default-scheduler',
        first: '7m',
      });
      const message =
        '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.';
      delete (next.spec as { nodeName?: string }).nodeName;
      next.status = {
        phase: 'Pending',
        qosClass: 'Burstable',
        containerStatuses: [],
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message,
            lastTransitionTime: next.metadata.creationTimestamp,
          },
        ],
      };
      world.warn(next, 'FailedScheduling', message, {
        source: 'default-scheduler',
        first: '7m',
        last: '30s',
        count: 4,
      });
      replicasMismatch(world, batcher.deployment);
      return 'Batches do not run.';
    },
  }),
  sick('user-of-the-image-has-a-name-and-no-number', {
    source: 'k8s.io/kubernetes pkg/kubelet/kuberuntime/security_context.go',
    about: ['Deployment/exporter'],
    says: [/user|root/i],
    tell({ world }) {
      const { pods } = deployment(world, 'exporter', {
        replicas: 1,
        age: '9m',
        spec: { securityContext: { runAsNonRoot: true } },
      });
      configFails(
        world,
        first(pods),
        `container has runAsNonRoot and image has non-numeric user (appuser), cannot verify user is non-root (pod: "${formatPod(first(pods))}", container: exporter)`,
      );
      containerWaiting(world, first(pods), 'CreateContainerConfigError');
      return 'The exporter does not start.';
    },
  }),
  sick('image-name-has-capitals', {
    source: 'https://github.com/distribution/reference',
    about: ['Deployment/blog'],
    says: [/InvalidImageName|valid|parse|lower/i],
    tell({ world }) {
      const { pods } = deployment(world, 'blog', { replicas: 1, age: '9m', image: 'registry.example.com/Shop/blog:1' });
      const message =
        'Failed to apply default image tag "registry.example.com/Shop/blog:1": couldn\'t parse image name "registry.example.com/Shop/blog:1": invalid reference format: repository name (Shop/blog) must be lowercase';
      waits(world, first(pods), { reason: 'InvalidImageName', message });
      world.warn(first(pods), 'InspectFailed', message, { source: 'kubelet', first: '9m', last: '6s', count: 44 });
      containerWaiting(world, first(pods), 'InvalidImageName');
      return `The blog does not start (${KUBELET}).`;
    },
  }),
];
