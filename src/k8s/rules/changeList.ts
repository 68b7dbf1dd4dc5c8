import { z } from 'zod';
import { type Edit, editsOf } from '../subjects/edits.ts';
import { instant } from '../subjects/instant.ts';
import { listOf, type Metadata, metadata } from '../subjects/object.ts';
import { container, type PodTemplate } from '../subjects/pod.ts';
import { inWords, restartedAt, templateChanges } from '../subjects/templateChange.ts';
import { revisionOf, type Workload } from '../subjects/workload.ts';

/** A change, with its moment. */
export interface Change {
  readonly at: number;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  /** Summary: `image v1.13.17`, `restarted`, `spec: traffic`. */
  readonly what: string;
  /** Details: `image v1.13.16 → v1.13.17`. */
  readonly detail: string;
  readonly by: string | null;
  /** New code or a new template runs since, as opposed to an edit that may change nothing. */
  readonly rollout: boolean;
}

/** An object with a date and no history: quotas, Knative Services. */
export const dated = z.object({ metadata });

/** New ReplicaSets, each compared with the one before it. Those of Knative are covered by their Revisions. */
export function rollouts(sets: readonly Workload[], deployments: readonly Workload[]): readonly Change[] {
  return successions(
    sets.filter(({ metadata: of }) => !isKnative(of)),
    ownerOf,
  ).flatMap(({ now, before }) => {
    const owner = ownerOf(now);
    const made = instant(now.metadata.creationTimestamp);
    if (owner === null || made === null) return [];
    const deployment = deployments.find((one) => one.metadata.name === owner && sameNamespace(one, now));
    const known = deployment ? editsOf(deployment.metadata) : [];
    // Going back takes up an old ReplicaSet again: only the edit of the Deployment is dated then.
    const isOld = before !== null && made < (instant(before.metadata.creationTimestamp) ?? 0);
    const edit = known.find((one) => (isOld ? one.fields.includes('template') : Math.abs(one.at - made) < 10_000));
    const at = isOld ? edit?.at : made;
    if (at === undefined) return [];
    return [
      { ...base('Deployment', now.metadata, at), name: owner, ...templateWords(now, before), by: edit?.by ?? null },
    ];
  });
}

/** A Revision: its containers stand in its spec. */
export const revision = z.object({
  metadata,
  spec: z.object({ containers: listOf(container) }).catch({}),
});
type Revision = z.output<typeof revision>;

/** New Revisions, each against the one before it. */
export function revisionRollouts(revisions: readonly Revision[]): readonly Change[] {
  const asSets = revisions.map((one): Workload => {
    const template: PodTemplate = { metadata: {}, spec: { containers: one.spec.containers ?? [] } };
    return { metadata: one.metadata, spec: { template }, status: {} };
  });
  const owner = (one: Workload) =>
    one.metadata.labels?.['serving.knative.dev/service'] ??
    one.metadata.labels?.['serving.knative.dev/configuration'] ??
    null;
  return successions(asSets, owner).flatMap(({ now, before }) => {
    const at = instant(now.metadata.creationTimestamp);
    return at === null ? [] : [{ ...base('Revision', now.metadata, at), ...templateWords(now, before), by: null }];
  });
}

/** Edits of what objects want; an edit that a rollout already tells is left out. */
export function edits(
  kind: string,
  objects: readonly { readonly metadata: Metadata }[],
  told: readonly Change[] = [],
): readonly Change[] {
  return objects.flatMap(({ metadata: of }) => {
    if (isKnative(of) && kind !== 'Service') return [];
    const at = instant(of.creationTimestamp);
    const made = at === null ? [] : [{ ...base(kind, of, at), what: 'created', detail: 'created', by: null }];
    const changed = editsOf(of).map((edit) => ({ ...base(kind, of, edit.at), ...editWords(edit), by: edit.by }));
    return [...made, ...changed].filter(
      (one) => !told.some((other) => other.name === of.name && Math.abs(other.at - one.at) < 10_000),
    );
  });
}

function base(kind: string, of: Metadata, at: number) {
  return { at, kind, namespace: of.namespace ?? null, name: of.name, rollout: false };
}

function isKnative(of: Metadata): boolean {
  return of.labels?.['serving.knative.dev/revision'] !== undefined;
}

function sameNamespace(a: Workload, b: Workload): boolean {
  return a.metadata.namespace === b.metadata.namespace;
}

function ownerOf(one: Workload): string | null {
  return one.metadata.ownerReferences?.find(({ kind }) => kind === 'Deployment')?.name ?? null;
}

/** Each object with the one its owner had before it. */
function successions(all: readonly Workload[], owner: (one: Workload) => string | null) {
  const groups = Map.groupBy(all, (one) => `${one.metadata.namespace}/${owner(one)}`);
  return [...groups.values()].flatMap((group) => {
    const ordered = group.toSorted(
      (a, b) =>
        (revisionOf(a) ?? 0) - (revisionOf(b) ?? 0) ||
        (instant(a.metadata.creationTimestamp) ?? 0) - (instant(b.metadata.creationTimestamp) ?? 0),
    );
    return ordered.map((now, index) => ({ now, before: ordered[index - 1] ?? null }));
  });
}

/** Most fields named in one change. */
const MOST_NAMED = 3;

function templateWords(now: Workload, before: Workload | null): Pick<Change, 'what' | 'detail' | 'rollout'> {
  const [template, old] = [now.spec.template, before?.spec.template];
  if (!before || !template || !old) {
    const first = isFirst(now.metadata) ? 'first rollout, ' : '';
    const images = imagesOf(now);
    const image = `image ${images.map(short).join(', ')}`;
    return {
      what: first ? 'first rollout' : `image ${tagOf(images[0] ?? '')}`,
      detail: `${first}${image}`,
      rollout: true,
    };
  }
  const changed = templateChanges(old, template);
  const [first] = changed;
  if (first) {
    const more = changed.length - MOST_NAMED;
    const named = changed.slice(0, MOST_NAMED).map(inWords).join(', ');
    return {
      what: /image$/.test(first.field) && first.to ? `image ${tagOf(first.to)}` : first.field.slice(0, 20),
      detail: `${named}${more > 0 ? ` and ${more} more` : ''}`,
      rollout: true,
    };
  }
  const restart = restartedAt(template);
  return restart && restart !== restartedAt(old)
    ? { what: 'restarted', detail: `restarted (${restart})`, rollout: true }
    : { what: 'new template', detail: 'new pod template', rollout: true };
}

/** The oldest there is may be the first, or the oldest that was kept. */
function isFirst(of: Metadata): boolean {
  return of.annotations?.['deployment.kubernetes.io/revision'] === '1' || /-0*1$/.test(of.name);
}

function imagesOf(one: Workload): readonly string[] {
  return (one.spec.template?.spec?.containers ?? []).map(({ image }) => image ?? 'unnamed');
}

function short(image: string): string {
  return image.split('/').at(-1) ?? image;
}

function tagOf(image: string): string {
  const name = short(image);
  const digest = /@sha256:([0-9a-f]{7})/.exec(name)?.[1];
  const tag = digest ?? name.split(':').at(1) ?? name;
  // A hash is known by its beginning, as in git.
  return /^[0-9a-f]{8,}$/.test(tag) ? tag.slice(0, 7) : tag;
}

function editWords(edit: Edit): Pick<Change, 'what' | 'detail' | 'rollout'> {
  if (edit.scaled) return { what: 'scaled', detail: 'scaled', rollout: false };
  const fields = edit.fields.join(', ');
  return {
    what: `spec: ${fields}`.slice(0, 20),
    detail: `spec edited${fields ? `: ${fields}` : ''}`,
    rollout: false,
  };
}
