import { type Reply, type ReplyFile, reply, withStoredFile } from '../../commands/reply.ts';
import { coerceError, ResponderError } from '../../errors.ts';
import { isStillWanted } from '../../incidents/escalation.ts';
import type { Evidence } from '../../incidents/evidence.ts';
import type { Incident, IncidentWithAlerts } from '../../incidents/incident.ts';
import { FIXED_RULES } from '../../incidents/policy.ts';
import type { Post, PostBody } from '../../incidents/post.ts';
import { type Rendered, section } from '../render/blocks.ts';
import { prose } from '../render/mrkdwn.ts';
import { renderNews } from '../render/news.ts';
import { type RenderedReply, renderReply } from '../render/reply.ts';
import { isSuperseded, renderCallPost } from './call.ts';
import { cardView, type Deliverer, recordFailure } from './card.ts';
import { shareWithFiles, uploadOnce } from './files.ts';
import { postLedger } from './ledger.ts';
import type { Slot } from './pacing.ts';
import { postOnce } from './post.ts';

/** The first look's message (docs/rules.md#first-look-message); answers of commands may be longer. */
const FIRST_LOOK_BUDGET = FIXED_RULES.messages.firstLookCharacters;
const ANSWER_BUDGET = 9_000;

interface Where {
  readonly channel: string;
  readonly threadTs: string | null;
}

/**
 * Posts one row of the outbox, once. News that waited longer than the backlog limit is not replayed: the card shows
 * the present state.
 */
export async function deliverPost(deliverer: Deliverer, postId: number, signal: AbortSignal): Promise<void> {
  const post = await deliverer.ports.posts.find(postId);
  if (!post || post.state === 'dead') return;
  if (post.state === 'sent') {
    await followWithFile(deliverer, post, signal);
    return;
  }
  const known = post.incidentNumber === null ? null : await deliverer.ports.incidents.find(post.incidentNumber);
  const incident = known?.incident ?? null;
  if (isStaleNews(deliverer, post)) {
    await dropStale(deliverer, post, incident, signal);
    return;
  }
  try {
    const where = await whereTo(deliverer, post, incident, signal);
    if (where === null) {
      await deliverer.ports.posts.markDead(
        post.id,
        'no_card: the incident has no message whose thread this could go to',
      );
      return;
    }
    await send(deliverer, post, known, where, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    if (post.incidentNumber !== null)
      await recordFailure(deliverer, post.incidentNumber, `post:${post.id}`, coerceError(thrown));
    throw thrown;
  }
}

function isStaleNews(deliverer: Deliverer, post: Post): boolean {
  return (
    post.body.kind === 'news' && deliverer.clock.now() - post.createdAt > deliverer.settings.mentionLimits.backlogMs
  );
}

/** Old news is dropped, unless it had reached Slack and only our note of it was lost. */
async function dropStale(
  deliverer: Deliverer,
  post: Post,
  incident: Incident | null,
  signal: AbortSignal,
): Promise<void> {
  const where = post.state === 'sending' ? await whereTo(deliverer, post, incident, signal) : null;
  const mark = { view: `post:${post.id}`, instance: deliverer.settings.instance };
  const since = post.sendingSince ?? post.createdAt;
  const seen = where && (await deliverer.lookup.marked({ ...where, since }, mark, signal));
  if (where && typeof seen === 'object' && seen) await deliverer.ports.posts.markSent(post.id, where.channel, seen.ts);
  else
    await deliverer.ports.posts.markDead(post.id, 'superseded: too old to be news, the card shows the present state');
}

/** The thread of the incident's card, unless the post names a place; null when there never will be a card. */
async function whereTo(
  deliverer: Deliverer,
  post: Post,
  incident: Incident | null,
  signal: AbortSignal,
): Promise<Where | null> {
  if (post.channel !== null)
    return { channel: await deliverer.channels.resolve(post.channel, signal), threadTs: post.threadTs };
  if (post.incidentNumber === null)
    return { channel: await deliverer.channels.resolve(deliverer.settings.channel, signal), threadTs: null };
  const card = await deliverer.ports.messages.get(cardView(post.incidentNumber));
  if (card?.state === 'sent' && card.ts !== null) return { channel: card.channel, threadTs: card.ts };
  // Recorded and listed, no card (docs/rules.md#severity).
  if (card === null && (incident === null || incident.severity === 'sev4')) return null;
  // At once while the card is on its way; ever more slowly when Slack has been down for long, so that a day's attempts last a day.
  const waited = Math.max(0, deliverer.clock.now() - post.createdAt);
  // Shown on a storm's card, whose thread is nobody's: what is new of it is counted there.
  if (card === null && (await deliverer.ports.groups.of(post.incidentNumber)) !== null) return null;
  throw new ResponderError('unavailable', `The card of incident ${post.incidentNumber} is not posted yet`, {
    retryAfterMs: Math.min(90_000, Math.max(500, waited / 2)),
  });
}

async function send(
  deliverer: Deliverer,
  post: Post,
  known: IncidentWithAlerts | null,
  where: Where,
  signal: AbortSignal,
): Promise<void> {
  const view = `post:${post.id}`;
  if (post.body.kind === 'file') {
    await uploadOnce(deliverer, { ...fileOf(post.body), view: `file:${view}`, priority: 'normal', ...where }, signal);
    await deliverer.ports.posts.markSent(post.id, where.channel, where.threadTs ?? '0');
    return;
  }
  const rendered = await render(deliverer, post, post.body, known, where.channel, signal);
  if (rendered === null) {
    await deliverer.ports.posts.markDead(post.id, 'superseded: those it calls know, or nobody is waited for any more');
    return;
  }
  const priority = priorityOf(post.body, known?.incident ?? null);
  if (
    post.state === 'pending' &&
    (await shareWithFiles(deliverer, { ...rendered, view: `file:${view}`, priority, ...where }, signal))
  ) {
    await deliverer.ports.posts.markSent(post.id, where.channel, where.threadTs ?? '0');
    return;
  }
  const message = {
    ...where,
    rendered,
    broadcast: isBroadcast(post.body) && where.threadTs !== null,
    mark: { view, instance: deliverer.settings.instance },
    priority,
  } as const;
  const posted = await postOnce(
    deliverer,
    message,
    postLedger(deliverer.ports.posts, post, where.channel, deliverer.clock),
    signal,
  );
  await followWithFile(deliverer, { ...post, sentChannel: posted.channel }, signal, where.threadTs);
}

/** A call beside a card that has just been posted is seen with it; one to who is at it already concerns nobody else. */
function isBroadcast(body: PostBody): boolean {
  if (body.kind === 'call') return body.call.ask === 'acknowledge' && !body.call.withCard;
  return body.kind === 'news' && body.broadcast;
}

/** An answer is what somebody waits for; a sev1 or sev2 that is raised or fires again is told like one that opens. */
function priorityOf(body: PostBody, incident: Incident | null): Slot['priority'] {
  if (body.kind === 'reply' && body.command !== null) return 'person';
  if (isBroadcast(body) || body.kind === 'call') return 'urgent';
  // Its first look is promised within ten seconds, also beside the cards of smaller ones.
  return incident?.severity === 'sev1' || incident?.severity === 'sev2' ? 'incident' : 'normal';
}

async function render(
  deliverer: Deliverer,
  post: Post,
  body: Exclude<PostBody, { kind: 'file' }>,
  known: IncidentWithAlerts | null,
  channel: string,
  signal: AbortSignal,
): Promise<RenderedReply | null> {
  if (body.kind === 'call') {
    const { call } = body;
    if (known === null || !isStillWanted(call, known.incident)) return null;
    if (await isSuperseded(deliverer, post, call)) return null;
    const about = { call, known, isElsewhere: post.channel !== null };
    const rendered = await renderCallPost(deliverer, about, signal);
    return rendered && { ...rendered, files: [] };
  }
  if (body.kind === 'reply') return renderPostedReply(body);
  const incident = known?.incident ?? null;
  const about = incident && body.mention ? { view: `post:${post.id}`, incident, channel, since: post.createdAt } : null;
  const mention = about ? await deliverer.mentions.forView(about, signal) : null;
  return { ...renderNews({ text: body.text, mention }), files: [] };
}

function renderPostedReply(body: Extract<PostBody, { kind: 'reply' }>): ReturnType<typeof renderReply> {
  const budget = body.command === null ? FIRST_LOOK_BUDGET : ANSWER_BUDGET;
  return renderReply(storedReply(body.reply), { asker: body.actorId, command: body.command, files: true, budget });
}

/** The full text behind a posted answer, in the same thread. A row that is `sent` may still lack it after a crash. */
async function followWithFile(
  deliverer: Deliverer,
  post: Post,
  signal: AbortSignal,
  threadTs?: string | null,
): Promise<void> {
  if (post.body.kind !== 'reply' || post.sentChannel === null) return;
  const [first, ...others] = renderPostedReply(post.body).files;
  const view = `file:post:${post.id}`;
  if (!first || (await deliverer.ports.messages.get(view))?.state === 'dead') return;
  const card = post.incidentNumber === null ? null : await deliverer.ports.messages.get(cardView(post.incidentNumber));
  const thread = threadTs ?? post.threadTs ?? card?.ts ?? post.sentTs;
  const upload = {
    view,
    channel: post.sentChannel,
    threadTs: thread,
    priority: 'normal',
    files: [first, ...others],
    blocks: null,
  } as const;
  await uploadOnce(deliverer, upload, signal);
}

function fileOf(body: Extract<PostBody, { kind: 'file' }>): {
  readonly files: readonly [ReplyFile];
  readonly blocks: Rendered['blocks'];
} {
  return {
    files: [{ name: body.name, title: body.title, mime: body.evidence.mime, content: contentOf(body.evidence) }],
    blocks: [section([prose(body.text, 1_000)])],
  };
}

export function contentOf(evidence: Evidence): string | Uint8Array {
  return evidence.mime === 'image/png' ? Buffer.from(evidence.content, 'base64') : evidence.content;
}

/** An answer as it was stored; what an older version did not write gets its default. */
export function storedReply(stored: unknown): Reply {
  if (typeof stored === 'object' && stored !== null && 'title' in stored && typeof stored.title === 'string')
    // The store validated the JSON when it was written; missing fields are filled with the defaults of `reply`.
    return withStoredFile(reply({ ...(stored as Partial<Reply>), title: stored.title }));
  return reply({ title: 'This answer cannot be shown', tone: 'error', summary: 'It was stored by another version.' });
}
