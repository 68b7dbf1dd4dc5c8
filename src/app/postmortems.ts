import type { Postmortems } from '../commands/ports.ts';
import { ResponderError } from '../errors.ts';
import { postmortem } from '../incidents/postmortem/postmortem.ts';
import { postmortemJson } from '../incidents/postmortem/postmortemJson.ts';
import { postmortemMarkdown } from '../incidents/postmortem/postmortemMarkdown.ts';
import type { Runbooks } from '../playbooks/runbooks.ts';
import type { Redactor } from '../redaction/redactor.ts';
import type { Store } from '../store/store.ts';

/** Writes an incident's post-mortem from what the store remembers. */
export function createPostmortems(parts: {
  readonly store: Store;
  readonly runbooks: Runbooks;
  readonly redaction: Pick<Redactor, 'redactTree'>;
  readonly clock: () => number;
}): Postmortems {
  return {
    async of(number) {
      const known = await parts.store.incidents.find(number);
      if (!known) throw new ResponderError('not_found', `there is no incident #${number}`);
      const [timeline, kept] = await Promise.all([
        parts.store.incidents.timeline(number),
        parts.store.evidence.list(number),
      ]);
      // Entries that an older release wrote may still hold what somebody should not have said.
      const pm = parts.redaction.redactTree(
        postmortem({
          known,
          timeline,
          evidence: kept.map((one) => ({
            diagnostic: one.diagnostic,
            findings: [],
            evidence: [one],
            capturedAt: one.capturedAt,
          })),
          playbookTitle: parts.runbooks.forIncident(known)?.title ?? null,
          now: parts.clock(),
        }),
      );
      return { markdown: postmortemMarkdown(pm), json: JSON.stringify(postmortemJson(pm), null, 2) };
    },
  };
}
