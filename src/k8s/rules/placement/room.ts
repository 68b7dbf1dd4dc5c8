import { listed } from '../../../wording/counts.ts';
import { short } from '../../../wording/cuts.ts';
import type { Node } from '../../subjects/node.ts';
import { named } from '../../subjects/object.ts';
import { containersOf, type Pod } from '../../subjects/pod.ts';
import { quantity } from '../../subjects/quantity.ts';
import type { Case } from '../case.ts';
import { make, others, type Placing } from './placing.ts';

/** No node has room: CPU, memory, pods, a host port or another resource. */
export function resources(placing: Placing): Case {
  const { pod, facts, reasons } = placing;
  const lacking = reasons
    .map(({ text }) => /Insufficient ([\w./-]*\w)/.exec(text)?.[1])
    .filter((one) => one !== undefined);
  const resource = lacking[0] ?? (reasons.some(({ text }) => /Too many pods/.test(text)) ? 'pods' : 'a host port');
  const request = requestOf(pod, resource);
  const largest = largestNode(facts.all('Node'), resource);
  const more = largest && request ? `; the largest node has ${largest.text} in all` : '';
  const impossible = largest && request && (quantity(request) ?? 0) > largest.value ? ', less than it asks for' : '';
  const rest = others(reasons, /Insufficient|Too many pods|free ports/i);
  const code =
    resource === 'cpu'
      ? 'unschedulable-cpu'
      : resource === 'memory'
        ? 'unschedulable-memory'
        : 'unschedulable-resource';
  const need = code === 'unschedulable-resource' ? needOf(pod, resource, request) : (request ?? 'more');
  return make(code, placing, need, `${more}${impossible}${rest}`);
}

function needOf(pod: Pod, resource: string, request: string | null): string {
  if (resource === 'pods') return 'room for another pod (too many pods)';
  if (resource !== 'a host port') return `${request ?? ''} ${resource} free`.trim();
  const ports = containersOf(pod.spec).flatMap((one) => (one.ports ?? []).flatMap(({ hostPort }) => hostPort ?? []));
  return ports.length > 0 ? `host port ${listed(ports.map(String))} free` : 'the host port free';
}

/** What the containers of a pod request of a resource together: sums of cores or bytes as Kubernetes writes them. */
function requestOf(pod: Pod, resource: string): string | null {
  const values = containersOf(pod.spec).flatMap(
    (one) => one.resources?.requests?.[resource] ?? one.resources?.limits?.[resource] ?? [],
  );
  return values.length === 1 ? (values[0] ?? null) : values.length === 0 ? null : values.join(' + ');
}

function largestNode(
  nodes: readonly Node[],
  resource: string,
): { readonly value: number; readonly text: string } | null {
  const all = nodes.flatMap(({ status }) => {
    const text = status.allocatable?.[resource];
    const value = quantity(text);
    return text === undefined || value === null ? [] : [{ value, text }];
  });
  return all.toSorted((a, b) => b.value - a.value)[0] ?? null;
}

/** Devices that are claimed (DRA): none of the drivers offers what its ResourceClaims ask for. */
export function devices(placing: Placing): Case {
  const claims = (placing.pod.spec.resourceClaims ?? []).map(
    (one) => one.resourceClaimName ?? one.resourceClaimTemplateName ?? one.name,
  );
  const need =
    claims.length > 0
      ? `the devices that ResourceClaim ${listed(claims)} asks for`
      : 'the devices that its ResourceClaims ask for';
  return make('unschedulable-resource', placing, need, others(placing.reasons, /claim|device/i));
}

/** A volume that is not there, belongs to other nodes or is held by another pod. */
export function volumes(placing: Placing): Case {
  const { reasons } = placing;
  const text = reasons.find((one) => /volume/i.test(one.text))?.text ?? '';
  const missing = /persistentvolumeclaim "([^"]+)" not found/.exec(text)?.[1];
  const claims = (placing.pod.spec.volumes ?? []).flatMap((one) => one.persistentVolumeClaim?.claimName ?? []);
  const need = missing
    ? `its claim ${missing} does not exist`
    : /persistentvolumeclaim "[^"]+" is being deleted/.test(text)
      ? `its claim ${/persistentvolumeclaim "([^"]+)"/.exec(text)?.[1] ?? ''} is being deleted`
      : /node affinity/i.test(text)
        ? `the volume of its claim ${listed(claims)} belongs to other nodes`
        : /max volume count/i.test(text)
          ? 'the nodes have as many volumes as they can hold (max volume count)'
          : /ReadWriteOncePod/.test(text)
            ? `its claim ${listed(claims)} is ReadWriteOncePod and already in use by another pod`
            : `its claim ${listed(claims)} is not bound to a volume${refusalOf(claims, placing)}`;
  return make('unschedulable-volume', placing, need, others(reasons, /volume/i));
}

/** ` (storageclass "fast" not found)`: what was said of its claims last; empty when nothing was. */
function refusalOf(claims: readonly string[], { pod, facts }: Placing): string {
  const said = claims.flatMap((name) =>
    facts.warningsAbout(named('PersistentVolumeClaim', { namespace: pod.metadata.namespace, name })),
  );
  const last = said.at(-1)?.message;
  return last ? ` (${short(last, 140)})` : '';
}
