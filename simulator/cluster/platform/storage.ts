import type { PlatformNames } from '../../scenarios/names.ts';
import { rfc3339 } from '../object.ts';
import { DAY, HOUR, MINUTE } from './ages.ts';
import { installDeployment, installService, installStatefulSet, type Site } from './workload.ts';

/** The stores of functions and events: MinIO and RabbitMQ, with their volumes. */
export function installStorage(site: Site, names: PlatformNames): void {
  installMinio(site);
  installRabbitmq(site, names);
  site.world.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'minio-credentials', namespace: 'minio', creationTimestamp: rfc3339(site.now - 42 * DAY) },
    type: 'Opaque',
    data: {
      'root-user': 'c2ltdWxhdGVk',
      'root-password': 'c2ltdWxhdGVk',
      'access-key': 'c2ltdWxhdGVk',
      'secret-key': 'c2ltdWxhdGVk',
    },
  });
}

function installMinio(site: Site): void {
  const namespace = 'minio';
  installDeployment(site, {
    namespace,
    name: 'minio',
    replicas: 1,
    labels: { app: 'minio' },
    strategy: 'Recreate',
    nodes: ['node-b'],
    containers: [
      {
        name: 'minio',
        image: 'quay.io/minio/minio:RELEASE.2024-11-07T00-52-20Z',
        args: ['server', '/data', '--console-address', ':9001'],
        ports: [9000, 9001],
        requests: ['100m', '256Mi'],
        limits: ['1', '1Gi'],
        usage: [31, 388],
        log: () => [
          { at: site.now - 6 * DAY, text: 'MinIO Object Storage Server' },
          { at: site.now - 6 * DAY, text: 'Version: RELEASE.2024-11-07T00-52-20Z (go1.23.3 linux/amd64)' },
          { at: site.now - 6 * DAY, text: 'API: http://10.42.1.10:9000  http://127.0.0.1:9000' },
        ],
      },
    ],
  });
  installService(site, {
    namespace,
    name: 'minio',
    selector: { app: 'minio' },
    ports: [
      { name: 'api', port: 9000 },
      { name: 'console', port: 9001 },
    ],
  });
  installVolume(site, namespace, 'minio-data', '50Gi');
}

function installRabbitmq(site: Site, { rabbitmqNamespace: namespace, rabbitmq: name }: PlatformNames): void {
  const replicas = namespace.startsWith('rabbitmq') ? 3 : 1;
  const labels = {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/component': 'rabbitmq',
    'app.kubernetes.io/part-of': 'rabbitmq',
  };
  site.world.apply({
    apiVersion: 'rabbitmq.com/v1beta1',
    kind: 'RabbitmqCluster',
    metadata: { name, namespace, creationTimestamp: rfc3339(site.now - 42 * DAY) },
    spec: { replicas },
    status: {
      conditions: ['AllReplicasReady', 'ClusterAvailable', 'NoWarnings', 'ReconcileSuccess'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: rfc3339(site.now - 6 * DAY),
      })),
    },
  });
  installStatefulSet(site, {
    namespace,
    name: `${name}-server`,
    replicas,
    labels,
    containers: [
      {
        name: 'rabbitmq',
        image: 'rabbitmq:3.13.7-management',
        ports: [5672, 15672, 15692],
        requests: ['100m', '256Mi'],
        limits: ['1', '512Mi'],
        usage: [52, 171],
        log: () => [
          {
            at: site.now - 6 * DAY,
            text: `${stamp(site.now - 6 * DAY)} [info] <0.9.0> Server startup complete; 7 plugins started.`,
          },
          {
            at: site.now - 22 * MINUTE,
            text: `${stamp(site.now - 22 * MINUTE)} [info] <0.4127.11> accepting AMQP connection <0.4127.11> (10.42.0.14:51322 -> 10.42.1.11:5672)`,
          },
        ],
      },
    ],
  });
  installService(site, {
    namespace,
    name,
    selector: { 'app.kubernetes.io/name': name },
    ports: [
      { name: 'amqp', port: 5672 },
      { name: 'management', port: 15672 },
      { name: 'prometheus', port: 15692 },
    ],
  });
  for (let index = 0; index < replicas; index++)
    installVolume(site, namespace, `persistence-${name}-server-${index}`, '2Gi');
}

function stamp(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '000+00:00');
}

function installVolume({ world, now }: Site, namespace: string, name: string, size: string): void {
  const volumeName = `pvc-${name}`;
  const creationTimestamp = rfc3339(now - 42 * DAY + HOUR);
  const shared = { accessModes: ['ReadWriteOnce'], storageClassName: 'gp3', volumeMode: 'Filesystem' };
  world.apply({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace, creationTimestamp },
    spec: { ...shared, volumeName, resources: { requests: { storage: size } } },
    status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: size } },
  });
  world.apply({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName, creationTimestamp },
    spec: {
      ...shared,
      capacity: { storage: size },
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name },
    },
    status: { phase: 'Bound' },
  });
}
