import { expect, test } from '@jest/globals';
import { ResponderError } from '../../src/errors.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/incidents/policy.ts';
import { commit } from '../../src/jobs/incidentChanges.ts';
import { jobOf, readPayload } from '../../src/jobs/jobKinds.ts';
import { runTimer } from '../../src/jobs/runTimer.ts';
import { startWorker } from '../../src/queue/worker.ts';
import type { Store } from '../../src/store/store.ts';
import { onEveryEngine, onPostgres, silent } from './engines.ts';
import { aDraft, anIncident } from './samples.ts';

const CONCURRENCY = { person: 8, incident: 4, edit: 4, evidence: 2, reading: 8 };
/** Rungs that are due one after the other, at once. */
const notify = [{ kind: 'group', name: 'oncall' }] as const;
const POLICY: Policy = {
  ...DEFAULT_POLICY,
  escalation: {
    ...DEFAULT_POLICY.escalation,
    policies: [
      { name: 'all', rounds: 1, pauseMs: 3_600_000, rungs: [0, 1, 2].map((afterMs) => ({ afterMs, notify })) },
    ],
    bySeverity: { sev1: 'all', sev2: 'all' },
  },
};

/** A replica that only runs timers; of `dies` it is killed after its commit, before the job is written off. */
function replica(store: Store, dies: (job: number) => boolean) {
  const ports = { store: store.incidents, policy: POLICY, defaultCluster: 'default', clock: Date.now, log: silent };
  return startWorker({
    jobs: store.jobs,
    handlers: {
      timer: async (job) => {
        const { incident, timer } = readPayload('timer', job);
        await runTimer(incident, timer, ports);
        if (job.attempt === 1 && dies(job.id)) throw new ResponderError('unavailable', 'killed');
      },
    },
    limits: { timer: { baseMs: 1, capMs: 5 } },
    concurrency: CONCURRENCY,
    leaseMs: 15_000,
    pollMs: 20,
    log: silent,
  });
}

/** Opens so many incidents that call people at once. */
async function opened(store: Store, count: number): Promise<readonly number[]> {
  const numbers: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const [saved] = await store.incidents.transact((tx) => {
      const incident = anIncident({ severity: 'sev1', title: `incident ${index}`, correlationKey: `key ${index}` });
      return commit(tx, [aDraft(incident)], [], Date.now(), POLICY);
    });
    if (saved) numbers.push(saved.number);
  }
  return numbers;
}

/** How many incidents called each of their three rungs exactly once. */
async function calledOnce(store: Store, numbers: readonly number[]): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const number of numbers) {
    const entries = (await store.incidents.timeline(number)).filter(({ kind }) => kind === 'escalated');
    const rungs = entries.map(({ detail }) => detail.rung).join();
    counts[rungs] = (counts[rungs] ?? 0) + 1;
  }
  return counts;
}

async function untilCalled(store: Store, numbers: readonly number[]): Promise<void> {
  for (const number of numbers)
    while ((await store.incidents.find(number))?.incident.escalation?.done !== 3)
      await new Promise((wake) => setTimeout(wake, 20));
}

onEveryEngine('timers that call people', (engine) => {
  test('each of 500 rungs is called once, though processes die between the call and the note that it is done', async () => {
    const store = await engine.open();
    const numbers = await opened(store, 167);
    const worker = replica(store, (job) => job % 3 === 0);
    await untilCalled(store, numbers);
    await worker.close();
    expect(await calledOnce(store, numbers)).toEqual({ '1,2,3': 167 });
  }, 240_000);

  test('a second timer of the same incident calls nobody', async () => {
    const store = await engine.open();
    const [number = 0] = await opened(store, 1);
    const again = Array.from({ length: 5 }, () =>
      jobOf('timer', { incident: number, timer: 'escalate' }, { coalesceKey: null }),
    );
    await store.jobs.enqueue(again, Date.now());
    const worker = replica(store, () => false);
    await untilCalled(store, [number]);
    await worker.idle();
    await worker.close();
    expect(await calledOnce(store, [number])).toEqual({ '1,2,3': 1 });
  }, 180_000);
});

onPostgres('two replicas', (engine) => {
  test('call each rung once between them', async () => {
    const store = await engine.open();
    const numbers = await opened(store, 167);
    const other = await engine.again();
    const workers = [replica(store, (job) => job % 5 === 0), replica(other, (job) => job % 5 === 1)];
    await untilCalled(store, numbers);
    await Promise.all(workers.map((worker) => worker.close()));
    expect(await calledOnce(store, numbers)).toEqual({ '1,2,3': 167 });
  }, 240_000);
});
