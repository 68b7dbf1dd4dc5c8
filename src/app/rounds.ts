import type { Config } from '../config.ts';
import { coerceError } from '../errors.ts';
import { FOR_SLACK, jobOf } from '../jobs/jobKinds.ts';
import { pollAlertmanager } from '../jobs/pollAlertmanager.ts';
import { noteSlack, watchHeartbeats, watchSlack } from '../jobs/watches.ts';
import { watchStorms } from '../jobs/watchStorms.ts';
import type { Logger } from '../logger.ts';
import { type AlertmanagerWatch, openAlertmanager } from '../prometheus/alertmanager.ts';
import type { SlackDoor } from '../slack/startSlack.ts';
import type { Store } from '../store/store.ts';

const WATCH_MS = 15_000;
/** Jobs that wait for Slack, brought forward when it is back. */
const BACK_MS = 1_000;
const PROBE_MS = 5_000;
/** When Slack is back, waiting jobs are brought forward at once and so long after: each time behind the breakers of slackApi.ts, which let a call through again. */
const FORWARD_AFTER_MS = [0, 6_000, 15_000] as const;
const FALLBACK_MS = 5_000;
const STORM_MS = 5_000;
const TRIM_MS = 60 * 60_000;
/** Pause between two trims, milliseconds: a group of 10,000 alerts that changes every minute is 11 MiB each time. */
const TRIM_DELIVERIES_MS = 60_000;
/** How often a replica asks whether it is its turn. */
const LOOK_MS = 5_000;

export interface RoundParts {
  readonly config: Config;
  readonly store: Store;
  readonly slack: Pick<SlackDoor, 'status' | 'probe'>;
  readonly log: Logger;
  readonly clock: () => number;
  readonly watchAlertmanager: AlertmanagerWatch;
}

/** What is looked after again and again. Of several replicas one does each round: whoever takes the turn. */
export function startRounds(parts: RoundParts): { close(): Promise<void> } {
  const { config, store, log, clock } = parts;
  const startedAt = clock();
  const stop = new AbortController();
  const watched = { store, clock, startedAt };
  const shared = (name: string, ms: number, work: () => Promise<void>) =>
    every(Math.min(ms, LOOK_MS), log, name, async () => {
      if (await store.turns.take(name, ms, clock())) await work();
    });
  const rounds = [
    every(WATCH_MS, log, 'Slack', () => noteSlack(watched, parts.slack)),
    every(BACK_MS, log, 'backlog of Slack', bringingForward(parts, stop.signal)),
    shared('watch', WATCH_MS, async () => {
      await watchHeartbeats({ ...watched, fireAfterMs: config.watchdogFireAfterMs });
      await watchSlack(watched);
    }),
    shared('storms', STORM_MS, () =>
      watchStorms({ store: store.incidents, groups: store.groups, policy: config.storm, clock, log }),
    ),
    shared('fallback', FALLBACK_MS, () => askFallback(parts)),
    shared('poll', config.polling.everyMs, polling(parts, startedAt, stop.signal)),
    shared('retention', TRIM_MS, async () => {
      const { evidenceMs, evidenceBytes } = config.retention;
      const now = clock();
      const kept = { evidenceOlderThanMs: evidenceMs, maxEvidenceBytes: evidenceBytes };
      const trimmed = await store.trim({ ...kept, now, stop: stop.signal });
      if (Object.values(trimmed).some((count) => count > 0)) log.info(trimmed, 'trimmed the store');
    }),
    shared('deliveries', TRIM_DELIVERIES_MS, async () => {
      const { deliveriesMs: olderThanMs, deliveriesBytes: maxBytes } = config.retention;
      const trimmed = await store.trimDeliveries({ olderThanMs, maxBytes, now: clock(), stop: stop.signal });
      if (trimmed.deliveries > 0) log.info(trimmed, 'removed deliveries that were processed');
    }),
  ];
  return {
    async close() {
      stop.abort();
      await Promise.all(rounds.map((round) => round.close()));
    },
  };
}

/**
 * What backed off while Slack was away does not wait out its pause once Slack is back: brought forward at once, and twice more,
 * for what met a breaker that was still open or a Slack that was back only in part.
 */
function bringingForward({ store, slack, clock, log }: RoundParts, stop: AbortSignal): () => Promise<void> {
  const isThere = () => slack.status().connected && slack.status().reachable;
  let was = isThere();
  let probedAt = 0;
  let due: readonly number[] = [];
  return async () => {
    // Its socket may be open while its Web API is away; nothing else would ask before the longest pause is over.
    if (!slack.status().reachable && clock() - probedAt >= PROBE_MS) {
      probedAt = clock();
      await slack.probe(AbortSignal.any([stop, AbortSignal.timeout(PROBE_MS)])).catch(() => {}); // Told by status().
    }
    const is = isThere();
    const now = clock();
    if (is && !was) due = FORWARD_AFTER_MS.map((ms) => now + ms);
    was = is;
    if (!is || (due[0] ?? Number.POSITIVE_INFINITY) > now) return;
    const jobs = await store.jobs.bringForward(FOR_SLACK, now);
    due = due.filter((at) => at > now);
    if (jobs > 0) log.info({ jobs }, 'Slack is reachable again: delivering the backlog');
  };
}

/** One job for each, whichever replica asks for it. */
async function askFallback({ config, store, clock }: RoundParts): Promise<void> {
  if (config.fallback === null) return;
  for (const { key, undelivered } of await store.undelivered.before(clock() - config.fallback.afterMs)) {
    await store.jobs.enqueueOnce(key, [jobOf('tellFallback', undelivered, { orderingKey: key })], clock());
  }
}

function polling(parts: RoundParts, startedAt: number, signal: AbortSignal): () => Promise<void> {
  const { config, store, clock } = parts;
  const alertmanager =
    config.alertmanagerUrl === null ? null : openAlertmanager(config.alertmanagerUrl, parts.watchAlertmanager);
  const ports = {
    alertmanager,
    store: store.incidents,
    unresolved: store.unresolved,
    alertsOf: store.incidents.alertsOf,
    memory: store.settings,
    policy: config.policy,
    times: config.polling,
    // Every sender with a token of its own is an Alertmanager of its own.
    shared: config.webhookTokens.length > 1,
    startedAt,
    clock,
    log: parts.log.child({ part: 'poll' }),
  };
  return () => pollAlertmanager(ports, signal);
}

/** Runs `work` every `ms`, never twice at once; a failure is logged and tried again in the next round. */
function every(ms: number, log: Logger, name: string, work: () => Promise<void>): { close(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = work()
      .catch((thrown: unknown) => {
        const error = coerceError(thrown);
        if (error.code !== 'cancelled') log.warn({ err: error }, `${name}: this round failed`);
      })
      .finally(() => {
        busy = false;
      });
  }, ms);
  return {
    close() {
      clearInterval(timer);
      return running;
    },
  };
}
