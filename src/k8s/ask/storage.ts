import { counted } from '../../incidents/counted.ts';
import { RESOURCES } from '../client/resources.ts';
import { event } from '../subjects/event.ts';
import { isReady, pod } from '../subjects/pod.ts';
import { service } from '../subjects/service.ts';
import { claim, isBound, storageClass, volume } from '../subjects/volume.ts';
import { arrange } from './arrange.ts';
import { type Diagnostic, namespaceOf, options, place } from './diagnostic.ts';
import { readPart } from './parts.ts';
import { verdictOf } from './verdict.ts';

const VOLUME =
  /^(FailedMount|FailedAttachVolume|FailedMapVolume|FailedBinding|ProvisioningFailed|VolumeResizeFailed|WaitForFirstConsumer|WaitForPodScheduled|FreeDiskSpaceFailed)$/;

/** Volume claims, and whether what stands on them is ready: MinIO in the platform's own namespace, anything elsewhere. */
export const storage: Diagnostic = {
  name: 'storage',
  kubectl: (request) => `kubectl get pvc,pv,storageclasses,pods,services ${place(request)}${options(request)}`,
  async collect(collection) {
    const { request } = collection;
    const [claims, pods, services, volumes, classes, events] = await Promise.all([
      readPart(collection, claim, { resource: RESOURCES.persistentvolumeclaims }),
      readPart(collection, pod, { resource: RESOURCES.pods }),
      readPart(collection, service, { resource: RESOURCES.services }),
      readPart(collection, volume, { resource: RESOURCES.persistentvolumes }),
      readPart(collection, storageClass, { resource: RESOURCES.storageclasses }),
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
        : `${bound} of ${claims.items.length} volume claims bound, ${ready} of ${serving} pods ready${services.items.length > 0 ? `, ${counted(services.items.length, 'Service')}` : ''}.`,
      findings: verdictOf(collection, {
        objects: {
          ...(claims.state === 'read' ? { PersistentVolumeClaim: claims.items } : {}),
          ...(pods.state === 'read' ? { Pod: pods.items } : {}),
          ...(services.state === 'read' ? { Service: services.items } : {}),
          ...(volumes.state === 'read' ? { PersistentVolume: volumes.items } : {}),
          ...(classes.state === 'read' ? { StorageClass: classes.items } : {}),
          Event: told,
        },
        parts: ['Event'],
      }),
      table,
      lines: null,
      notes: [
        ...claims.notes,
        ...pods.notes,
        ...services.notes,
        ...volumes.notes,
        ...classes.notes,
        ...events.notes,
        ...table.notes,
      ],
    };
  },
};
