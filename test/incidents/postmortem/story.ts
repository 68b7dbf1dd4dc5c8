import { act } from '../../../src/incidents/life/transitions.ts';
import { DEFAULT_POLICY } from '../../../src/incidents/policy.ts';
import type { PostMortemInput } from '../../../src/incidents/postmortem/postmortem.ts';
import type { TimelineDraft } from '../../../src/incidents/timeline.ts';
import { firing, HOUR, MINUTE, resolved, T0 } from '../../builders/alerts.ts';
import { ANA, Ledger } from '../fixtures.ts';

/** One incident lived through: opened sev3, acknowledged, raised, quiet, resolved by a person; with its timeline. */
export function story(labels: Record<string, string> = {}, over: Partial<PostMortemInput> = {}): PostMortemInput {
  const ledger = new Ledger();
  const entries: TimelineDraft[] = [];
  const alert = firing({ pod: 'checkout-1', deployment: 'checkout', ...labels });
  const worse = firing({
    alertname: 'Outage',
    pod: 'checkout-2',
    deployment: 'checkout',
    severity: 'critical',
    ...labels,
  });
  const keep = (drafts: readonly { readonly entries: readonly TimelineDraft[] }[]) => {
    for (const draft of drafts) entries.push(...draft.entries);
  };
  const click = (change: Parameters<typeof act>[1], at: number) => {
    const { draft } = act(ledger.find(1), change, ANA, at, DEFAULT_POLICY);
    ledger.save(draft);
    keep([draft]);
  };
  keep(ledger.deliver([alert]).incidents);
  click({ kind: 'acknowledge' }, T0 + 2 * MINUTE);
  keep(ledger.deliver([{ ...worse, startsAt: T0 + 3 * MINUTE }], T0 + 3 * MINUTE).incidents);
  click({ kind: 'note', text: 'rolled back\nto 00006 | `ok`' }, T0 + 5 * MINUTE);
  keep(ledger.deliver([resolved(alert, T0 + 9 * MINUTE), resolved(worse, T0 + 9 * MINUTE)], T0 + 9 * MINUTE).incidents);
  click({ kind: 'resolve', note: null, dismissed: false }, T0 + 13 * MINUTE);
  const timeline = entries.map((entry, index) => ({
    ...entry,
    id: index + 1,
    incidentNumber: 1,
    recordedAt: entry.at,
    permalink: entry.kind === 'note' ? 'https://example.slack.com/archives/C1/p1' : null,
  }));
  return { known: ledger.find(1), timeline, evidence: [], playbookTitle: null, now: T0 + HOUR, ...over };
}
