import type { Case } from './case.ts';
import { affinity, antiAffinity, podAffinity, someNodeFits, spread } from './placement/affinities.ts';
import { cordons, taints } from './placement/closed.ts';
import type { Placing } from './placement/placing.ts';
import { devices, resources, volumes } from './placement/room.ts';

/** The conclusion of each kind of reason, ordered by what excludes all candidate nodes first. */
const KINDS_OF_REASON: readonly { readonly pattern: RegExp; readonly conclude: (placing: Placing) => Case }[] = [
  {
    pattern:
      /persistentvolumeclaim|unbound immediate|volume node affinity|didn't find available persistent volumes|max volume count|persistent volume/i,
    conclude: volumes,
  },
  {
    pattern:
      /didn't match Pod's node affinity|node affinity\/selector|didn't match node selector|didn't satisfy plugin NodeAffinity/i,
    conclude: affinity,
  },
  // A class or a claim that does not exist is no lack of devices: of those the scheduler's own words are told.
  { pattern: /cannot allocate all claims/i, conclude: devices },
  { pattern: /Insufficient |Too many pods|free ports for the requested pod ports/i, conclude: resources },
  { pattern: /anti-affinity/i, conclude: antiAffinity },
  { pattern: /pod affinity rules/i, conclude: podAffinity },
  { pattern: /topology spread/i, conclude: spread },
  { pattern: /unschedulable/i, conclude: cordons },
  { pattern: /taint/i, conclude: taints },
];

/** The conclusion of the scheduler's reasons; null for unknown reasons. */
export function placementCase(placing: Placing): Case | null {
  const { pod, facts, reasons } = placing;
  // Where some node has the labels that are asked for, what keeps the pod off that node is the cause.
  const elsewhere = KINDS_OF_REASON.filter((one) => one.conclude !== affinity || !someNodeFits(pod, facts));
  const told =
    elsewhere.find(({ pattern }) => reasons.some(({ text }) => pattern.test(text))) ??
    KINDS_OF_REASON.find(({ pattern }) => reasons.some(({ text }) => pattern.test(text)));
  return told?.conclude(placing) ?? null;
}
