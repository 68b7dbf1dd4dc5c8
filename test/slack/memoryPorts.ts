import type { Invocation } from '../../src/commands/invocation.ts';
import type { PlaybookView } from '../../src/commands/ports.ts';
import { progressOf } from '../../src/commands/runbookProgress.ts';
import type { CardGroup } from '../../src/incidents/decide/storm.ts';
import type { IncidentWithAlerts } from '../../src/incidents/incident.ts';
import type { Post, PostBody, SlackMessage } from '../../src/incidents/post.ts';
import type { TimelineDraft } from '../../src/incidents/timeline.ts';
import type { AnswerTarget, MentionRequest, SlackPorts } from '../../src/slack/ports.ts';
import { playbook } from './samples.ts';

/** A store in memory that can be made to fail where a real one would: a process killed between Slack's answer and the commit. */
export interface MemoryPorts extends SlackPorts {
  /** Who and what was seen in good standing, and when. */
  readonly members: Map<string, { readonly at: number; readonly name: string | null }>;
  readonly known: Map<number, IncidentWithAlerts>;
  readonly cardGroups: Map<number, CardGroup>;
  readonly rows: Map<string, SlackMessage>;
  readonly outbox: Map<number, Post>;
  readonly submitted: { invocation: Invocation; target: AnswerTarget }[];
  readonly entries: { incident: number; entry: TimelineDraft }[];
  readonly served: { view: PlaybookView | null };
  readonly shows: { incidentNumber: number; page: number | null; target: AnswerTarget }[];
  /** The next commits of `sent`/`markSent` that are lost, as by a crash. */
  crash: { commits: number };
  /** Set: submissions are refused (`failed`) or hang (`stuck`). */
  trouble: { submissions: 'none' | 'failed' | 'stuck' };
  post(incidentNumber: number | null, body: PostBody, createdAt?: number): number;
}

export function memoryPorts(): MemoryPorts {
  const known = new Map<number, IncidentWithAlerts>();
  const members: MemoryPorts['members'] = new Map();
  const groups = new Map<number, CardGroup>();
  const rows = new Map<string, SlackMessage>();
  const outbox = new Map<number, Post>();
  const submitted: MemoryPorts['submitted'] = [];
  const entries: MemoryPorts['entries'] = [];
  const once = new Set<string>();
  const crash = { commits: 0 };
  const trouble: MemoryPorts['trouble'] = { submissions: 'none' };
  const served: MemoryPorts['served'] = { view: playbook() };
  const shows: MemoryPorts['shows'] = [];
  const claims: MentionRequest[] = [];
  const commit = (): void => {
    if (crash.commits === 0) return;
    crash.commits -= 1;
    throw new Error('killed before the commit');
  };
  const change = (id: number, parts: Partial<Post>): void => {
    const row = outbox.get(id);
    if (row) outbox.set(id, { ...row, ...parts });
  };
  return {
    seen: {
      find: async (id) => members.get(id) ?? null,
      note: async (id, at, name) => void members.set(id, { at, name }),
      forget: async (id) => void members.delete(id),
    },
    members,
    groups: { find: async (id) => groups.get(id) ?? null, of: async () => null },
    cardGroups: groups,
    meters: null,
    known,
    rows,
    outbox,
    submitted,
    entries,
    served,
    shows,
    crash,
    trouble,
    post(incidentNumber, body, createdAt = Date.now()) {
      const id = outbox.size + 1;
      const nowhere = { channel: null, threadTs: null, sentChannel: null, sentTs: null } as const;
      const empty = { sendingSince: null, handedOverAt: null, ...nowhere } as const;
      outbox.set(id, { id, incidentNumber, body, createdAt, state: 'pending', ...empty });
      return id;
    },
    incidents: {
      find: async (number) => known.get(number) ?? null,
      at: async (channel, threadTs) => {
        for (const row of rows.values())
          if (row.channel === channel && row.ts === threadTs && row.view.startsWith('card:'))
            return known.get(Number(row.view.slice(5)))?.incident ?? null;
        return null;
      },
      open: async (limit) => [...known.values()].map(({ incident }) => incident).slice(0, limit),
    },
    messages: {
      get: async (view) => rows.get(view) ?? null,
      begin: async (view, channel, now) => {
        const since = rows.get(view)?.state === 'sending' ? (rows.get(view)?.sendingSince ?? now) : now;
        const fresh = { ts: null, sendingSince: since, handedOverAt: now, renderedHash: null };
        rows.set(view, { view, channel, state: 'sending', ...fresh });
      },
      unsent: async (view) => {
        const row = rows.get(view);
        if (row?.state === 'sending') rows.set(view, { ...row, state: 'unsent' });
      },
      sent: async (view, channel, ts, hash) => {
        commit();
        const since = rows.get(view)?.sendingSince ?? 0;
        const handedOverAt = rows.get(view)?.handedOverAt ?? 0;
        rows.set(view, { view, channel, ts, state: 'sent', sendingSince: since, handedOverAt, renderedHash: hash });
      },
      dead: async (view) => {
        const row = rows.get(view);
        if (row) rows.set(view, { ...row, state: 'dead' });
      },
    },
    posts: {
      find: async (id) => outbox.get(id) ?? null,
      callsAfter: async (number, after) =>
        [...outbox.values()].filter(
          ({ id, incidentNumber, state, body }) =>
            incidentNumber === number && id > after && state !== 'dead' && body.kind === 'call',
        ),
      markSending: async (id, now) => {
        const row = outbox.get(id);
        const sendingSince = row?.state === 'sending' ? row.sendingSince : now;
        change(id, { state: 'sending', sendingSince, handedOverAt: now });
      },
      markUnsent: async (id) => change(id, { state: 'pending' }),
      markSent: async (id, channel, ts) => {
        commit();
        change(id, { state: 'sent', sentChannel: channel, sentTs: ts });
      },
      markDead: async (id) => change(id, { state: 'dead' }),
    },
    playbooks: { forIncident: () => served.view },
    runbook: {
      progress: async (view, incident) =>
        progressOf(
          view,
          incident,
          entries
            .filter((one) => one.incident === incident.number)
            .map(({ entry }, id) => ({
              ...entry,
              id,
              incidentNumber: incident.number,
              recordedAt: entry.at,
              permalink: null,
            })),
        ),
      show: async (incidentNumber, page, target) => {
        if (!shows.some((one) => one.target.invocationId === target.invocationId))
          shows.push({ incidentNumber, page, target });
      },
    },
    findings: { top: async () => null },
    mentions: {
      has: async (view, since) => claims.some((claim) => claim.view === view && claim.at >= since),
      claim: async (request) => {
        if (claims.some((claim) => claim.view === request.view)) return true;
        const tooSoon = claims.some(
          (claim) =>
            (claim.incidentNumber === request.incidentNumber && request.at - claim.at < request.perIncidentMs) ||
            (claim.channel === request.channel && request.at - claim.at < request.perChannelMs),
        );
        if (!tooSoon) claims.push(request);
        return !tooSoon;
      },
    },
    submissions: {
      submit: async (invocation, target) => {
        if (trouble.submissions === 'failed') throw new Error('the disk is full');
        if (trouble.submissions === 'stuck') await new Promise(() => {});
        if (!submitted.some((one) => one.invocation.id === invocation.id)) submitted.push({ invocation, target });
      },
    },
    redaction: { redact: (text) => text, redactTree: (value) => value },
    timeline: {
      append: async (incident, entry, key) => {
        if (key !== null && once.has(key)) return;
        if (key !== null) once.add(key);
        entries.push({ incident, entry });
      },
    },
  };
}
