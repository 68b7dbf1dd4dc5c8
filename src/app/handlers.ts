import { z } from 'zod';
import type { Alert, AlertGroup } from '../alerts/alert.ts';
import type { Invocation } from '../commands/invocation.ts';
import type { Reply } from '../commands/reply.ts';
import type { Config, FallbackSettings } from '../config.ts';
import { createFallbackSender } from '../fallback/fallbackSender.ts';
import type { Decision } from '../incidents/decision.ts';
import { labelsToMatch, matches } from '../incidents/matchers.ts';
import { type FallbackPorts, tellFallback } from '../jobs/fallback.ts';
import { cardJob, runbookJob } from '../jobs/followUps.ts';
import { handleAlertGroup } from '../jobs/handleAlertGroup.ts';
import type { Changes } from '../jobs/incidentChanges.ts';
import { type JobHandlers, readPayloads } from '../jobs/jobKinds.ts';
import { type LiveLookPorts, runLiveRound } from '../jobs/liveLook.ts';
import type { LiveLookStore } from '../jobs/liveLookStore.ts';
import { createLookRoom } from '../jobs/lookRoom.ts';
import type { Measure } from '../jobs/measure.ts';
import { mayOpenChannel } from '../jobs/ownChannel.ts';
import { type RunCommandPorts, runCommand } from '../jobs/runCommand.ts';
import { runFirstLook } from '../jobs/runFirstLook.ts';
import { runTimer } from '../jobs/runTimer.ts';
import type { Logger } from '../logger.ts';
import type { Runbooks } from '../playbooks/runbooks.ts';
import { stillHeld } from '../queue/held.ts';
import type { JobHandler } from '../queue/job.ts';
import type { Redactor } from '../redaction/redactor.ts';
import { runbookMessage } from '../slack/delivery/runbook.ts';
import type { AnswerTarget } from '../slack/ports.ts';
import type { SlackDoor } from '../slack/startSlack.ts';
import type { Store } from '../store/store.ts';
import { countCalls, type Metrics, observeTraced } from '../telemetry/metrics.ts';
import { inSpan } from '../telemetry/tracing.ts';
import type { Outside } from './clusters.ts';

export interface HandlerParts {
  readonly config: Config;
  readonly store: Store;
  readonly changes: Changes;
  readonly live: LiveLookStore;
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

/** What each kind of job does. */
export function createHandlers(parts: HandlerParts): Readonly<Record<string, JobHandler>> {
  return traced(
    readPayloads({ ...alertHandlers(parts), ...slackHandlers(parts), ...lookHandlers(parts) }),
    parts.metrics,
  );
}

/** What decides: about alerts that came, and what is due. */
function alertHandlers(parts: HandlerParts): Pick<JobHandlers, 'handleAlertGroup' | 'timer' | 'tellFallback'> {
  const { config, store, runbooks, redactor, log, clock } = parts;
  const { policy, defaultCluster } = config;
  const fallback = config.fallback && fallbackPorts(config.fallback, parts);
  const changePorts = { store: store.incidents, policy, defaultCluster, clock, log };
  const groupPorts = {
    ...changePorts,
    deliveries: store.deliveries,
    // Of SQLite everybody waits for the one writer, of PostgreSQL only who decides about the same cluster.
    turnMs: store.engine === 'sqlite' ? 40 : 200,
    storm: config.storm,
    matchPlaybook: runbooks.match,
    routeChannel: (alert: Alert) =>
      config.routes.find((route) => matches(labelsToMatch(alert.labels), route.match))?.channel ?? null,
    decided: (decision: Decision, group: AlertGroup) => noteDecision(decision, group, parts),
    redaction: redactor,
  };
  return {
    handleAlertGroup: ({ delivery }, signal, job) => handleAlertGroup(delivery, groupPorts, job.id, signal),
    timer: ({ incident, timer }) => runTimer(incident, timer, changePorts),
    tellFallback: async (undelivered, signal) => {
      if (!fallback) return;
      const send: FallbackPorts['send'] = async (message, stop) => {
        await stillHeld();
        return fallback.send(message, stop);
      };
      await tellFallback(undelivered, { ...fallback, send }, signal);
    },
  };
}

/** What shows in Slack what is stored. */
function slackHandlers({
  config,
  store,
  slack,
  clock,
}: HandlerParts): Pick<JobHandlers, 'deliverCard' | 'deliverGroup' | 'deliverPost' | 'deliverRunbook' | 'ownChannel'> {
  const { perHour } = config.policy.ownChannel;
  const channelPorts = { store: store.incidents, channels: store.messages, perHour, clock };
  return {
    deliverCard: async ({ incident }, signal) => {
      await slack.delivery.deliverCard(incident, signal);
      // What changed the card may tick a step, or exclude a branch, of the runbook that is shown.
      const steps = await store.messages.get(runbookMessage(incident));
      if (steps?.state === 'sent') await store.jobs.enqueue([runbookJob(incident)], clock());
    },
    deliverGroup: ({ group }, signal) => slack.delivery.deliverGroup(group, signal),
    deliverPost: ({ post }, signal) => slack.delivery.deliverPost(post, signal),
    deliverRunbook: ({ incident, page, target }, signal) => {
      const asked: unknown = target === null ? null : JSON.parse(target); // our own show() wrote it into the job
      return slack.delivery.deliverRunbook({ incidentNumber: incident, page, target: asked }, signal);
    },
    ownChannel: async ({ incident, automatic }, signal) => {
      if (!config.ownChannels || (automatic && !(await mayOpenChannel(incident, channelPorts)))) return;
      await slack.delivery.ownChannel(incident, signal);
      // The card elsewhere says where it is from now on.
      await store.jobs.enqueue([cardJob(incident, true)], clock());
    },
  };
}

/** What reads the clusters: a first look, a live look, a command. */
function lookHandlers(parts: HandlerParts): Pick<JobHandlers, 'firstLook' | 'liveLook' | 'runCommand'> {
  const { store, slack, log, clock } = parts;
  const firstLookPorts = {
    store: store.incidents,
    evidence: store.evidence,
    timeline: store.incidents,
    automaticCommands: parts.runbooks.automaticCommands,
    execute: parts.run,
    look: parts.outside.firstLook,
    changes: parts.changes,
    history: store.incidents,
    measure: parts.measure,
    room: createLookRoom(),
    clock,
    log,
  };
  const livePorts: LiveLookPorts = {
    looks: parts.live,
    execute: parts.run,
    show: ({ id, actor, asked }, reply, stop) =>
      slack.delivery.refresh({ invocationId: id, user: actor.id, command: asked }, reply, stop),
    storm: stormOn(store),
    record: parts.changes.record,
    jobs: store.jobs,
    clock,
    log,
  };
  const commandPorts: RunCommandPorts = {
    execute: async (invocation, stop) => parts.run(await slack.lookAgain(invocation, stop), stop),
    running: (target, stop) => slack.delivery.running(target as AnswerTarget, stop), // slack wrote it into the job
    answer: async (target, reply, stop) => {
      // What only the asker sees cannot be looked up afterwards.
      await stillHeld();
      await slack.delivery.answer(target as AnswerTarget, reply, stop);
    },
    log,
  };
  return {
    firstLook: ({ incident, because }, signal) => runFirstLook(incident, because, firstLookPorts, signal),
    liveLook: ({ look }, signal) => runLiveRound(look, livePorts, signal),
    runCommand: (command, signal) => runCommand(command, commandPorts, signal),
  };
}

const traceOf = z.object({ trace: z.string().optional() }).catch({});

/** Each job runs as a span of the trace in which it was asked for, however much later, and is timed within it. */
function traced(
  handlers: Readonly<Record<string, JobHandler>>,
  metrics: Metrics,
): Readonly<Record<string, JobHandler>> {
  const timed = async (kind: string, work: () => Promise<void>): Promise<void> => {
    const begin = performance.now();
    try {
      await work();
    } finally {
      observeTraced(metrics.jobSeconds, { kind }, performance.now() - begin);
    }
  };
  return Object.fromEntries(
    Object.entries(handlers).map(([kind, handler]) => [
      kind,
      (job, signal) =>
        inSpan(`job ${kind}`, { attempt: job.attempt }, () => timed(kind, () => handler(job, signal)), {
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
    undelivered: store.undelivered,
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

/** Whether there is a storm anywhere: then Slack's budget is for incidents. */
export function stormOn(store: Store): () => Promise<boolean> {
  return async () => (await store.groups.storms()).length > 0;
}
