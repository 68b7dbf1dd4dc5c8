import type { ObjectName } from '../../incidents/evidence.ts';
import { listed } from '../../wording/counts.ts';
import type { Facts } from '../facts/facts.ts';
import { type LabelSelector, matches, named } from '../subjects/object.ts';
import { quantity } from '../subjects/quantity.ts';
import type { Claim, Volume } from '../subjects/volume.ts';
import { type Case, found } from './case.ts';

/** What the words of a case about a claim are made of. */
export type ClaimParts = { readonly claim: string; readonly who: string; readonly detail: string };
/** What the cases about one claim share; `at` in epoch ms. */
export type ClaimBase = { readonly subject: Case['subject']; readonly at: number | null };

/** A claim that names a volume that does not exist or is bound to another claim. */
export function taken(
  claim: Claim,
  parts: ClaimParts,
  base: ClaimBase,
  said: readonly string[],
  facts: Facts,
): readonly Case[] {
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

function unfitFor(claim: Claim, volumes: readonly Volume[], parts: ClaimParts, base: ClaimBase): readonly Case[] {
  const unfit = mismatch(claim, volumes, parts);
  return unfit ? [{ ...unfit, at: base.at }] : [];
}

/** Why none of the volumes there are fits a claim that nobody makes a volume for. */
export function unfitting(claim: Claim, parts: ClaimParts, facts: Facts): Case | null {
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
  const asked: Asked = { subject, parts, spec };
  if (volumes.length === 0)
    return spec.storageClassName === ''
      ? found('claim-no-volume', { subject, parts, because: ['no storage class, and no PersistentVolume is free'] })
      : null;
  const { selector } = spec;
  if (selector && !volumes.some((one) => matches(selector, one.metadata.labels)))
    return offSelector(selector, asked, volumes);
  const sameClass = volumes.filter((one) => (one.spec.storageClassName ?? '') === (spec.storageClassName ?? ''));
  if (sameClass.length === 0) return offClass(asked, volumes);
  const selected = sameClass.filter((one) => !selector || matches(selector, one.metadata.labels));
  if (selected.length === 0) return null;
  const size = quantity(spec.resources?.requests?.storage) ?? 0;
  const large = selected.filter((one) => capacityOf(one) >= size);
  if (large.length === 0) return tooSmall(asked, selected);
  const mode = spec.volumeMode ?? 'Filesystem';
  if (!selected.some((one) => modeOf(one) === mode)) return offMode(mode, asked, selected);
  const modes = spec.accessModes ?? [];
  if (!large.some((one) => modes.every((access) => one.spec.accessModes?.includes(access))))
    return offAccess(modes, asked, selected);
  return null;
}

/** A claim's requirements. */
interface Asked {
  readonly subject: ObjectName;
  readonly parts: ClaimParts;
  readonly spec: Claim['spec'];
}

/** One line of evidence for each of the first three volumes. */
function linesOf(volumes: readonly Volume[], what: (one: Volume) => string | undefined): readonly string[] {
  return volumes.slice(0, 3).map((one) => `PersistentVolume ${one.metadata.name}: ${what(one)}`);
}

function offSelector(selector: LabelSelector, { subject, parts }: Asked, volumes: readonly Volume[]): Case {
  const asked = selectorText(selector);
  const because = [`selector: ${asked}`, ...linesOf(volumes, (one) => `labels ${labelText(one)}`)];
  return found('claim-selector', { subject, parts: { ...parts, asked }, because });
}

function offClass({ subject, parts, spec }: Asked, volumes: readonly Volume[]): Case {
  const name = spec.storageClassName ?? '(none)';
  const offered = listed(volumes.map((one) => one.spec.storageClassName || '(none)'));
  return found('claim-class-mismatch', {
    subject,
    parts: { ...parts, class: name, offered },
    because: [`storageClassName: ${name}`, ...linesOf(volumes, (one) => one.spec.storageClassName || '(no class)')],
  });
}

/** Bytes; 0 when it states none. */
function capacityOf({ spec }: Volume): number {
  return quantity(spec.capacity?.storage) ?? 0;
}

function tooSmall({ subject, parts, spec }: Asked, volumes: readonly Volume[]): Case {
  const [largest] = volumes.toSorted((a, b) => capacityOf(b) - capacityOf(a));
  const asked = spec.resources?.requests?.storage;
  const offered = largest?.spec.capacity?.storage;
  return found('claim-capacity', {
    subject,
    parts: { ...parts, asked: asked ?? '?', largest: offered ?? '?' },
    because: [`requests ${asked}`, `PersistentVolume ${largest?.metadata.name}: capacity ${offered}`],
  });
}

function modeOf({ spec }: Volume): string {
  return spec.volumeMode ?? 'Filesystem';
}

function offMode(asked: string, { subject, parts }: Asked, volumes: readonly Volume[]): Case {
  return found('claim-volume-mode', {
    subject,
    parts: { ...parts, asked, offered: listed(volumes.map(modeOf)) },
    because: [`volumeMode: ${asked}`, ...linesOf(volumes, modeOf)],
  });
}

function offAccess(modes: readonly string[], { subject, parts }: Asked, volumes: readonly Volume[]): Case {
  const asked = modes.join(', ');
  return found('claim-access-mode', {
    subject,
    parts: { ...parts, asked, offered: listed(volumes.flatMap((one) => one.spec.accessModes ?? [])) },
    because: [`accessModes: ${asked}`, ...linesOf(volumes, (one) => one.spec.accessModes?.join(', '))],
  });
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
