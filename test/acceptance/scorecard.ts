import { z } from 'zod';
import { installPlatform } from '../../simulator/cluster/healthyPlatform.ts';
import { type Cluster, startCluster } from '../../simulator/cluster/start.ts';
import { createMetricStore } from '../../simulator/metrics/store.ts';
import { fingerprint } from '../../simulator/scenarios/alerting/fingerprint.ts';
import type { PostedAlert } from '../../simulator/scenarios/alerting/shippedAlert.ts';
import { platformNames } from '../../simulator/scenarios/names.ts';
import { Run } from '../../simulator/scenarios/run.ts';
import type { Scenario } from '../../simulator/scenarios/scenario.ts';
import { PROFILES } from '../../src/alerts/profile.ts';
import { reply } from '../../src/commands/reply.ts';
import type { IncidentWithAlerts } from '../../src/incidents/incident.ts';
import { DEFAULT_POLICY } from '../../src/incidents/policy.ts';
import { handleAlertGroup } from '../../src/jobs/handleAlertGroup.ts';
import { createChanges } from '../../src/jobs/incidentChanges.ts';
import { runFirstLook } from '../../src/jobs/runFirstLook.ts';
import type { LookResult } from '../../src/jobs/tellLook.ts';
import { type ClusterAccess, openCluster } from '../../src/k8s/client/cluster.ts';
import { createFirstLook } from '../../src/k8s/look/firstLook.ts';
import { createLogger } from '../../src/logger.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { decidingOn } from '../conformance/deciding.ts';

/** One first look of a played scenario. */
export interface Look {
  readonly incident: number;
  readonly alerts: readonly string[];
  readonly namespace: string | null;
  readonly result: LookResult;
  /** Wall time from the start of the look until its findings were there. */
  readonly ms: number;
  readonly calls: number;
}

export interface Played {
  readonly looks: readonly Look[];
  readonly incidents: readonly IncidentWithAlerts[];
  close(): Promise<void>;
}

const START = Date.parse('2026-03-01T03:00:00Z');
/** Two seconds a step: no stage needs a finer clock. */
const STEP_MS = 2000;
const incidentIn = z.object({ incident: z.number() });

/** A scenario to its last stage on a cluster of its own, with a clock that only this moves; a first look whenever one is due. */
export async function play(
  scenario: Scenario,
  profile: 'builder' | 'operator',
  options: { readonly latencyMs?: number; readonly until?: number } = {},
): Promise<Played> {
  let now = START;
  const clock = () => now;
  const cluster = await startCluster({ profile, clock });
  installPlatform(cluster.world, { profile, now });
  if (options.latencyMs) cluster.world.fault({ kind: 'latency', ms: options.latencyMs });
  const log = createLogger({ level: 'silent' });
  const store = await openStore('sqlite::memory:', { log, clock });
  const policy = { ...DEFAULT_POLICY, profile: PROFILES[profile] };
  const posted: PostedAlert[] = [];
  const sink = {
    put: (one: PostedAlert) => void posted.push(one),
    settled: async () => {},
    problems: () => [],
    close: async () => {},
  };
  const run = new Run(
    scenario,
    {
      world: cluster.world,
      metrics: createMetricStore({ now: clock }),
      sink,
      clock: { now: clock },
      names: platformNames(profile),
      rules: { profile, era: 'knative-1.18', prometheusUrl: 'http://127.0.0.1:9090', externalLabels: {} },
    },
    { drill: false, speed: 1, startedAgoSeconds: 0 },
  );
  const looks: Look[] = [];
  const changes = createChanges({ store: store.incidents, policy, defaultCluster: 'default', clock });
  const look = async (number: number) => {
    await runFirstLook(
      number,
      'it opened',
      {
        store: store.incidents,
        evidence: store.evidence,
        timeline: store.incidents,
        changes,
        history: store.incidents,
        automaticCommands: () => [],
        execute: async () => reply({ title: '' }),
        look: async (known, signal) => {
          const taken = await lookAt(known, signal);
          looks.push(taken);
          return taken.result;
        },
        clock,
        log,
      },
      new AbortController().signal,
    );
  };
  /** Each look has connections and a rate budget of its own; one that a busy machine kept from reading is taken again. */
  const lookAt = async (known: IncidentWithAlerts, signal: AbortSignal, tries = 3): Promise<Look> => {
    let calls = 0;
    const access = counted(open(cluster, log), () => {
      calls += 1;
    });
    try {
      const firstLook = createFirstLook({
        clusters: new Map([['default', access]]),
        defaultCluster: 'default',
        profile: policy.profile,
        redactor: createRedactor(),
        clock,
      });
      const begin = performance.now();
      const result = await firstLook(known, signal);
      if (result.failures.length > 0 && tries > 1) return await lookAt(known, signal, tries - 1);
      const { number, namespace } = known.incident;
      const alerts = [...new Set(known.alerts.map(({ name }) => name))];
      return { incident: number, alerts, namespace, result, ms: performance.now() - begin, calls };
    } finally {
      await access.close();
    }
  };
  const last = Math.min(
    options.until ?? 1000,
    Math.max(...scenario.stages(platformNames(profile)).map(({ at }) => at)),
  );
  for (let second = 0; second <= last + 2; second += STEP_MS / 1000) {
    run.play();
    cluster.step();
    for (const group of grouped(posted.splice(0))) await deliver(group, store, policy, clock);
    for (const number of await due(store, now)) await look(number);
    for (const number of await recordedOnly(store, looks)) await look(number);
    now += STEP_MS;
  }
  const problem = run.view().problem;
  if (problem) throw new Error(`${scenario.id}: ${problem}`);
  const numbers = [...new Set((await store.incidents.list({ limit: 200 })).map(({ number }) => number))].toSorted(
    (a, b) => a - b,
  );
  const incidents = (await Promise.all(numbers.map((number) => store.incidents.find(number)))).filter(
    (one) => one !== null,
  );
  return {
    looks,
    incidents,
    async close() {
      await cluster.close();
      await store.close();
    },
  };
}

/** The cluster's clock is the wall's here: its rate budget is real time. */
function open(cluster: Cluster, log: ReturnType<typeof createLogger>): ClusterAccess {
  return openCluster({
    kubeconfig: cluster.kubeconfig(),
    context: null,
    name: 'default',
    simulated: true,
    log,
    redactor: createRedactor(),
    clock: Date.now,
  });
}

function counted(access: ClusterAccess, count: () => void): ClusterAccess {
  return {
    ...access,
    json: (read) => {
      count();
      return access.json(read);
    },
    text: (read) => {
      count();
      return access.text(read);
    },
  };
}

/** As Alertmanager groups: by name, cluster and namespace. */
function grouped(alerts: readonly PostedAlert[]): readonly (readonly PostedAlert[])[] {
  return [...Map.groupBy(alerts, ({ labels }) => `${labels.alertname}/${labels.namespace ?? ''}`).values()];
}

async function deliver(
  alerts: readonly PostedAlert[],
  store: Store,
  policy: typeof DEFAULT_POLICY,
  clock: () => number,
): Promise<void> {
  const body = JSON.stringify({
    version: '4',
    groupKey: `${alerts[0]?.labels.alertname}/${alerts[0]?.labels.namespace ?? ''}`,
    status: 'firing',
    receiver: 'lambda-responder',
    externalURL: 'http://127.0.0.1:9093',
    truncatedAlerts: 0,
    alerts: alerts.map((one) => ({
      status: one.endsAt === null ? 'firing' : 'resolved',
      labels: one.labels,
      annotations: one.annotations,
      startsAt: new Date(one.startsAt).toISOString(),
      endsAt: one.endsAt === null ? '0001-01-01T00:00:00Z' : new Date(one.endsAt).toISOString(),
      generatorURL: one.generatorUrl,
      fingerprint: fingerprint(one.labels),
    })),
  });
  const { id } = await store.deliveries.accept({
    body,
    sender: 'alertmanager',
    senderCluster: null,
    groupKey: 'g',
    alertCount: alerts.length,
    receivedAt: clock(),
  });
  await handleAlertGroup(id, decidingOn(store, { clock, policy }));
}

/** Incidents whose first look is due now. */
async function due(store: Store, now: number): Promise<readonly number[]> {
  const jobs = await store.jobs.claim({ lanes: { evidence: 50 }, leaseMs: 1000, now, kinds: ['firstLook'] });
  await store.jobs.complete(jobs);
  return [...new Set(jobs.map(({ payload }) => incidentIn.parse(payload).incident))];
}

/** What is only recorded (sev4) is not looked at by itself; a person may ask for the same look. */
async function recordedOnly(store: Store, looks: readonly Look[]): Promise<readonly number[]> {
  const open = await store.incidents.open(200);
  return open
    .filter(({ severity, number }) => severity === 'sev4' && !looks.some(({ incident }) => incident === number))
    .map(({ number }) => number);
}
