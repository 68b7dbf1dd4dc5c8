import type { Cause, DiagnosisCase, Expectation, KubeObject, ObjectName, Snapshot, Unread } from './snapshot.ts';
import { type Town, town } from './world/town.ts';
import type { WorldOptions } from './world/world.ts';

/**
 * How a case is written: a town that is healthy, a story that breaks something in it and returns the sentence a person
 * would report it with, and the true answer. `about` names objects as `Kind/name`; what an object owns is meant too, so
 * `Deployment/cart` is also answered by its ReplicaSet and its pods.
 */
export interface Story {
  readonly source: string;
  readonly options?: WorldOptions & { quiet?: boolean };
  readonly unread?: readonly Unread[];
  /** Nothing that pages looks unhealthy. */
  readonly silent?: boolean;
  tell(town: Town): string;
  readonly about?: readonly string[];
  readonly says?: readonly RegExp[];
  readonly confirmed?: boolean;
  readonly also?: readonly { readonly about: readonly string[]; readonly says: readonly RegExp[] }[];
  readonly tells?: readonly RegExp[];
  readonly never?: readonly RegExp[];
  /** Where the group has more than one answer (large, unread). */
  readonly verdict?: Expectation['verdict'];
}

export const sick = (name: string, story: Story): DiagnosisCase => caseOf(name, 'sick', 'cause', story);
export const healthy = (name: string, story: Story): DiagnosisCase => caseOf(name, 'healthy', 'healthy', story);
export const twoCauses = (name: string, story: Story): DiagnosisCase => caseOf(name, 'two-causes', 'cause', story);
export const undecidable = (name: string, story: Story): DiagnosisCase =>
  caseOf(name, 'undecidable', 'undecidable', story);
export const large = (name: string, story: Story): DiagnosisCase => caseOf(name, 'large', 'cause', story);
export const unread = (name: string, story: Story): DiagnosisCase => caseOf(name, 'unread', 'undecidable', story);

function caseOf(
  name: string,
  group: DiagnosisCase['group'],
  usual: Expectation['verdict'],
  story: Story,
): DiagnosisCase {
  const world = (): Snapshot => {
    const stage = town(story.options);
    const query = story.tell(stage);
    return stage.world.snapshot(name, query, { silent: story.silent ?? false });
  };
  let expected: Expectation | undefined;
  return {
    name,
    source: story.source,
    group,
    ...(story.unread === undefined ? {} : { unread: story.unread }),
    world,
    get expect() {
      expected ??= expectation(story, story.verdict ?? usual, world);
      return expected;
    },
  };
}

function expectation(story: Story, verdict: Expectation['verdict'], world: () => Snapshot): Expectation {
  const named = (story.about ?? []).length + (story.also ?? []).length > 0;
  const objects = named ? world().objects : [];
  return {
    verdict,
    ...(story.about === undefined ? {} : { object: withOwned(story.about, objects) }),
    ...(story.says === undefined ? {} : { says: story.says }),
    ...(story.confirmed === undefined ? {} : { confirmed: story.confirmed }),
    ...(story.also === undefined
      ? {}
      : { alsoCauses: story.also.map(({ about, says }): Cause => ({ object: withOwned(about, objects), says })) }),
    ...(story.tells === undefined ? {} : { tells: story.tells }),
    ...(story.never === undefined ? {} : { never: story.never }),
  };
}

/** The objects of these names and all that they own, however deep. */
export function withOwned(names: readonly string[], objects: readonly KubeObject[]): ObjectName[] {
  const found: ObjectName[] = names.map((name) => {
    const [kind = '', rest = ''] = name.split('/');
    return { kind, name: rest };
  });
  let roots = objects.filter(({ kind, metadata }) => names.includes(`${kind}/${metadata.name}`));
  while (roots.length > 0) {
    const uids = new Set(roots.map(({ metadata }) => metadata.uid));
    roots = objects.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uids.has(uid)));
    found.push(...roots.map(({ kind, metadata }) => ({ kind, name: metadata.name })));
  }
  return found;
}
