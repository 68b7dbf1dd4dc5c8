import type { z } from 'zod';
import type { Finding } from '../../incidents/evidence.ts';
import { KINDS, type Kind } from '../subjects/kinds.ts';
import { keyOf } from '../subjects/object.ts';
import type { Collection } from './diagnostic.ts';
import { named, readPart } from './parts.ts';
import type { Read } from './verdict.ts';

/** Kinds whose warnings are outlived: what came of them shows at the object alone. */
const PRESENT = ['Pod', 'ReplicaSet', 'Job'] as const satisfies readonly Kind[];
/** Objects that are asked for by name. */
const MOST = 8;

/** What was read of the objects that findings are about. */
export interface Present {
  readonly read: Read;
  /** Keys of those that do not exist any more. */
  readonly gone: ReadonlySet<string>;
  readonly notes: readonly string[];
}

/**
 * The present state of what findings from events alone are about: what is outranks what was. Nothing is read when there are
 * no findings; one that could not be read stays as the events have it, with a note.
 */
export async function presentOf(collection: Collection, findings: readonly Finding[]): Promise<Present> {
  const subjects = [...new Map(findings.map(({ subject }) => [keyOf(subject), subject])).values()];
  const chosen = subjects.flatMap((subject) => {
    const kind = PRESENT.find((one) => one === subject.kind);
    return kind === undefined ? [] : [{ ...subject, kind }];
  });
  const parts = await Promise.all(
    chosen.slice(0, MOST).map(async (subject) => {
      const { namespace, name } = subject;
      const shape: z.ZodType = KINDS[subject.kind].shape;
      const part = await readPart(collection, shape, {
        resource: KINDS[subject.kind].resource,
        namespace,
        ...named(name),
      });
      return { subject, part };
    }),
  );
  const of = (kind: Kind) => ({
    items: parts.filter(({ subject }) => subject.kind === kind).flatMap(({ part }) => part.items),
    isWhole: false,
  });
  return {
    // Each list holds its kind's own shape, which `KINDS` names.
    read: Object.fromEntries(PRESENT.map((kind) => [kind, of(kind)])) as Read,
    gone: new Set(
      parts.filter(({ part }) => part.state === 'read' && part.items.length === 0).map(({ subject }) => keyOf(subject)),
    ),
    notes: parts.flatMap(({ part }) => (part.state === 'failed' ? part.notes : [])),
  };
}
