import { listed } from '../../wording/counts.ts';
import { short } from '../../wording/cuts.ts';
import type { Facts } from '../facts/facts.ts';
import { type Event, lastSeen } from '../subjects/event.ts';
import { conditionOf, createdAt, named } from '../subjects/object.ts';
import { isOver, isReady, type Pod } from '../subjects/pod.ts';
import { quantity } from '../subjects/quantity.ts';
import { usesOf } from '../subjects/quota.ts';
import { bindsOnFirstUse, type Claim, isBound, isDefaultClass, type StorageClass } from '../subjects/volume.ts';
import { type Case, found } from './case.ts';
import { type ClaimBase, type ClaimParts, taken, unfitting } from './claimFit.ts';
import { mountCases } from './mounts.ts';
import { podName, whoOf } from './words.ts';

/** Provisioning takes seconds to a minute or two. */
const BINDING_MS = 2 * 60_000;
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** Claims without a volume, volumes that cannot be attached or mounted, ConfigMaps and Secrets that are missing. */
export function volumeCases(facts: Facts): readonly Case[] {
  return [
    ...facts.all('PersistentVolumeClaim').flatMap((claim) => claimCases(claim, facts)),
    ...facts
      .all('Pod')
      .flatMap((pod) => (isOver(pod) ? [] : [...missingClaims(pod, facts), ...mountCases(pod, facts)])),
  ];
}

/** A claim whose resize failed. */
function resizeCases(claim: Claim, facts: Facts): readonly Case[] {
  const subject = named('PersistentVolumeClaim', claim.metadata);
  // A bound claim does not end this: requested and actual size decide.
  const event = facts.eventsAbout(subject).findLast(({ reason }) => /ResizeFailed$/.test(reason ?? ''));
  const [have, want] = [claim.status.capacity?.storage, claim.spec.resources?.requests?.storage];
  if (!event || (quantity(have) ?? 0) >= (quantity(want) ?? 0)) return [];
  const user = facts.within('Pod', claim.metadata.namespace).find((pod) => mounts(pod, claim.metadata.name));
  const why = (event.message ?? '').replace(/^.*?rpc error: code = \w+ desc = /, '');
  return [
    found('claim-resize-failed', {
      subject,
      parts: {
        claim: claim.metadata.name,
        who: user ? ` of ${whoOf(user, facts)}` : '',
        have: have ?? '?',
        want: want ?? '?',
        detail: short(why, 160),
      },
      because: [`${event.reason}: ${short(event.message ?? '', 250)}`],
      at: lastSeen(event),
    }),
  ];
}

function claimCases(claim: Claim, facts: Facts): readonly Case[] {
  if (isBound(claim)) return resizeCases(claim, facts);
  const subject = named('PersistentVolumeClaim', claim.metadata);
  const users = facts.within('Pod', claim.metadata.namespace).filter((pod) => mounts(pod, claim.metadata.name));
  const who = users[0] ? ` of ${whoOf(users[0], facts)}` : '';
  const parts = { claim: claim.metadata.name, who, detail: '' };
  if (claim.status.phase === 'Lost') return [found('claim-lost', { subject, parts, because: ['phase: Lost'] })];
  const [event] = facts.warningsAbout(subject).toReversed();
  const said = event ? [`${event.reason}: ${short(event.message ?? '', 250)}`] : [];
  const base = { subject, at: createdAt(claim) };
  if (claim.spec.volumeName) return taken(claim, parts, base, said, facts);
  const name = claim.spec.storageClassName;
  const known = name ? facts.get('StorageClass', null, name) : null;
  const unbound: Unbound = { claim, users, parts, base, event, said, known, facts };
  const one = withoutClass(unbound) ?? refusedByProvisioner(unbound) ?? unmet(unbound) ?? unanswered(unbound);
  return one ? [one] : pending(unbound);
}

/** A claim that nothing is bound to yet, and what the cases about it share. */
interface Unbound {
  readonly claim: Claim;
  /** The pods that mount it. */
  readonly users: readonly Pod[];
  readonly parts: ClaimParts;
  readonly base: ClaimBase;
  /** The latest warning about it. */
  readonly event: Event | undefined;
  /** That warning, as evidence; empty without one. */
  readonly said: readonly string[];
  /** Its StorageClass; null when it names none, or when none of that name was read. */
  readonly known: StorageClass | null;
  readonly facts: Facts;
}

function withoutClass({ claim, parts, base, event, said, known, facts }: Unbound): Case | null {
  const name = claim.spec.storageClassName;
  const classes = facts.all('StorageClass');
  const volumes = facts.all('PersistentVolume');
  const areRead = facts.coverage('StorageClass') === 'whole';
  if (name === undefined) {
    if (!areRead || classes.some(isDefaultClass) || volumes.length > 0) return null;
    const because = [...said, 'no storageClassName, and no StorageClass is the default'];
    return found('claim-no-default-class', { ...base, parts, because });
  }
  if (name === '') return null;
  const isNotFound = /storageclass[^"]*"?[^"]*"? not found/i.test(event?.message ?? '');
  const isNowhere = areRead && !known && !volumes.some(({ spec }) => spec.storageClassName === name);
  if (!isNotFound && !isNowhere) return null;
  const names = classes.map(({ metadata }) => metadata.name);
  const detail = names.length > 0 ? `; there ${names.length === 1 ? 'is' : 'are'} ${listed(names)}` : '';
  return found('claim-no-class', {
    ...base,
    parts: { ...parts, class: name, detail },
    because: [...said, `storageClassName: ${name}, in no StorageClass and no volume`],
  });
}

function refusedByProvisioner({ parts, base, event, said }: Unbound): Case | null {
  if (event?.reason !== 'ProvisioningFailed') return null;
  const why = event.message?.replace(/^failed to provision volume with StorageClass "[^"]*": /, '') ?? '';
  return found('claim-provisioning-failed', { ...base, parts: { ...parts, detail: short(why, 150) }, because: said });
}

/** Its class binds a volume only once a pod uses the claim, and none does. */
function waitsForPod({ known, users }: Unbound): boolean {
  return known !== null && bindsOnFirstUse(known) && users.length === 0;
}

/** A claim without a provisioner that no existing volume fits. */
function unmet(unbound: Unbound): Case | null {
  const { claim, parts, base, said, known, facts } = unbound;
  const provisions =
    known !== null &&
    known.provisioner !== undefined &&
    known.provisioner !== NO_PROVISIONER &&
    claim.spec.selector === undefined;
  if (provisions || waitsForPod(unbound)) return null;
  const unfit = unfitting(claim, parts, facts);
  return unfit && { ...unfit, at: base.at, because: [...unfit.because, ...said] };
}

function isLate({ base, facts }: Unbound): boolean {
  return base.at !== null && facts.now - base.at > BINDING_MS;
}

/** An external provisioner that was asked for a volume and does nothing. */
function unanswered(unbound: Unbound): Case | null {
  const { parts, base, known, facts } = unbound;
  const external = facts.eventsAbout(base.subject).findLast(({ reason }) => reason === 'ExternalProvisioning');
  if (!external || !isLate(unbound) || !known?.provisioner) return null;
  return found('claim-provisioner-silent', {
    ...base,
    confidence: 'likely',
    parts: { ...parts, provisioner: known.provisioner },
    because: [`${external.reason}: ${short(external.message ?? '', 250)}`],
  });
}

function pending(unbound: Unbound): readonly Case[] {
  const { claim, parts, base, event, said } = unbound;
  if (waitsForPod(unbound) || (!isLate(unbound) && said.length === 0)) return [];
  return [
    found('claim-pending', {
      ...base,
      parts: { ...parts, detail: event ? `: ${short(event.message ?? '', 140)}` : '' },
      because: [...said, `phase: ${claim.status.phase ?? 'not set'}`],
      confidence: 'likely',
    }),
  ];
}

function mounts(pod: Pod, claim: string): boolean {
  return (pod.spec.volumes ?? []).some((one) => one.persistentVolumeClaim?.claimName === claim);
}

function missingClaims(pod: Pod, facts: Facts): readonly Case[] {
  if (facts.coverage('PersistentVolumeClaim', pod.metadata.namespace) !== 'whole' || isReady(pod)) return [];
  return (pod.spec.volumes ?? []).flatMap((one) => {
    const claim = one.persistentVolumeClaim?.claimName;
    if (!claim || facts.get('PersistentVolumeClaim', pod.metadata.namespace, claim)) return [];
    const of = named('PersistentVolumeClaim', { namespace: pod.metadata.namespace, name: claim });
    // An event about it exists, so it existed.
    if (facts.eventsAbout(of).length > 0 || /unbound/.test(conditionOf(pod, 'PodScheduled')?.message ?? '')) return [];
    const full = quotaBehind(pod.metadata.namespace, facts);
    if (full)
      return [
        found('claim-refused', {
          subject: podName(pod),
          confidence: 'likely',
          parts: { claim, who: whoOf(pod, facts), detail: '', ...full.parts },
          because: [`volume ${one.name}: claim ${claim} is not there`, full.line],
        }),
      ];
    return [
      found('claim-missing', {
        subject: podName(pod),
        affects: [named('PersistentVolumeClaim', { namespace: pod.metadata.namespace, name: claim })],
        parts: { claim, who: whoOf(pod, facts), detail: '' },
        because: [`volume ${one.name}: claim ${claim} is not there`],
      }),
    ];
  });
}

/** A quota that leaves less storage than the volume that waits for a claim has, or room for no claim at all. */
function quotaBehind(namespace: string | undefined, facts: Facts) {
  const waiting = facts
    .all('PersistentVolume')
    .filter(({ status, spec }) => status.phase === 'Available' && !spec.claimRef);
  const smallest = Math.min(...waiting.map(({ spec }) => quantity(spec.capacity?.storage) ?? Number.POSITIVE_INFINITY));
  for (const of of facts.within('ResourceQuota', namespace))
    for (const { resource, used, hard } of usesOf(of)) {
      const left = (quantity(hard) ?? 0) - (quantity(used) ?? 0);
      const isTooLittle = /persistentvolumeclaims$/.test(resource)
        ? left < 1
        : /requests\.storage$/.test(resource) && (left <= 0 || (waiting.length > 0 && left < smallest));
      if (isTooLittle)
        return {
          parts: { quota: of.metadata.name, resource, used, hard },
          line: `ResourceQuota ${of.metadata.name}: ${resource} used ${used}, hard ${hard}`,
        };
    }
  return null;
}
