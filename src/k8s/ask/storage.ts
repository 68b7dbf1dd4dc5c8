import { labelled } from '../../incidents/phoneRows.ts';
import { counted } from '../../wording/counts.ts';
import { RESOURCES } from '../client/resources.ts';
import { event } from '../subjects/event.ts';
import { isReady, pod } from '../subjects/pod.ts';
import {
  type EndpointSlice,
  endpointSlice,
  isSelecting,
  readyAddresses,
  type Service,
  service,
  serviceOfSlice,
} from '../subjects/service.ts';
import { claim, isBound, storageClass, volume } from '../subjects/volume.ts';
import { workload } from '../subjects/workload.ts';
import { arrange } from './arrange.ts';
import { type Diagnostic, namespaceOf, options, place } from './diagnostic.ts';
import { atLeast, type Part, readPart } from './parts.ts';
import { rowsOnPhone } from './phone.ts';
import { verdictOf } from './verdict.ts';

const VOLUME =
  /^(FailedMount|FailedAttachVolume|FailedMapVolume|FailedBinding|ProvisioningFailed|VolumeResizeFailed|WaitForFirstConsumer|WaitForPodScheduled|FreeDiskSpaceFailed)$/;

/** Volume claims, and whether their users are ready: MinIO in the platform's own namespace, any workload elsewhere. */
export const storage: Diagnostic = {
  name: 'storage',
  phone: rowsOnPhone({
    parts: ['NAME', 'STATUS', 'CAPACITY', 'STORAGECLASS', labelled('AGE', (value) => `${value} old`)],
    isWell: (cell) => cell('STATUS') === 'Bound',
    well: 'bound',
  }),
  kubectl: (request) => `kubectl get pvc,pv,storageclasses,pods,services ${place(request)}${options(request)}`,
  async collect(collection) {
    const { request } = collection;
    const [claims, pods, services, slices, volumes, classes, deployments, statefulSets, daemonSets, events] =
      await Promise.all([
        readPart(collection, claim, { resource: RESOURCES.persistentvolumeclaims }),
        readPart(collection, pod, { resource: RESOURCES.pods }),
        readPart(collection, service, { resource: RESOURCES.services }),
        readPart(collection, endpointSlice, { resource: RESOURCES.endpointslices }),
        readPart(collection, volume, { resource: RESOURCES.persistentvolumes }),
        readPart(collection, storageClass, { resource: RESOURCES.storageclasses }),
        readPart(collection, workload, { resource: RESOURCES.deployments }),
        readPart(collection, workload, { resource: RESOURCES.statefulsets }),
        readPart(collection, workload, { resource: RESOURCES.daemonsets }),
        readPart(collection, event, { resource: RESOURCES.events, limit: 500 }),
      ]);
    const told = events.items.filter(({ reason }) => VOLUME.test(reason ?? ''));
    const where = namespaceOf(request) ?? 'all namespaces';
    const bound = claims.items.filter(isBound).length;
    const ready = pods.items.filter(isReady).length;
    const serving = pods.items.filter(({ status }) => status.phase !== 'Succeeded').length;
    const table = arrange({ ...claims.table, notes: [] }, request);
    const stopped = claims.state !== 'read' && pods.state !== 'read';
    return {
      title: `Storage in ${where}`,
      summary: stopped
        ? `Storage in ${where} could not be read.`
        : `${atLeast(bound, claims)} of ${claims.table.total} volume claims bound, ${atLeast(ready, pods)} of ${pods.isWhole ? serving : pods.table.total} pods ready${servicesSay(services, slices)}.`,
      findings: verdictOf(collection, {
        PersistentVolumeClaim: claims,
        Pod: pods,
        Service: services,
        EndpointSlice: slices,
        PersistentVolume: volumes,
        StorageClass: classes,
        Deployment: deployments,
        StatefulSet: statefulSets,
        DaemonSet: daemonSets,
        Event: { items: told, isWhole: false },
      }),
      table,
      lines: null,
      notes: [
        claims,
        pods,
        services,
        slices,
        volumes,
        classes,
        deployments,
        statefulSets,
        daemonSets,
        events,
        table,
      ].flatMap(({ notes }) => notes),
    };
  },
};

/** How many Services there are, and which of them lead nowhere; nothing is concluded from slices that were not all read. */
function servicesSay(services: Part<Service>, slices: Part<EndpointSlice>): string {
  if (services.table.total === 0) return '';
  const many = `, ${counted(services.table.total, 'Service')}`;
  if (slices.state !== 'read' || !slices.isWhole) return `${many}, endpoints not known`;
  const bySlice = Map.groupBy(slices.items, (one) => `${one.metadata.namespace}/${serviceOfSlice(one)}`);
  const empty = services.items.filter(
    (one) =>
      isSelecting(one) && readyAddresses(bySlice.get(`${one.metadata.namespace}/${one.metadata.name}`) ?? []) === 0,
  );
  const names = empty.slice(0, 3).map(({ metadata: { name } }) => name);
  const more = empty.length > names.length ? ` and ${empty.length - names.length} more` : '';
  return empty.length === 0 ? many : `${many}, ${empty.length} without ready endpoints: ${names.join(', ')}${more}`;
}
