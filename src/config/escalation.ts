import type { EscalationSettings, HoldsFor } from '../incidents/escalation.ts';
import { DEFAULT_POLICY } from '../incidents/policy.ts';
import { policiesOf } from './escalationSchema.ts';
import type { FileSettings } from './fileSchema.ts';

/** How long the acknowledgement of each severity holds. */
export function holdsFor({ expiresAfter, sev1, sev2 }: FileSettings['acknowledgement']): HoldsFor {
  return { sev1: expiresAfter ?? sev1, sev2: expiresAfter ?? sev2, sev3: expiresAfter, sev4: expiresAfter };
}

/** Who is called for what. */
export function escalationOf({ escalation, routes, mentions }: FileSettings): EscalationSettings {
  return {
    policies: policiesOf(escalation),
    bySeverity: { sev1: escalation.sev1, sev2: escalation.sev2 },
    routes: routes.flatMap((route) =>
      route.escalation === null ? [] : [{ match: route.match, policy: route.escalation }],
    ),
    group: mentions.group,
    times: DEFAULT_POLICY.escalation.times,
  };
}
