import { type Gathered, type GatherOptions, gather } from '../facts/gather.ts';
import { type Judgement, judge } from '../judge/judge.ts';
import { type Diagnosis, tell } from '../judge/tell.ts';

/** The result of a look at a cluster: the facts and the diagnosis. */
export interface Look extends Gathered {
  readonly judgement: Judgement;
  readonly diagnosis: Diagnosis;
  /** Duration of the judgement, milliseconds. */
  readonly judgedMs: number;
}

/** Gathers the facts and judges them: the one way to a diagnosis, for the first look and for `diag all` alike. */
export async function lookAt(options: GatherOptions): Promise<Look> {
  const gathered = await gather(options);
  const begin = performance.now();
  const judgement = judge(gathered.facts);
  const diagnosis = tell(judgement, gathered.facts);
  return { ...gathered, judgement, diagnosis, judgedMs: performance.now() - begin };
}
