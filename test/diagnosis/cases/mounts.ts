import { sick } from '../story.ts';
import { crashLooping, podNotReady } from '../world/alerts.ts';
import { crashLoops } from '../world/ills.ts';
import { first, nth } from '../world/pick.ts';
import { configFails, creating } from '../world/starting.ts';
import { boundClaim, claimed } from '../world/storage.ts';
import { deployment } from '../world/workloads.ts';

const OPERATIONS = 'k8s.io/kubernetes pkg/volume/util/operationexecutor/operation_generator.go';
const KEYS = 'k8s.io/kubernetes pkg/kubelet/kubelet_pods.go';

/** Volumes that do not attach or mount, and configuration that is not there. */
export const MOUNTS = [
  sick('volume-is-attached-to-another-node', {
    source: 'k8s.io/kubernetes pkg/controller/volume/attachdetach/reconciler/reconciler.go',
    about: ['Deployment/gitea', 'PersistentVolumeClaim/gitea'],
    says: [/multi-?attach|already (used|attached|mounted)|another (node|pod)|other (node|pod)/i],
    confirmed: true,
    tell({ world }) {
      const { volume } = boundClaim(world, 'gitea');
      const gitea = deployment(world, 'gitea', {
        replicas: 2,
        nodes: ['node-a', 'node-b'],
        age: '9m',
        ...claimed('gitea'),
      });
      const [holder, waiting] = [nth(gitea.pods, 0), nth(gitea.pods, 1)];
      creating(world, waiting, [
        {
          reason: 'FailedAttachVolume',
          message: `Multi-Attach error for volume "${volume.metadata.name}" Volume is already used by pod(s) ${holder.metadata.name}`,
          source: 'attachdetach-controller',
          count: 1,
          last: '9m',
        },
      ]);
      podNotReady(world, waiting);
      return 'The second gitea pod hangs in ContainerCreating.';
    },
  }),
  sick('volume-does-not-attach', {
    source: 'https://kubernetes-csi.github.io/docs/external-attacher.html',
    about: ['Deployment/images-db', 'PersistentVolumeClaim/images-db'],
    says: [/attach/i, /vol-0a1b|not found|does not exist|NotFound/i],
    tell({ world }) {
      const { volume } = boundClaim(world, 'images-db');
      const db = deployment(world, 'images-db', { replicas: 1, age: '14m', ...claimed('images-db') });
      creating(world, first(db.pods), [
        {
          reason: 'FailedAttachVolume',
          message: `AttachVolume.Attach failed for volume "${volume.metadata.name}" : rpc error: code = NotFound desc = Volume "vol-0a1b2c3d4e" not found`,
          source: 'attachdetach-controller',
          count: 9,
        },
      ]);
      podNotReady(world, first(db.pods));
      return 'images-db does not come back after the restore.';
    },
  }),
  sick('nfs-server-refuses-the-mount', {
    source: OPERATIONS,
    about: ['Deployment/thumbs'],
    says: [/mount/i, /nfs|10\.20\.0\.5|access denied|denied/i],
    confirmed: true,
    tell({ world }) {
      const spec = { volumes: [{ name: 'share', nfs: { server: '10.20.0.5', path: '/exports/thumbs' } }] };
      const thumbs = deployment(world, 'thumbs', {
        replicas: 1,
        age: '16m',
        spec,
        mounts: [{ name: 'share', mountPath: '/share' }],
      });
      const pod = first(thumbs.pods);
      const at = `/var/lib/kubelet/pods/${pod.metadata.uid}/volumes/kubernetes.io~nfs/share`;
      creating(world, pod, [
        {
          reason: 'FailedMount',
          message: `MountVolume.SetUp failed for volume "share" : mount failed: exit status 32\nMounting command: mount\nMounting arguments: -t nfs 10.20.0.5:/exports/thumbs ${at}\nOutput: mount.nfs: access denied by server while mounting 10.20.0.5:/exports/thumbs\n`,
          count: 15,
        },
      ]);
      podNotReady(world, pod);
      return 'thumbs does not start.';
    },
  }),
  sick('csi-driver-is-not-on-the-node', {
    source: 'k8s.io/kubernetes pkg/volume/csi/csi_plugin.go',
    about: ['Deployment/vault', 'PersistentVolumeClaim/vault', 'Node/node-c'],
    says: [/csi|driver/i, /csi\.example\.com/],
    tell({ world }) {
      const { volume } = boundClaim(world, 'vault');
      const vault = deployment(world, 'vault', { replicas: 1, nodes: ['node-c'], age: '12m', ...claimed('vault') });
      creating(world, first(vault.pods), [
        {
          reason: 'FailedMount',
          message: `MountVolume.MountDevice failed for volume "${volume.metadata.name}" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: driver name csi.example.com not found in the list of registered CSI drivers`,
          count: 14,
        },
      ]);
      podNotReady(world, first(vault.pods));
      return 'vault hangs on the new node.';
    },
  }),
  sick('volume-of-a-config-map-that-is-missing', {
    source: OPERATIONS,
    about: ['Deployment/proxy', 'ConfigMap/proxy-routes'],
    says: [/config ?map/i, /proxy-routes/, /not (there|exist|found)|does not exist|no such|missing/i],
    confirmed: true,
    tell({ world }) {
      const spec = { volumes: [{ name: 'routes', configMap: { name: 'proxy-routes' } }] };
      const proxy = deployment(world, 'proxy', {
        replicas: 2,
        age: '8m',
        spec,
        mounts: [{ name: 'routes', mountPath: '/etc/routes' }],
      });
      for (const pod of proxy.pods) {
        creating(world, pod, [
          {
            reason: 'FailedMount',
            message: 'MountVolume.SetUp failed for volume "routes" : configmap "proxy-routes" not found',
            count: 12,
          },
        ]);
      }
      podNotReady(world, first(proxy.pods));
      return 'proxy stays in ContainerCreating.';
    },
  }),
  sick('volume-of-a-secret-that-is-missing', {
    source: OPERATIONS,
    about: ['Deployment/gateway', 'Secret/gateway-tls'],
    says: [/secret/i, /gateway-tls/, /not (there|exist|found)|does not exist|no such|missing/i],
    confirmed: true,
    tell({ world }) {
      const spec = { volumes: [{ name: 'tls', secret: { secretName: 'gateway-tls' } }] };
      const gateway = deployment(world, 'gateway', {
        replicas: 1,
        age: '6m',
        spec,
        mounts: [{ name: 'tls', mountPath: '/tls' }],
      });
      creating(world, first(gateway.pods), [
        {
          reason: 'FailedMount',
          message: 'MountVolume.SetUp failed for volume "tls" : secret "gateway-tls" not found',
          count: 10,
        },
      ]);
      podNotReady(world, first(gateway.pods));
      return 'The gateway is not up.';
    },
  }),
  sick('volume-of-a-key-that-the-config-map-lacks', {
    source: 'k8s.io/kubernetes pkg/volume/configmap/configmap.go',
    about: ['Deployment/router', 'ConfigMap/router'],
    says: [/key/i, /nginx\.conf/],
    confirmed: true,
    tell({ world }) {
      const items = [{ key: 'nginx.conf', path: 'nginx.conf' }];
      const spec = { volumes: [{ name: 'conf', configMap: { name: 'router', items } }] };
      const router = deployment(world, 'router', {
        replicas: 1,
        age: '5m',
        spec,
        mounts: [{ name: 'conf', mountPath: '/conf' }],
      });
      creating(world, first(router.pods), [
        {
          reason: 'FailedMount',
          message:
            'MountVolume.SetUp failed for volume "conf" : configmap references non-existent config key: nginx.conf',
          count: 10,
        },
      ]);
      podNotReady(world, first(router.pods));
      return 'The router does not start.';
    },
  }),
  sick('environment-of-a-config-map-that-is-missing', {
    source: KEYS,
    about: ['Deployment/tax', 'ConfigMap/tax-rates'],
    says: [/config ?map/i, /tax-rates/],
    confirmed: true,
    tell({ world }) {
      const tax = deployment(world, 'tax', {
        replicas: 1,
        age: '7m',
        envFrom: [{ configMapRef: { name: 'tax-rates' } }],
      });
      configFails(world, first(tax.pods), 'configmap "tax-rates" not found');
      podNotReady(world, first(tax.pods));
      return 'tax has CreateContainerConfigError.';
    },
  }),
  sick('environment-of-a-secret-that-is-missing', {
    source: KEYS,
    about: ['Deployment/billing', 'Secret/billing-db'],
    says: [/secret/i, /billing-db/],
    confirmed: true,
    tell({ world }) {
      const env = [{ name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'billing-db', key: 'password' } } }];
      const billing = deployment(world, 'billing', { replicas: 2, age: '7m', env });
      for (const pod of billing.pods) configFails(world, pod, 'secret "billing-db" not found');
      podNotReady(world, first(billing.pods));
      return 'billing does not start in the new namespace.';
    },
  }),
  sick('environment-of-a-key-that-the-secret-lacks', {
    source: KEYS,
    about: ['Deployment/sms', 'Secret/sms-provider'],
    says: [/key/i, /API_TOKEN_V2/, /sms-provider/],
    confirmed: true,
    tell({ world }) {
      const env = [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'sms-provider', key: 'API_TOKEN_V2' } } }];
      const sms = deployment(world, 'sms', { replicas: 1, age: '9m', env });
      configFails(world, first(sms.pods), "couldn't find key API_TOKEN_V2 in Secret shop/sms-provider");
      podNotReady(world, first(sms.pods));
      return 'sms is down after the rotation.';
    },
  }),
  sick('environment-of-a-key-that-the-config-map-lacks', {
    source: KEYS,
    about: ['Deployment/feeds', 'ConfigMap/feeds'],
    says: [/key/i, /FEED_URL/],
    confirmed: true,
    tell({ world }) {
      const env = [{ name: 'FEED_URL', valueFrom: { configMapKeyRef: { name: 'feeds', key: 'FEED_URL' } } }];
      const feeds = deployment(world, 'feeds', { replicas: 1, age: '6m', env });
      configFails(world, first(feeds.pods), "couldn't find key FEED_URL in ConfigMap shop/feeds");
      podNotReady(world, first(feeds.pods));
      return 'feeds is down.';
    },
  }),
  sick('volume-is-not-writable-for-the-user', {
    source:
      'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-the-security-context-for-a-pod',
    about: ['Deployment/grafana'],
    says: [/permission|not writable|may not write|cannot write|denied/i, /\/var\/lib\/grafana/],
    tell({ world }) {
      boundClaim(world, 'grafana');
      const grafana = deployment(world, 'grafana', {
        replicas: 1,
        age: '25m',
        ...claimed('grafana', '/var/lib/grafana'),
      });
      crashLoops(world, first(grafana.pods), {
        exitCode: 1,
        restarts: 9,
        since: '24m',
        log: [
          "GF_PATHS_DATA='/var/lib/grafana' is not writable.",
          'You may have issues with file permissions, more information here: http://docs.grafana.org/installation/docker/#migrate-to-v51-or-later',
          "mkdir: can't create directory '/var/lib/grafana/plugins': Permission denied",
        ],
      });
      crashLooping(world, first(grafana.pods));
      return 'Grafana crashes since it has a disk.';
    },
  }),
];
