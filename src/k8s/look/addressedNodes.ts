import { scrapedAt } from '../../alerts/labels.ts';
import type { IncidentWithAlerts } from '../../incidents/incident.ts';
import type { ClusterAccess } from '../client/cluster.ts';
import { readTable } from '../client/kubeTable.ts';
import { RESOURCES } from '../client/resources.ts';
import { type Node, node } from '../subjects/node.ts';

/** A node that an alert names by one of its addresses. */
export interface AddressedNode {
  /** As the label `instance` has it: `10.0.0.7:9100`. */
  readonly instance: string;
  readonly node: string;
}

/** The most nodes that are read for their addresses. */
const MOST_NODES = 5_000;
const MOST_INSTANCES = 20;
/** Deadline in milliseconds for the nodes: the look has 10 s in all, and the rest of it needs no address. */
const DEADLINE_MS = 1_500;

/**
 * The nodes at whose addresses an incident's alerts were measured (`instance="10.0.0.7:9100"` of a node exporter): only the
 * cluster knows whose address it is. Empty where the alerts name an object, an address is no node's or of two, or not all
 * nodes could be read in time: then it stays an address.
 */
export async function addressedNodes(
  cluster: ClusterAccess,
  { incident, alerts }: IncidentWithAlerts,
  signal: AbortSignal,
): Promise<readonly AddressedNode[]> {
  if (incident.subject.kind !== 'instance') return [];
  const instances = new Set([
    incident.subject.name,
    ...alerts.flatMap(({ labels }) => scrapedAt(labels).instance ?? []),
  ]);
  try {
    const read = {
      resource: RESOURCES.nodes,
      namespace: null,
      limit: MOST_NODES,
      priority: 'automatic',
      signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
    } as const;
    const { rows, isWhole } = await readTable(cluster, read);
    // A node that was not read may have the same address.
    if (!isWhole) return [];
    const nodes = rows.flatMap(({ object }) => node.safeParse(object).data ?? []);
    return [...instances].slice(0, MOST_INSTANCES).flatMap((instance) => {
      const at = nodes.filter((one) => isAt(one, hostOf(instance)));
      return at.length === 1 && at[0] ? [{ instance, node: at[0].metadata.name }] : [];
    });
  } catch {
    // Whatever else the look reads of the nodes says why they cannot be read.
    return [];
  }
}

/** `10.0.0.7:9100`, `[fd00::7]:9100`, `worker-1:9100` without the port. */
function hostOf(instance: string): string {
  const bare = instance.replace(/^[a-z]+:\/\//i, '').replace(/\/.*$/, '');
  return (/^\[(.+)\](?::\d+)?$/.exec(bare)?.[1] ?? bare.replace(/^([^:]*):\d+$/, '$1')).toLowerCase();
}

function isAt({ metadata, status }: Node, host: string): boolean {
  return metadata.name === host || (status.addresses ?? []).some(({ address }) => address.toLowerCase() === host);
}
