import { counted } from '../../incidents/counted.ts';
import { arrange } from '../arrange.ts';
import { type Diagnostic, namespaceOf, options, place } from '../diagnostic.ts';
import { eventFindings } from '../findings/events.ts';
import { rank } from '../findings/finding.ts';
import { podFindings } from '../findings/pods.ts';
import { claimFindings, endpointFindings } from '../findings/services.ts';
import { claim, endpoints, event, pod } from '../objects.ts';
import { readPart } from '../parts.ts';
import { RESOURCES } from '../resources.ts';

const VOLUME =
  /^(FailedMount|FailedAttachVolume|FailedMapVolume|FailedBinding|ProvisioningFailed|VolumeResizeFailed|WaitForFirstConsumer|WaitForPodScheduled|FreeDiskSpaceFailed)$/;

/** Volume claims, and whether what stands on them is ready: MinIO in the platform's own namespace, anything elsewhere. */
export const storage: Diagnostic = {
  name: 'storage',
  kubectl: (request) => `kubectl get pvc,pods,endpoints ${place(request)}${options(request)}`,
  async collect(collection) {
    const { request } = collection;
    const [claims, pods, services, events] = await Promise.all([
      readPart(collection, claim, { resource: RESOURCES.persistentvolumeclaims }),
      readPart(collection, pod, { resource: RESOURCES.pods }),
      readPart(collection, endpoints, { resource: RESOURCES.endpoints }),
      readPart(collection, event, { resource: RESOURCES.events, limit: 500 }),
    ]);
    const told = events.items.filter(({ reason }) => VOLUME.test(reason ?? ''));
    const where = namespaceOf(request) ?? 'all namespaces';
    const bound = claims.items.filter(({ status }) => status.phase === 'Bound').length;
    const ready = pods.items.filter(({ status }) =>
      status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    ).length;
    const serving = pods.items.filter(({ status }) => status.phase !== 'Succeeded').length;
    const table = arrange({ ...claims.table, notes: [] }, request);
    const stopped = claims.state !== 'read' && pods.state !== 'read';
    return {
      title: `Storage in ${where}`,
      summary: stopped
        ? `Storage in ${where} could not be read.`
        : `${bound} of ${claims.items.length} volume claims bound, ${ready} of ${serving} pods ready${services.items.length > 0 ? `, ${counted(services.items.length, 'Service')}` : ''}.`,
      findings: rank([
        ...claimFindings(claims.items, told),
        ...eventFindings(told.filter(({ type }) => type === 'Warning')),
        ...pods.items.flatMap(podFindings),
        ...endpointFindings(services.items),
      ]),
      table,
      lines: null,
      notes: [...claims.notes, ...pods.notes, ...services.notes, ...events.notes, ...table.notes],
    };
  },
};
