import type { Kind } from '../subjects/kinds.ts';
import { type KnativeObject, trafficOf } from '../subjects/knative.ts';
import type { Pod } from '../subjects/pod.ts';

/** The objects of one function; null and [] for those that do not exist or could not be read. */
export interface FunctionChain {
  readonly name: string;
  readonly namespace: string;
  readonly lambda: KnativeObject | null;
  readonly service: KnativeObject | null;
  readonly configuration: KnativeObject | null;
  readonly route: KnativeObject | null;
  readonly ingress: KnativeObject | null;
  /** The newest first. */
  readonly revisions: readonly KnativeObject[];
  readonly autoscalers: readonly KnativeObject[];
  readonly pods: readonly Pod[];
  /** False: an empty list of pods means nothing. */
  readonly podsRead: boolean;
  /** Kinds that could not be read: that there is none of them is not known. */
  readonly unread: ReadonlySet<Kind>;
  /** Every revision and pod was read. */
  readonly isWhole: boolean;
}

/** The revisions of the chain that get traffic. */
export function serving(chain: Pick<FunctionChain, 'service' | 'route'>): readonly string[] {
  return [...trafficOf(chain.service ?? chain.route)].filter(([, percent]) => percent > 0).map(([name]) => name);
}
