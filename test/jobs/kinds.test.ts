import { expect, test } from '@jest/globals';
import { FOR_SLACK, JOB_KINDS, type JobKind, jobOf, readPayload, readPayloads } from '../../src/jobs/jobKinds.ts';
import type { Job } from '../../src/queue/job.ts';
import { LANES } from '../../src/queue/job.ts';
import { job } from '../builders/jobs.ts';

/** As release 0.1.0 wrote them, which may lie in the store of whoever upgrades. */
const OF_0_1_0 = [
  ['handleAlertGroup', { delivery: 7 }],
  ['handleAlertGroup', { delivery: 7, trace: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }],
  ['timer', { incident: 1, timer: 'remind' }],
  ['timer', { incident: 1, timer: 'own_channel' }],
  ['deliverCard', { incident: 1 }],
  ['deliverGroup', { group: 2 }],
  ['deliverPost', { post: 3 }],
  ['deliverRunbook', { incident: 1, page: null, target: null }],
  ['deliverRunbook', { incident: 1, page: 2, target: '{"kind":"channel"}' }],
  ['ownChannel', { incident: 1, because: 'opened as SEV1', automatic: true }],
  ['firstLook', { incident: 1, because: 'new alert Down' }],
  ['liveLook', { look: 'a' }],
  ['runCommand', { invocation: '{}', answer: '{}' }],
  ['tellFallback', { group: 2 }],
  ['tellFallback', { incident: 1, post: 3 }],
  ['tellFallback', { incident: 1 }],
] as const satisfies readonly (readonly [JobKind, Job['payload']])[];

test('the store keeps the numbers of the lanes', () => {
  expect(LANES).toEqual({ person: 0, incident: 1, edit: 2, evidence: 3, reading: 4 });
});

test('what lies in the queue of release 0.1.0 is understood, every kind of it', () => {
  for (const [kind, payload] of OF_0_1_0) {
    const { trace: _trace, ...read } = { trace: null, ...payload };
    expect([kind, readPayload(kind, { id: 1, payload })]).toEqual([kind, read]);
  }
  expect(new Set(OF_0_1_0.map(([kind]) => kind))).toEqual(new Set(Object.keys(JOB_KINDS)));
});

test('a job that carries something else is named with its kind, and not tried again', () => {
  expect(() => readPayload('deliverCard', { id: 12, payload: { incident: 'one' } })).toThrow(
    expect.objectContaining({ retryable: false, message: expect.stringContaining('job 12 (deliverCard)') }),
  );
});

test('a job is made as its table has it, but for what who asks knows better', () => {
  expect(jobOf('deliverCard', { incident: 4 })).toEqual({
    kind: 'deliverCard',
    payload: { incident: 4 },
    lane: 'edit',
    orderingKey: 'card:4',
    coalesceKey: 'card:4',
  });
  const asked = { lane: 'person', coalesceKey: null, runAt: 9 } as const;
  expect(jobOf('deliverRunbook', { incident: 4, page: 1, target: '{}' }, asked)).toEqual({
    kind: 'deliverRunbook',
    payload: { incident: 4, page: 1, target: '{}' },
    lane: 'person',
    orderingKey: 'runbook:4',
    runAt: 9,
  });
});

test('a handler gets what its kind carries', async () => {
  const got: unknown[] = [];
  const note = async (payload: unknown) => void got.push(payload);
  const named = Object.keys(JOB_KINDS).map((kind) => [kind, note]);
  const handlers = readPayloads(Object.fromEntries(named));
  const job = { id: 1, payload: { incident: 1, because: 'x', trace: 'y' } };
  await handlers.firstLook({ ...JOB, ...job, kind: 'firstLook' }, new AbortController().signal);
  expect(got).toEqual([{ incident: 1, because: 'x' }]);
});

test('when Slack is back, all that waits for it goes on, and nothing else', () => {
  expect([...FOR_SLACK].toSorted()).toEqual([
    'deliverCard',
    'deliverGroup',
    'deliverPost',
    'deliverRunbook',
    'ownChannel',
    'runCommand',
  ]);
});

const JOB = job({ kind: '' });
