import { listed } from '../../wording/counts.ts';
import { short } from '../../wording/cuts.ts';
import type { Facts } from '../facts/facts.ts';
import { lastSeen } from '../subjects/event.ts';
import { conditionOf, createdAt, type LabelSelector, matches, named } from '../subjects/object.ts';
import { isOver, isReady, type Pod } from '../subjects/pod.ts';
import { quantity } from '../subjects/quantity.ts';
import { usesOf } from '../subjects/quota.ts';
import { bindsOnFirstUse, type Claim, isBound, isDefaultClass, type Volume } from '../subjects/volume.ts';
import { type Case, found } from './case.ts';
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

/** A larger volume was asked for and cannot be had. */
function resizeCases(claim: Claim, facts: Facts): readonly Case[] {
  const subject = named('PersistentVolumeClaim', claim.metadata);
  // That the claim is bound is no recovery of this: what it asks for and has decides.
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
  const name = claim.spec.storageClassName;
  const known = name ? facts.get('StorageClass', null, name) : null;
  const classesRead = facts.coverage('StorageClass') === 'whole';
  if (claim.spec.volumeName) return taken(claim, parts, base, said, facts);
  const notFound = name && /storageclass[^"]*"?[^"]*"? not found/i.test(event?.message ?? '');
  if (
    name &&
    (notFound ||
      (classesRead && !known && !facts.all('PersistentVolume').some(({ spec }) => spec.storageClassName === name)))
  ) {
    const names = facts.all('StorageClass').map(({ metadata }) => metadata.name);
    return [
      found('claim-no-class', {
        ...base,
        parts: {
          ...parts,
          class: name,
          detail: names.length > 0 ? `; there ${names.length === 1 ? 'is' : 'are'} ${listed(names)}` : '',
        },
        because: [...said, `storageClassName: ${name}, in no StorageClass and no volume`],
      }),
    ];
  }
  if (
    name === undefined &&
    classesRead &&
    !facts.all('StorageClass').some(isDefaultClass) &&
    facts.all('PersistentVolume').length === 0
  )
    return [
      found('claim-no-default-class', {
        ...base,
        parts,
        because: [...said, 'no storageClassName, and no StorageClass is the default'],
      }),
    ];
  if (event?.reason === 'ProvisioningFailed')
    return [
      found('claim-provisioning-failed', {
        ...base,
        parts: {
          ...parts,
          detail: short(
            event.message?.replace(/^failed to provision volume with StorageClass "[^"]*": /, '') ?? '',
            150,
          ),
        },
        because: said,
      }),
    ];
  const provisions =
    known !== null &&
    known.provisioner !== undefined &&
    known.provisioner !== NO_PROVISIONER &&
    claim.spec.selector === undefined;
  const waitsForPod = known !== null && bindsOnFirstUse(known) && users.length === 0;
  if (!provisions && !waitsForPod) {
    const unfit = unfitting(claim, parts, facts);
    if (unfit) return [{ ...unfit, at: base.at, because: [...unfit.because, ...said] }];
  }
  const isLate = base.at !== null && facts.now - base.at > BINDING_MS;
  const external = facts.eventsAbout(subject).findLast(({ reason }) => reason === 'ExternalProvisioning');
  if (external && isLate && known?.provisioner)
    return [
      found('claim-provisioner-silent', {
        ...base,
        confidence: 'likely',
        parts: { ...parts, provisioner: known.provisioner },
        because: [`${external.reason}: ${short(external.message ?? '', 250)}`],
      }),
    ];
  if (waitsForPod || (!isLate && said.length === 0)) return [];
  return [
    found('claim-pending', {
      ...base,
      parts: { ...parts, detail: event ? `: ${short(event.message ?? '', 140)}` : '' },
      because: [...said, `phase: ${claim.status.phase ?? 'not set'}`],
      confidence: 'likely',
    }),
  ];
}

type ClaimParts = { readonly claim: string; readonly who: string; readonly detail: string };
type Base = { readonly subject: Case['subject']; readonly at: number | null };

/** It names its volume: that one is not there, or somebody else has it. */
function taken(claim: Claim, parts: ClaimParts, base: Base, said: readonly string[], facts: Facts): readonly Case[] {
  const wanted = claim.spec.volumeName ?? '';
  if (facts.coverage('PersistentVolume') !== 'whole') return [];
  const volume = facts.get('PersistentVolume', null, wanted);
  const ref = volume?.spec.claimRef;
  const isOther = ref !== undefined && (ref.name !== claim.metadata.name || ref.namespace !== claim.metadata.namespace);
  const by = !volume
    ? 'does not exist'
    : isOther
      ? `is bound to claim ${ref?.namespace}/${ref?.name}`
      : volume.status.phase === 'Released'
        ? 'is released and still belongs to the claim before it'
        : null;
  if (by === null) return unfitFor(claim, volume ? [volume] : [], parts, base);
  return [
    found('claim-volume-taken', {
      ...base,
      parts: { ...parts, volume: wanted, by },
      because: [...said, `volumeName: ${wanted}`, ...(volume ? [`${wanted}: phase ${volume.status.phase}`] : [])],
    }),
  ];
}

function unfitFor(claim: Claim, volumes: readonly Volume[], parts: ClaimParts, base: Base): readonly Case[] {
  const unfit = mismatch(claim, volumes, parts);
  return unfit ? [{ ...unfit, at: base.at }] : [];
}

/** Why none of the volumes there are fits a claim that nobody makes a volume for. */
function unfitting(claim: Claim, parts: ClaimParts, facts: Facts): Case | null {
  if (facts.coverage('PersistentVolume') !== 'whole') return null;
  const volumes = facts
    .all('PersistentVolume')
    .filter(
      ({ spec, status }) =>
        status.phase === 'Available' ||
        (spec.claimRef?.name === claim.metadata.name && spec.claimRef.namespace === claim.metadata.namespace),
    );
  return mismatch(claim, volumes, parts);
}

/** The first requirement that no volume meets, of those that meet the requirements before it. */
function mismatch(claim: Claim, volumes: readonly Volume[], parts: ClaimParts): Case | null {
  const { spec, metadata } = claim;
  const subject = named('PersistentVolumeClaim', metadata);
  const size = quantity(spec.resources?.requests?.storage) ?? 0;
  const modes = spec.accessModes ?? [];
  const sameClass = volumes.filter((one) => (one.spec.storageClassName ?? '') === (spec.storageClassName ?? ''));
  const asked = spec.selector ? selectorText(spec.selector) : '';
  const selected = sameClass.filter((one) => !spec.selector || matches(spec.selector, one.metadata.labels));
  const large = (some: readonly Volume[]) => some.filter((one) => (quantity(one.spec.capacity?.storage) ?? 0) >= size);
  const right = (some: readonly Volume[]) =>
    some.filter((one) => modes.every((mode) => one.spec.accessModes?.includes(mode)));
  if (volumes.length === 0)
    return spec.storageClassName === ''
      ? found('claim-no-volume', { subject, parts, because: ['no storage class, and no PersistentVolume is free'] })
      : null;
  if (spec.selector && !volumes.some((one) => spec.selector && matches(spec.selector, one.metadata.labels)))
    return found('claim-selector', {
      subject,
      parts: { ...parts, asked },
      because: [
        `selector: ${asked}`,
        ...volumes.slice(0, 3).map((one) => `PersistentVolume ${one.metadata.name}: labels ${labelText(one)}`),
      ],
    });
  if (sameClass.length === 0)
    return found('claim-class-mismatch', {
      subject,
      parts: {
        ...parts,
        class: spec.storageClassName ?? '(none)',
        offered: listed(volumes.map((one) => one.spec.storageClassName || '(none)')),
      },
      because: [
        `storageClassName: ${spec.storageClassName ?? '(none)'}`,
        ...volumes
          .slice(0, 3)
          .map((one) => `PersistentVolume ${one.metadata.name}: ${one.spec.storageClassName || '(no class)'}`),
      ],
    });
  if (large(selected).length === 0 && selected.length > 0) {
    const largest = selected.toSorted(
      (a, b) => (quantity(b.spec.capacity?.storage) ?? 0) - (quantity(a.spec.capacity?.storage) ?? 0),
    )[0];
    return found('claim-capacity', {
      subject,
      parts: {
        ...parts,
        asked: spec.resources?.requests?.storage ?? '?',
        largest: largest?.spec.capacity?.storage ?? '?',
      },
      because: [
        `requests ${spec.resources?.requests?.storage}`,
        `PersistentVolume ${largest?.metadata.name}: capacity ${largest?.spec.capacity?.storage}`,
      ],
    });
  }
  const mode = spec.volumeMode ?? 'Filesystem';
  const ofMode = selected.filter((one) => (one.spec.volumeMode ?? 'Filesystem') === mode);
  if (ofMode.length === 0 && selected.length > 0) {
    const offered = listed(selected.map((one) => one.spec.volumeMode ?? 'Filesystem'));
    return found('claim-volume-mode', {
      subject,
      parts: { ...parts, asked: mode, offered },
      because: [
        `volumeMode: ${mode}`,
        ...selected
          .slice(0, 3)
          .map((one) => `PersistentVolume ${one.metadata.name}: ${one.spec.volumeMode ?? 'Filesystem'}`),
      ],
    });
  }
  if (right(large(selected)).length === 0 && selected.length > 0)
    return found('claim-access-mode', {
      subject,
      parts: {
        ...parts,
        asked: modes.join(', '),
        offered: listed(selected.flatMap((one) => one.spec.accessModes ?? [])),
      },
      because: [
        `accessModes: ${modes.join(', ')}`,
        ...selected
          .slice(0, 3)
          .map((one) => `PersistentVolume ${one.metadata.name}: ${one.spec.accessModes?.join(', ')}`),
      ],
    });
  return null;
}

function selectorText(selector: LabelSelector): string {
  const plain = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const terms = (selector.matchExpressions ?? []).map(({ key, operator, values }) =>
    `${key} ${operator} ${values?.join(',') ?? ''}`.trim(),
  );
  return [...plain, ...terms].join(', ');
}

function labelText({ metadata }: Volume): string {
  return (
    Object.entries(metadata.labels ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(', ') || '(none)'
  );
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
    // Something is said of it, so it was there.
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
