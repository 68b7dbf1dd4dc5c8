import { sick } from '../story.ts';
import { alertOn, podNotReady } from '../world/alerts.ts';
import type { WholeClaim } from '../world/kinds.ts';
import { first } from '../world/pick.ts';
import { unscheduled } from '../world/starting.ts';
import { boundClaim, claimed, pendingClaim, storageClass, volume } from '../world/storage.ts';
import type { Town } from '../world/town.ts';
import { deployment, statefulSet } from '../world/workloads.ts';

const BINDER = 'k8s.io/kubernetes pkg/controller/volume/persistentvolume/pv_controller.go';
const NO_HELP = 'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.';
const UNBOUND = `0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. ${NO_HELP}`;

/** A Deployment of one pod that waits for its claim. */
function waitsFor({ world }: Town, name: string, claim: WholeClaim | string, message = UNBOUND): void {
  const of = typeof claim === 'string' ? claim : claim.metadata.name;
  const { pods } = deployment(world, name, { replicas: 1, age: '10m', ...claimed(of) });
  unscheduled(world, first(pods), message);
  podNotReady(world, first(pods));
}

function told(
  { world }: Town,
  claim: WholeClaim,
  reason: string,
  message: string,
  type: 'Normal' | 'Warning' = 'Warning',
) {
  world.event(type, claim, reason, message, {
    source: 'persistentvolume-controller',
    first: '10m',
    last: '12s',
    count: 42,
  });
}

const NO_VOLUMES = 'no persistent volumes available for this claim and no storage class is set';

/** Claims that find no volume, in every way of not finding one. */
export const CLAIMS = [
  sick('claim-names-a-storage-class-that-is-not-there', {
    source: BINDER,
    about: ['PersistentVolumeClaim/uploads', 'Deployment/uploads'],
    says: [/storage ?class/i, /fast-ssd/],
    confirmed: true,
    tell(stage) {
      storageClass(stage.world, 'standard', { isDefault: true });
      const claim = pendingClaim(stage.world, 'uploads', { storageClass: 'fast-ssd' });
      told(stage, claim, 'ProvisioningFailed', 'storageclass.storage.k8s.io "fast-ssd" not found');
      waitsFor(stage, 'uploads', claim);
      return 'The uploads pod is pending.';
    },
  }),
  sick('claim-has-no-class-and-there-is-no-volume', {
    source: BINDER,
    about: ['PersistentVolumeClaim/notes', 'Deployment/notes'],
    says: [
      /volume/i,
      /no (default )?(storage ?)?class|no storage class|without (a )?(storage ?)?class|none (is )?available|no persistent volume/i,
    ],
    confirmed: true,
    tell(stage) {
      const claim = pendingClaim(stage.world, 'notes', { storageClass: '' });
      told(stage, claim, 'FailedBinding', NO_VOLUMES, 'Normal');
      waitsFor(stage, 'notes', claim);
      return 'notes does not start in the new cluster.';
    },
  }),
  sick('claim-is-larger-than-every-volume', {
    source: BINDER,
    about: ['PersistentVolumeClaim/media', 'Deployment/media'],
    says: [/larger|too small|smaller|size|capacity|big/i, /500\s?Gi/],
    confirmed: true,
    tell(stage) {
      volume(stage.world, 'local-1', { size: '200Gi', storageClass: '' });
      volume(stage.world, 'local-2', { size: '100Gi', storageClass: '' });
      const claim = pendingClaim(stage.world, 'media', { storageClass: '', size: '500Gi' });
      told(stage, claim, 'FailedBinding', NO_VOLUMES, 'Normal');
      waitsFor(stage, 'media', claim);
      return 'media waits for its disk.';
    },
  }),
  sick('claim-wants-many-writers-and-volumes-allow-one', {
    source: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes',
    about: ['PersistentVolumeClaim/shared', 'Deployment/shared'],
    says: [/access ?mode|ReadWriteMany/i],
    confirmed: true,
    tell(stage) {
      volume(stage.world, 'disk-7', { size: '20Gi', storageClass: '' });
      const claim = pendingClaim(stage.world, 'shared', { storageClass: '', modes: ['ReadWriteMany'] });
      told(stage, claim, 'FailedBinding', NO_VOLUMES, 'Normal');
      waitsFor(stage, 'shared', claim);
      return 'shared is pending since the move.';
    },
  }),
  sick('claim-selects-labels-that-no-volume-has', {
    source: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#selector',
    about: ['PersistentVolumeClaim/ledger-data', 'Deployment/ledger-db'],
    says: [/selector|label/i],
    confirmed: true,
    tell(stage) {
      volume(stage.world, 'ledger-volume', { size: '50Gi', storageClass: '', labels: { tier: 'silver' } });
      const claim = pendingClaim(stage.world, 'ledger-data', { storageClass: '', selector: { tier: 'gold' } });
      told(stage, claim, 'FailedBinding', NO_VOLUMES, 'Normal');
      waitsFor(stage, 'ledger-db', claim);
      return 'ledger-db is pending.';
    },
  }),
  sick('claim-wants-a-block-device', {
    source: BINDER,
    about: ['PersistentVolumeClaim/raw', 'Deployment/raw', 'PersistentVolume/raw-disk'],
    says: [/volume ?mode|block/i],
    confirmed: true,
    tell(stage) {
      const backing = volume(stage.world, 'raw-disk', { storageClass: '' });
      const claim = pendingClaim(stage.world, 'raw', { storageClass: '', volumeMode: 'Block' });
      backing.spec.claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: 'raw', namespace: 'shop' };
      told(
        stage,
        claim,
        'VolumeMismatch',
        'Cannot bind PersistentVolume "raw-disk" to requested PersistentVolumeClaim due to incompatible volumeMode.',
      );
      waitsFor(stage, 'raw', claim);
      return 'raw is pending.';
    },
  }),
  sick('claim-asks-for-a-volume-that-is-taken', {
    source: BINDER,
    about: ['PersistentVolumeClaim/replica', 'Deployment/replica'],
    says: [/already|taken|bound|another claim|different claim|in use/i, /disk-main/],
    confirmed: true,
    tell(stage) {
      boundClaim(stage.world, 'primary', { storageClass: '', volumeName: 'disk-main' });
      const claim = pendingClaim(stage.world, 'replica', { storageClass: '', volumeName: 'disk-main' });
      told(stage, claim, 'FailedBinding', 'volume "disk-main" already bound to a different claim.');
      waitsFor(stage, 'replica', claim);
      return 'replica is pending.';
    },
  }),
  sick('claim-names-a-volume-that-is-not-there', {
    source: BINDER,
    about: ['PersistentVolumeClaim/restored', 'Deployment/restored'],
    says: [/volume/i, /snap-2026-11-20/, /not (there|exist|found)|does not exist|no such|missing/i],
    tell(stage) {
      const claim = pendingClaim(stage.world, 'restored', { storageClass: '', volumeName: 'snap-2026-11-20' });
      waitsFor(stage, 'restored', claim);
      return 'The restored database is pending.';
    },
  }),
  sick('claim-waits-for-a-provisioner-that-does-not-run', {
    source: BINDER,
    about: ['PersistentVolumeClaim/data-queue-0', 'StatefulSet/queue', 'StorageClass/rook'],
    says: [/provision/i, /rook\.rbd\.csi\.ceph\.com|rook/],
    tell(stage) {
      const { world } = stage;
      storageClass(world, 'rook', { provisioner: 'rook.rbd.csi.ceph.com' });
      const claim = pendingClaim(world, 'data-queue-0', {
        storageClass: 'rook',
        age: '40m',
        annotations: { 'volume.kubernetes.io/storage-provisioner': 'rook.rbd.csi.ceph.com' },
      });
      const message =
        "Waiting for a volume to be created either by the external provisioner 'rook.rbd.csi.ceph.com' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.";
      world.note(claim, 'ExternalProvisioning', message, {
        source: 'persistentvolume-controller',
        first: '40m',
        last: '5s',
        count: 160,
      });
      const queue = statefulSet(world, 'queue', { replicas: 1, age: '40m', ...claimed('data-queue-0') });
      unscheduled(world, first(queue.pods), UNBOUND);
      alertOn(world, 'KubePersistentVolumeClaimPending', claim, { labels: { persistentvolumeclaim: 'data-queue-0' } });
      return 'The queue does not get its disk.';
    },
  }),
  sick('provisioner-has-no-space-left-to-give', {
    source: 'https://kubernetes.io/docs/concepts/storage/dynamic-provisioning/',
    about: ['PersistentVolumeClaim/data-events-0', 'StatefulSet/events'],
    says: [
      /provision/i,
      /InsufficientInstanceCapacity|exhausted|quota|limit|no (more )?space|capacity|VolumeLimitExceeded/i,
    ],
    tell(stage) {
      const { world } = stage;
      storageClass(world, 'gp3', { provisioner: 'ebs.csi.aws.com', binding: 'WaitForFirstConsumer' });
      const claim = pendingClaim(world, 'data-events-0', { storageClass: 'gp3', age: '25m', size: '2Ti' });
      const events = statefulSet(world, 'events', { replicas: 1, age: '25m', ...claimed('data-events-0') });
      const message =
        'failed to provision volume with StorageClass "gp3": rpc error: code = Internal desc = Could not create volume "pvc-data-events-0": could not create volume in EC2: VolumeLimitExceeded: You have exceeded your maximum gp3 storage limit of 50 TiB in this region.';
      world.warn(claim, 'ProvisioningFailed', message, {
        source: 'ebs.csi.aws.com_ebs-csi-controller-7d9c4_1b2c',
        first: '24m',
        last: '50s',
        count: 12,
      });
      unscheduled(
        world,
        first(events.pods),
        `running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded`,
      );
      podNotReady(world, first(events.pods));
      return 'events-0 never starts.';
    },
  }),
  sick('claim-of-the-pod-does-not-exist', {
    source: 'k8s.io/kubernetes pkg/scheduler/framework/plugins/volumebinding/volume_binding.go',
    about: ['Deployment/wiki', 'PersistentVolumeClaim/wiki-content'],
    says: [/claim|pvc/i, /wiki-content/, /not (there|exist|found)|does not exist|no such|missing/i],
    confirmed: true,
    tell(stage) {
      waitsFor(
        stage,
        'wiki',
        'wiki-content',
        `0/3 nodes are available: persistentvolumeclaim "wiki-content" not found. ${NO_HELP}`,
      );
      return 'The wiki is pending.';
    },
  }),
  sick('volume-lies-in-another-zone', {
    source: 'k8s.io/kubernetes pkg/scheduler/framework/plugins/volumebinding/binder.go',
    about: ['Deployment/metrics-db', 'PersistentVolume/disk-zone-d', 'PersistentVolumeClaim/metrics'],
    says: [/volume/i, /zone|node affinity|affinity/i],
    tell(stage) {
      const { world } = stage;
      const matchExpressions = [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['zone-d'] }];
      boundClaim(world, 'metrics', {
        volumeName: 'disk-zone-d',
        spec: { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } } },
      });
      waitsFor(
        stage,
        'metrics-db',
        'metrics',
        `0/3 nodes are available: 3 node(s) didn't match PersistentVolume's node affinity. ${NO_HELP}`,
      );
      return 'metrics-db is pending since a node was replaced.';
    },
  }),
  sick('claim-lost-its-volume', {
    source: BINDER,
    about: ['PersistentVolumeClaim/archive', 'Deployment/archive'],
    says: [/lost/i, /volume|data/i],
    confirmed: true,
    tell(stage) {
      const { world } = stage;
      const { claim, volume: gone } = boundClaim(world, 'archive');
      world.remove(gone);
      claim.status.phase = 'Lost';
      world.warn(claim, 'ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!', {
        source: 'persistentvolume-controller',
        first: '10m',
      });
      const message = `0/3 nodes are available: persistentvolumeclaim "archive" bound to non-existent persistentvolume "${claim.spec.volumeName}". ${NO_HELP}`;
      waitsFor(stage, 'archive', claim, message);
      return 'The archive is down.';
    },
  }),
];
