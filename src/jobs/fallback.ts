import { isStillWanted, targetsInWords } from '../incidents/escalation.ts';
import type { Target } from '../incidents/escalationSettings.ts';
import { type Incident, type IncidentWithAlerts, RESPONDER } from '../incidents/incident.ts';
import type { Post } from '../incidents/post.ts';
import { headline } from '../incidents/sentence.ts';
import type { TimelineEntry } from '../incidents/timeline.ts';
import type { Logger } from '../logger.ts';
import { listed } from '../wording/counts.ts';
import type { FallbackMessage, IncidentStore, SendFallback, Undelivered } from './ports.ts';

export interface FallbackPorts {
  readonly store: IncidentStore;
  readonly timeline: { timeline(number: number): Promise<readonly Pick<TimelineEntry, 'at' | 'detail'>[]> };
  readonly posts: { find(id: number): Promise<Pick<Post, 'body' | 'channel' | 'createdAt'> | null> };
  readonly undelivered: {
    /** Whether Slack shows it by now. */
    isShown(undelivered: Undelivered): Promise<boolean>;
    /** Unresolved sev1 incidents on a shared card, the oldest first. */
    graveOf(group: number): Promise<readonly number[]>;
  };
  readonly send: SendFallback;
  readonly publicUrl: string | null;
  /** Marks this store. */
  readonly instance: string;
  readonly clock: () => number;
  readonly log: Logger;
}

/** Incidents named in the text of a message about many. */
const NAMED = 10;

/** What happened to a sev1 that has its card, and was not told in the channel. */
interface Told {
  readonly text: string;
  readonly at: number;
}

/**
 * Tells of sev1 incidents another way, once for each event, because Slack has not taken what it should show of them. One
 * job for each does this, so two replicas do not both tell; a process killed between sending and noting it sends again
 * under the same id.
 */
export async function tellFallback(undelivered: Undelivered, ports: FallbackPorts, signal: AbortSignal): Promise<void> {
  if (await ports.undelivered.isShown(undelivered)) return;
  const [number, ...others] =
    'group' in undelivered ? await ports.undelivered.graveOf(undelivered.group) : [undelivered.incident];
  const known = number === undefined ? null : await ports.store.find(number);
  if (!known || known.incident.status === 'resolved' || known.incident.drill) return;
  if (known.incident.severity !== 'sev1') return;
  const news = 'post' in undelivered ? await newsOf(undelivered.post, known.incident, ports) : null;
  if ('post' in undelivered && news === null) return;
  const entries = await ports.timeline.timeline(known.incident.number);
  // What was told after it happened told of it too: it said how things are.
  if (entries.some(({ at, detail }) => detail.fallback !== undefined && at >= (news?.at ?? 0))) return;
  const where = await ports.send(messageOf(known, others, news, idOf(undelivered, ports.instance), ports), signal);
  await note(
    [known.incident.number, ...others],
    where,
    'post' in undelivered ? `fallback:${undelivered.post}` : 'fallback',
    ports,
  );
  ports.log.warn({ incident: known.incident.number, others: others.length, where }, 'sent a sev1 by the fallback');
}

/** What a post would have told; null when nobody waits for it any more. */
async function newsOf(id: number, incident: Incident, ports: FallbackPorts): Promise<Told | null> {
  const post = await ports.posts.find(id);
  if (!post) return null;
  const { body, channel, createdAt } = post;
  if (body.kind === 'news') return { text: body.text, at: createdAt };
  if (body.kind !== 'call' || !isStillWanted(body.call, incident)) return null;
  const { by, groups, users } = body.call;
  const whom: readonly Target[] = [
    ...groups.map((name) => ({ kind: 'group', name }) as const),
    ...users.map((name) => ({ kind: 'user', name }) as const),
    ...(channel === null ? [] : [{ kind: 'channel', name: channel } as const]),
  ];
  const who = targetsInWords(whom);
  return { text: by === null ? `Nobody has acknowledged it: ${who} is called` : `${by} calls ${who}`, at: createdAt };
}

function idOf(undelivered: Undelivered, instance: string): string {
  if ('group' in undelivered) return `${instance}-group-${undelivered.group}`;
  return 'post' in undelivered
    ? `${instance}-${undelivered.incident}-${undelivered.post}`
    : `${instance}-${undelivered.incident}`;
}

function messageOf(
  known: IncidentWithAlerts,
  others: readonly number[],
  news: Told | null,
  id: string,
  ports: FallbackPorts,
): FallbackMessage {
  const { incident } = known;
  const line = headline(incident);
  const subject = others.length === 0 ? line : `${line} and ${others.length} more`;
  const url = ports.publicUrl === null ? null : `${ports.publicUrl.replace(/\/+$/, '')}/incidents/${incident.number}`;
  const opened = new Date(incident.openedAt).toISOString();
  const text = [
    line,
    ...(others.length === 0
      ? []
      : [
          `With ${others.length} more like it: ${listed(
            others.map((number) => `#${number}`),
            NAMED,
          )}.`,
        ]),
    ...(news === null ? [] : [`${news.text} (${new Date(news.at).toISOString()})`]),
    `Open since ${opened}. Slack could not be reached, so this is sent by another way, once.`,
    url === null ? `GET /api/incidents/${incident.number} of the responder has the rest.` : url,
  ].join('\n');
  return { id, subject, text, incident: { ...summaryOf(incident), openedAt: opened, url }, others };
}

function summaryOf({ number, severity, title, namespace, cluster }: Incident) {
  return { number, severity, title, namespace, cluster };
}

/** On the timeline of every incident it stood for, once. */
async function note(numbers: readonly number[], where: string, once: string, ports: FallbackPorts): Promise<void> {
  const now = ports.clock();
  const text = `Slack could not be reached: sent by ${where}`;
  const entry = { kind: 'delivery', at: now, actor: RESPONDER, text, detail: { fallback: where } } as const;
  await ports.store.transact(async (tx) => {
    for (const number of numbers) await tx.appendFirst(number, entry, once, now);
  });
}
