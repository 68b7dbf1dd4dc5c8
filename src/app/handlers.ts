import { z } from 'zod';
import type { Alert, AlertGroup } from '../alerts/alert.ts';
import type { Invocation } from '../commands/invocation.ts';
import type { Reply } from '../commands/reply.ts';
import type { Config, FallbackSettings } from '../config.ts';
import type { Decision } from '../incidents/decision.ts';
import { matches } from '../incidents/matchers.ts';
import { labelsToMatch } from '../incidents/severity.ts';
import type { Changes } from '../jobs/changes.ts';
import { type FallbackPorts, tellFallback } from '../jobs/fallback.ts';
import { runFirstLook } from '../jobs/firstLook.ts';
import { handleAlertGroup } from '../jobs/handleAlertGroup.ts';
import type { LiveBook } from '../jobs/liveBook.ts';
import { runLiveRound } from '../jobs/liveLook.ts';
import { createLookRoom } from '../jobs/lookRoom.ts';
import type { Measure } from '../jobs/measure.ts';
import { mayOpenChannel } from '../jobs/ownChannel.ts';
import { runCommand } from '../jobs/runCommand.ts';
import { runTimer } from '../jobs/timers.ts';
import type { Logger } from '../logger.ts';
import type { Runbooks } from '../playbooks/runbooks.ts';
import { stillHeld } from '../queue/held.ts';
import type { JobHandler } from '../queue/job.ts';
import type { Redactor } from '../redaction/redactor.ts';
import type { SlackDoor } from '../slack/app.ts';
import type { AnswerTarget } from '../slack/ports.ts';
import type { Store } from '../store/store.ts';
import { countCalls, type Metrics } from '../telemetry/metrics.ts';
import { inSpan } from '../telemetry/tracing.ts';
import type { Outside } from './clusters.ts';
import { createFallbackSender } from './fallbackSender.ts';
import { stormOn } from './storms.ts';

export interface HandlerParts {
  readonly config: Config;
  readonly store: Store;
  readonly changes: Changes;
  readonly live: LiveBook;
  readonly runbooks: Runbooks;
  readonly run: (invocation: Invocation, signal: AbortSignal) => Promise<Reply>;
  readonly outside: Outside;
  readonly measure: Measure;
  readonly slack: SlackDoor;
  readonly redactor: Redactor;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly clock: () => number;
}

const TIMERS = [
  'resolve_when_quiet',
  'remind',
  'close_forgotten',
  'flapping_ends',
  'own_channel',
  'unacknowledge',
] as const;
const payloads = {
  delivery: z.object({ delivery: z.number() }),
  incident: z.object({ incident: z.number() }),
  post: z.object({ post: z.number() }),
  untold: z.union([
    z.object({ group: z.number() }),
    z.object({ incident: z.number(), post: z.number() }),
    z.object({ incident: z.number() }),
  ]),
  group: z.object({ group: z.number() }),
  channel: z.object({ incident: z.number(), automatic: z.boolean().default(false) }),
  look: z.object({ incident: z.number(), because: z.string() }),
  timer: z.object({ incident: z.number(), timer: z.enum(TIMERS) }),
  live: z.object({ look: z.string() }),
  command: z.object({ invocation: z.string(), answer: z.string() }),
  runbook: z.object({ incident: z.number(), page: z.number().nullable(), target: z.string().nullable() }),
};

/** What each kind of job does. */
export function createHandlers(parts: HandlerParts): Readonly<Record<string, JobHandler>> {
  const { config, store, outside, slack, runbooks, log, clock } = parts;
  const policy = config.policy;
  const changePorts = { store: store.incidents, policy, defaultCluster: config.defaultCluster, clock, log };
  const fallback = config.fallback && fallbackPorts(config.fallback, parts);
  const channelPorts = { store: store.incidents, channels: store.messages, perHour: policy.ownChannel.perHour, clock };
  const groupPorts = {
    deliveries: store.deliveries,
    store: store.incidents,
    // Of SQLite everybody waits for the one writer, of PostgreSQL only who decides about the same cluster.
    turnMs: store.engine === 'sqlite' ? 40 : 200,
    policy,
    storm: config.storm,
    defaultCluster: config.defaultCluster,
    matchPlaybook: runbooks.match,
    routeChannel: (alert: Alert) =>
      config.routes.find((route) => matches(labelsToMatch(alert.labels), route.match))?.channel ?? null,
    decided: (decision: Decision, group: AlertGroup) => noteDecision(decision, group, parts),
    redaction: parts.redactor,
    clock,
    log,
  };
  const room = createLookRoom();
  return traced({
    handleAlertGroup: (job, signal) =>
      handleAlertGroup(payloads.delivery.parse(job.payload).delivery, groupPorts, job.id, signal),
    timer: (job) => {
      const { incident, timer } = payloads.timer.parse(job.payload);
      return runTimer(incident, timer, changePorts);
    },
    deliverCard: (job, signal) => slack.delivery.deliverCard(payloads.incident.parse(job.payload).incident, signal),
    tellFallback: async (job, signal) => {
      if (!fallback) return;
      const send: FallbackPorts['send'] = async (message, stop) => {
        await stillHeld();
        return fallback.send(message, stop);
      };
      await tellFallback(payloads.untold.parse(job.payload), { ...fallback, send }, signal);
    },
    deliverGroup: (job, signal) => slack.delivery.deliverGroup(payloads.group.parse(job.payload).group, signal),
    deliverPost: (job, signal) => slack.delivery.deliverPost(payloads.post.parse(job.payload).post, signal),
    deliverRunbook: (job, signal) => {
      const { incident, page, target } = payloads.runbook.parse(job.payload);
      const asked: unknown = target === null ? null : JSON.parse(target); // our own show() wrote it into the job
      return slack.delivery.deliverRunbook({ incidentNumber: incident, page, target: asked }, signal);
    },
    ownChannel: async (job, signal) => {
      const { incident, automatic } = payloads.channel.parse(job.payload);
      if (!config.ownChannels || (automatic && !(await mayOpenChannel(incident, channelPorts)))) return;
      await slack.delivery.ownChannel(incident, signal);
    },
    firstLook: (job, signal) => {
      const { incident, because } = payloads.look.parse(job.payload);
      return runFirstLook(
        incident,
        because,
        {
          store: store.incidents,
          evidence: store.evidence,
          timeline: store.incidents,
          automaticCommands: runbooks.automaticCommands,
          execute: parts.run,
          look: outside.firstLook,
          changes: parts.changes,
          history: store.incidents,
          measure: parts.measure,
          room,
          clock,
          log,
        },
        signal,
      );
    },
    liveLook: (job, signal) =>
      runLiveRound(
        payloads.live.parse(job.payload).look,
        {
          book: parts.live,
          execute: parts.run,
          show: ({ id, actor, asked }, reply, stop) =>
            slack.delivery.refresh({ invocationId: id, user: actor.id, command: asked }, reply, stop),
          storm: stormOn(store),
          record: parts.changes.record,
          jobs: store.jobs,
          clock,
          log,
        },
        signal,
      ),
    runCommand: (job, signal) =>
      runCommand(
        payloads.command.parse(job.payload),
        {
          execute: async (invocation, stop) => parts.run(await slack.lookAgain(invocation, stop), stop),
          running: (target, stop) => slack.delivery.running(target as AnswerTarget, stop), // slack wrote it into the job
          answer: async (target, reply, stop) => {
            // What only the asker sees cannot be looked up afterwards.
            await stillHeld();
            await slack.delivery.answer(target as AnswerTarget, reply, stop);
          },
          log,
        },
        signal,
      ),
  });
}

const traceOf = z.object({ trace: z.string().optional() }).catch({});

/** Each job runs as a span of the trace in which it was asked for, however much later. */
function traced(handlers: Readonly<Record<string, JobHandler>>): Readonly<Record<string, JobHandler>> {
  return Object.fromEntries(
    Object.entries(handlers).map(([kind, handler]) => [
      kind,
      (job, signal) =>
        inSpan(`job ${kind}`, { attempt: job.attempt }, () => handler(job, signal), {
          kind: 'consumer',
          parent: traceOf.parse(job.payload).trace ?? null,
        }),
    ]),
  );
}

function fallbackPorts(
  settings: FallbackSettings,
  { config, store, redactor, metrics, log, clock }: HandlerParts,
): FallbackPorts {
  return {
    store: store.incidents,
    timeline: store.incidents,
    untold: store.untold,
    posts: store.posts,
    send: createFallbackSender({
      settings,
      redact: redactor.redact,
      log: log.child({ part: 'fallback' }),
      onCall: (way, outcome, ms) => countCalls(metrics, way)(outcome, ms),
      onBreaker: (way, open) => metrics.breakerOpen.set({ dependency: way, target: way }, open ? 1 : 0),
    }),
    publicUrl: config.publicUrl,
    instance: store.instance,
    clock,
    log,
  };
}

async function noteDecision(decision: Decision, group: AlertGroup, parts: HandlerParts): Promise<void> {
  for (const { reason } of decision.outcomes) parts.metrics.decisions.inc({ reason });
  const beats = new Set(
    group.alerts
      .filter((alert) => alert.status === 'firing' && parts.config.policy.watchdogNames.includes(alert.name))
      .map((alert) => alert.cluster),
  );
  for (const cluster of beats) await parts.store.heartbeats.beat(cluster, group.receivedAt);
}
