import type { EscalationSettings } from '../../incidents/escalationSettings.ts';
import type { Policy } from '../../incidents/policy.ts';

export interface DeliverySettings {
  /** Default channel: an id, `#name` or `name`. */
  readonly channel: string;
  /** Id of the store, so that incident 1 of another store is not taken for ours. */
  readonly instance: string;
  /** Group mentioned for sev1 and sev2: its id (`S...`), `@handle` or `handle`; null mentions nobody. */
  readonly mentionGroup: string | null;
  readonly mentionLimits: Policy['mentions'];
  /** Whom an incident calls next, which its card says. */
  readonly escalation: EscalationSettings;
  /** Where our own pages are reachable. */
  readonly publicUrl: string | null;
  /** Where it is explained how to add a runbook. */
  readonly runbookHelpUrl: string | null;
  /** Cluster or metrics are our simulator. */
  readonly simulated: boolean;
}
