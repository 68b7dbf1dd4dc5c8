import type { FindingLevel } from '../../incidents/evidence.ts';

/**
 * How near the root a cause lies. A deeper one explains what it reaches: `shared` what several workloads need (node, volume,
 * quota, control plane), `cause` what is wrong with one workload, `effect` what it meets in others, `failure` how its containers
 * end or wait, `symptom` what is seen of it.
 */
export const DEPTHS = { symptom: 1, failure: 2, effect: 3, cause: 4, shared: 5 } as const;
export type Depth = keyof typeof DEPTHS;

export type Parts<P extends string> = Readonly<Record<P, string>>;

/** A code of the diagnosis: how bad it is, how deep it lies, its words, and when it is concluded (docs/diagnosis). */
export interface CodeRow<P extends string> {
  readonly level: FindingLevel;
  readonly depth: Depth;
  /** A platform part that is down: its own pods' failures explain it, and it explains all others. */
  readonly isPart?: true;
  /** It prevents the creation of pods, so it explains no existing pod. */
  readonly keepsOut?: true;
  /** It is about the end of one container, which another container's failure does not explain. */
  readonly ends?: true;
  /** One sentence: what is the case, with object, number and version filled in. */
  says(parts: Parts<P>): string;
  /** A few words for the path from cause to symptom: `quota compute is full`. */
  brief(parts: Parts<P>): string;
  /** The one thing to do, in a few words: `Raise quota compute`; left out where only a look tells. */
  act?(parts: Parts<P>): string;
  /**
   * A release can cause this: one rolled out just before is named with the cause, and rolling back is suggested first.
   */
  readonly byRelease?: true;
  /** What to do next, one sentence with the command filled in. */
  next(parts: Parts<P>): string | null;
  /** The evidence in objects, events, logs or metrics that decides it, and the evidence that rules it out. */
  readonly confirms: string;
  readonly excludes: string;
}

/** Declares the parts that a code's words need, so that a rule cannot forget one. */
export function code<P extends string = never>(row: CodeRow<P>): CodeRow<P> {
  return row;
}
