import { pino } from 'pino';
import { DEFAULT_POLICY } from '../../src/incidents/policy.ts';
import type { AlertGroupPorts } from '../../src/jobs/decideGroup.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import type { Store } from '../../src/store/store.ts';

/** What deciding about a delivery needs, on this store and otherwise by the default rules. */
export function decidingOn(
  store: Store,
  changes: Pick<AlertGroupPorts, 'clock'> & Partial<AlertGroupPorts>,
): AlertGroupPorts {
  return {
    deliveries: store.deliveries,
    store: store.incidents,
    policy: DEFAULT_POLICY,
    defaultCluster: 'default',
    turnMs: 40,
    matchPlaybook: () => null,
    routeChannel: () => null,
    decided: async () => {},
    redaction: createRedactor(),
    log: pino({ level: 'silent' }),
    ...changes,
  };
}
