import { setTimeout } from 'node:timers/promises';
import { createClosers } from './app/closers.ts';
import { openClusters } from './app/clusters.ts';
import { measured, withoutSecrets } from './app/guarded.ts';
import { createHandlers, stormOn } from './app/handlers.ts';
import { openMetering } from './app/metering.ts';
import { partTable } from './app/partsTable.ts';
import { createPostmortems } from './app/postmortems.ts';
import { startPresence } from './app/presence.ts';
import { startRounds } from './app/rounds.ts';
import { startSimulators } from './app/simulators.ts';
import { createPageExtras, createRunbookThread } from './app/storePorts.ts';
import { readsCluster } from './commands/execute.ts';
import type { CommandPorts } from './commands/ports.ts';
import type { Config } from './config.ts';
import { ResponderError } from './errors.ts';
import { startHttp } from './http/server.ts';
import { createChanges } from './jobs/incidentChanges.ts';
import { jobOf, RETRIES } from './jobs/jobKinds.ts';
import { createLiveLookStore } from './jobs/liveLookStore.ts';
import { ownDelivery, refusedAlert } from './jobs/ownAlerts.ts';
import { createLogger, type DestinationStream, type Logger } from './logger.ts';
import { proxyChooser } from './network/proxies.ts';
import { createRunbookFolders } from './playbooks/runbookFolders.ts';
import { watchAlertmanager } from './prometheus/alertmanager.ts';
import { stillHeld } from './queue/held.ts';
import { startWorker } from './queue/worker.ts';
import { createRedactor } from './redaction/redactor.ts';
import { startSlack } from './slack/startSlack.ts';
import { openStore } from './store/open.ts';
import type { Store } from './store/store.ts';
import { countCalls, createMetrics, observe, observeTraced } from './telemetry/metrics.ts';
import { inSpan, startTracing } from './telemetry/tracing.ts';

/** A job whose process died is taken up again after this long, in milliseconds. */
const LEASE_MS = 15_000;

/** How long in-flight work may take to end when the responder is stopped, in milliseconds. */
const DRAIN_MS = 20_000;

/**
 * A Service or an ingress goes on sending here for a moment after this process was told to stop (Kubernetes does both side
 * by side, https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination-flow). With another replica
 * to go to, it is answered for so long; Slack sends no command twice.
 */
const LINGER_MS = 5_000;

export interface App {
  /** Base URL of the listener. */
  readonly url: string;
  /** Each part with its address, as text. */
  readonly table: string;
  /** Where a person looks first: the page of the simulated workspace; null beside a real one. */
  readonly open: string | null;
  readonly log: Logger;
  /** Stops intake, lets in-flight work end within 20 s, then closes everything. */
  close(): Promise<void>;
}

/**
 * Starts the whole product: one straight line, each resource with a named closer as soon as it exists.
 * @param root folder of the shipped runbooks and, in a clone, of the simulator
 * @param logTo where log lines go; standard output unless a test reads them
 * @throws ResponderError by code; what had started by then is closed again.
 */
export async function startApp(config: Config, root: string, logTo?: DestinationStream): Promise<App> {
  const metrics = createMetrics();
  const redactor = createRedactor((count) => metrics.redactions.inc(count));
  const log = createLogger({
    level: config.logLevel,
    redact: redactor.redact,
    ...(logTo ? { destination: logTo } : {}),
  });
  const closers = createClosers(log);
  try {
    const clock = Date.now;
    const proxyFor = proxyChooser(config.proxies);
    const { tracesUrl } = config;
    const tracing = tracesUrl === null ? null : await startTracing(tracesUrl, proxyFor?.(new URL(tracesUrl)));
    closers.add('tracing', async () => tracing?.close());
    const simulator = await startSimulators(config, root);
    closers.add('simulator', async () => simulator?.close());

    const store = await openStore(config.databaseUrl, {
      log: log.child({ part: 'store' }),
      clock,
      redaction: redactor,
      onOperation: (operation, outcome, ms) => observeTraced(metrics.storeSeconds, { operation, outcome }, ms),
    });
    closers.add('store', () => store.close());

    const metering = openMetering({
      config,
      simulator,
      redactor,
      log,
      clock,
      onCall: countCalls(metrics, 'prometheus'),
      onBreaker: (open) => metrics.breakerOpen.set({ dependency: 'prometheus', target: 'prometheus' }, open ? 1 : 0),
    });
    closers.add('prometheus', () => metering.close());

    const outside = await openClusters({
      config,
      ruleFor: metering.ruleFor,
      measured: metering.measured,
      simulator,
      redactor,
      log,
      clock,
      onCall: countCalls(metrics, 'kubernetes'),
      onBreaker: (target, open) => metrics.breakerOpen.set({ dependency: 'kubernetes', target }, open ? 1 : 0),
    });
    closers.add('clusters', () => outside.close());

    const runbookFolders = createRunbookFolders(
      { ...config.runbooks, baseUrl: config.runbooks.baseUrl ?? runbookPagesUrl(config) },
      log,
    );
    const { runbooks } = runbookFolders;
    const changes = createChanges({
      store: store.incidents,
      policy: config.policy,
      defaultCluster: config.defaultCluster,
      clock,
    });
    const { draw, pendingOf } = metering;
    const postmortems = createPostmortems({ store, runbooks, redaction: redactor, clock, draw, pendingOf });
    const live = createLiveLookStore({ settings: store.settings, jobs: store.jobs, storm: stormOn(store), clock });
    const commandPorts: CommandPorts = {
      diagnostics: metering.diagnostics(outside.diagnostics),
      incidents: store.incidents,
      changes,
      runbooks,
      postmortems,
      steps: changes,
      live,
      queue: store.jobs,
      settings: {
        profile: config.policy.profile,
        namespaces: config.access.namespaces,
        allowAllNamespaces: config.access.allNamespaces,
        clusters: outside.names,
        publicUrl: config.publicUrl,
        escalation: config.policy.escalation,
        reopenWindowMs: config.policy.correlation.reopenWindowMs,
      },
      now: clock,
    };

    const run = measured(commandPorts, redactor, metrics);

    const slack = await startSlack({
      proxyFor,
      config: {
        ...slackAccess(config, simulator),
        channel: config.channel,
        mentionGroup: config.mentionGroup,
        mentionLimits: config.policy.mentions,
        escalation: config.policy.escalation,
        reopenWindowMs: config.policy.correlation.reopenWindowMs,
        publicUrl: config.publicUrl,
        runbookHelpUrl: null,
        simulated: outside.simulated,
        instance: store.instance,
      },
      ports: {
        incidents: store.incidents,
        messages: store.messages,
        posts: store.posts,
        playbooks: runbooks,
        runbook: createRunbookThread({ store, clock }),
        findings: store.evidence,
        mentions: store.mentions,
        seen: store.seen,
        timeline: store.incidents,
        redaction: redactor,
        groups: store.groups,
        meters: store.engine === 'postgres' ? store.meters : null,
        submissions: {
          submit: async (typed, target) => {
            const { invocation, answer } = withoutSecrets(typed, target, redactor);
            const enqueue = () =>
              store.jobs.enqueueOnce(
                `invocation:${invocation.id}`,
                [
                  jobOf(
                    'runCommand',
                    { invocation: JSON.stringify(invocation), answer: JSON.stringify(answer) },
                    { lane: readsCluster(invocation) ? 'reading' : 'person' },
                  ),
                ],
                clock(),
              );
            await inSpan(`slack ${invocation.door}`, {}, enqueue, { kind: 'server' });
          },
        },
      },
      clock: { now: clock, sleep },
      log: log.child({ part: 'slack' }),
      onCall: countCalls(metrics, 'slack'),
      stillOurs: stillHeld,
      onBreaker: (open) => metrics.breakerOpen.set({ dependency: 'slack', target: 'slack' }, open ? 1 : 0),
      onCard: (ms) => observeTraced(metrics.webhookToCardSeconds, {}, ms),
      onConnection: (because) => metrics.slackConnections.inc({ because }),
    });
    const presence = startPresence({ store, slack, log, clock });
    closers.add('slack', async () => {
      // What stops keeps its connection until the one that replaces it has its own.
      await presence.handOver();
      await Promise.all([slack.close(), presence.close()]);
    });

    const worker = startWorker({
      jobs: store.jobs,
      handlers: createHandlers({
        config,
        store,
        changes,
        live,
        runbooks,
        run,
        outside,
        measure: metering.measure,
        slack,
        redactor,
        metrics,
        log,
        clock,
      }),
      concurrency: { person: 8, incident: 4, edit: 4, evidence: 2 * outside.names.length, reading: 8 },
      limits: RETRIES,
      leaseMs: LEASE_MS,
      log: log.child({ part: 'queue' }),
      onOutcome: (kind, outcome) => metrics.jobs.inc({ kind, outcome }),
    });
    closers.add('worker', async () => {
      if (!(await worker.drain(DRAIN_MS)))
        log.warn({ ms: DRAIN_MS }, 'some work was still running; it runs again after the start');
      await worker.close();
    });

    const alertmanager = watchAlertmanager(config.alertmanagerUrl !== null, metrics, clock);
    const rounds = startRounds({ config, store, slack, log, clock, watchAlertmanager: alertmanager });
    closers.add('rounds', () => rounds.close());

    observe(metrics, {
      queue: async () =>
        (await store.jobs.depth(clock())).map(({ lane, due, oldestDueAt }) => ({
          lane,
          waiting: due,
          oldestMs: oldestDueAt === null ? 0 : Math.max(0, clock() - oldestDueAt),
        })),
      accounting: async () => flatten(await store.accounting()),
      deadJobs: () => store.jobs.deadCount(),
      probe: () => store.probe(),
      slackConnected: () => slack.status().connected,
    });

    const http = await startHttp({
      host: config.host,
      port: config.ports.http,
      trustedProxies: config.trustedProxies,
      webhook: {
        intake: {
          accept: (delivery) => store.deliveries.accept(delivery),
          refuse: async (refused) => {
            await store.rejected.keep(refused);
            await store.deliveries.accept(ownDelivery(refusedAlert(refused), refused.at));
          },
        },
        tokens: config.webhookTokens,
        maxBody: config.maxBody,
        clock,
      },
      api: {
        apiToken: config.apiToken,
        personalTokens: config.personalTokens,
        incidents: store.incidents,
        postmortems,
        refused: store.rejected,
        deadLetters: {
          list: store.jobs.deadLetters,
          find: store.jobs.deadLetter,
          retry: (id) => store.jobs.revive(id, clock()),
        },
        commands: { run },
        clock,
      },
      proxyHeader: config.proxyHeader,
      timeZone: config.timeZone,
      extras: createPageExtras(store, config),
      runbooks: runbookFolders.reader,
      redaction: redactor,
      health: {
        probe: () => store.probe(),
        detail: async () => ({
          slack: slack.status(),
          clusters: outside.detail(),
          prometheus: metering.detail(),
          alertmanager: alertmanager.detail(),
        }),
      },
      metrics,
      log: log.child({ part: 'http' }),
      slackEvents: slack.requestHandler,
    });
    closers.add('http', async () => http.close((await presence.leave()) ? LINGER_MS : 0));

    simulator?.begin(
      {
        webhookUrl: `${http.url}/webhooks/alertmanager`,
        webhookToken: config.webhookTokens[0]?.token ?? null,
        alertmanagerUrl: config.alertmanagerUrl,
      },
      // The incident that greets a new user exists only in the simulated workspace, and only once.
      { greet: config.slack === null && (await store.incidents.list({ limit: 1 })).length === 0 },
    );
    log.info({ url: http.url }, 'ready');
    const reading = runbookFolders.readThrough();
    closers.add('runbooks', () => reading.stop());
    return {
      url: http.url,
      log,
      open: simulator?.workspace?.url ?? null,
      table: partTable([
        {
          part: 'workspace',
          address: simulator?.workspace?.url ?? config.slack?.apiUrl ?? 'https://slack.com/api/',
          real: config.slack !== null,
        },
        { part: 'cluster', address: outside.addresses.join(', '), real: config.kubeconfig !== null },
        {
          part: 'metrics',
          address: metering.address,
          real: config.prometheusUrl !== null,
        },
        ...(simulator?.scenarioUrl ? [{ part: 'scenarios', address: simulator.scenarioUrl, real: false }] : []),
        { part: 'store', address: config.databaseUrl.replace(/^([a-z]+:\/\/[^:/@]+:)[^@]*@/, '$1***@'), real: true },
        { part: 'responder', address: http.url, real: true },
      ]),
      close: () => closers.close(),
    };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

/** Resolves after `ms`; rejects with the signal's reason when aborted before. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return setTimeout(ms, undefined, { signal, ref: false }).catch(() => {
    throw signal.reason;
  });
}

function slackAccess(config: Config, simulator: Awaited<ReturnType<typeof startSimulators>>) {
  if (config.slack) return config.slack;
  const workspace = simulator?.workspace;
  if (!workspace) throw new ResponderError('internal', 'neither a Slack workspace nor a simulated one');
  return { botToken: workspace.botToken, appToken: workspace.appToken, signingSecret: null, apiUrl: workspace.apiUrl };
}

/** Suppressed alerts keep their reason, so that the sum can be checked. */
function flatten({ suppressed, ...rest }: Awaited<ReturnType<Store['accounting']>>): Readonly<Record<string, number>> {
  return {
    ...rest,
    ...Object.fromEntries(Object.entries(suppressed).map(([reason, count]) => [`suppressed:${reason}`, count])),
  };
}

/** Where our own runbook pages are, as far as that is known before the port is: links on cards lead there. */
function runbookPagesUrl(config: Config): string | null {
  if (config.publicUrl !== null) return `${config.publicUrl.replace(/\/+$/, '')}/runbooks`;
  return config.slack === null && config.ports.http !== 0 ? `http://127.0.0.1:${config.ports.http}/runbooks` : null;
}
