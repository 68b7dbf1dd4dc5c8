import { type Gathered, type GatherOptions, gather } from '../facts/gather.ts';
import { type Judgement, judge } from '../judge/judge.ts';
import { type Diagnosis, tell } from '../judge/tell.ts';

/** What a look at a cluster brought: the facts, and what they come to. */
export interface Look extends Gathered {
  readonly judgement: Judgement;
  readonly diagnosis: Diagnosis;
  /** How long the judging took, milliseconds. */
  readonly judgedMs: number;
}

/** Reads what decides and judges it: the one way to a verdict, for the first look and for `diag all` alike. */
export async function lookAt(options: GatherOptions): Promise<Look> {
  const gathered = await gather(options);
  const begin = performance.now();
  const judgement = judge(gathered.facts);
  const diagnosis = tell(judgement, gathered.facts);
  return { ...gathered, judgement, diagnosis, judgedMs: performance.now() - begin };
}
