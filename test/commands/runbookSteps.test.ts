import { beforeEach, describe, expect, test } from '@jest/globals';
import { execute, isReadOnly, problemOf } from '../../src/commands/execute.ts';
import type { Invocation } from '../../src/commands/invocation.ts';
import type { CommandPorts, PlaybookView } from '../../src/commands/ports.ts';
import type { Reply } from '../../src/commands/reply.ts';
import { ResponderError } from '../../src/errors.ts';
import type { Actor } from '../../src/incidents/incident.ts';
import { stepRecords } from '../../src/incidents/runbookSteps.ts';
import { ANA, alertOf, incident, invocation, NOW, resultOf, World } from './fakes.ts';

const BEN: Actor = { type: 'slack', id: 'UBEN', name: 'ben' };
const STEPS: PlaybookView['steps'] = [
  {
    index: 0,
    key: 'k0',
    text: 'See the builds',
    commands: ['diag jobs'],
    automatic: true,
    section: 'First five minutes',
  },
  {
    index: 1,
    key: 'k1',
    text: 'Read and watch',
    commands: ['diag pods', 'diag events'],
    automatic: false,
    section: 'Diagnosis',
  },
  {
    index: 2,
    key: 'k2',
    text: 'Raise the limit with `kubectl edit`',
    commands: [],
    automatic: false,
    section: 'Mitigation',
  },
];
const VIEW: PlaybookView = { id: 'team/A', title: 'A build died', url: null, owner: null, steps: STEPS, missing: [] };

let world: World;
let ports: CommandPorts;
let presses = 0;
beforeEach(() => {
  world = new World([{ incident: incident({ number: 7 }), alerts: [alertOf(7, { alertname: 'A' })] }]);
  world.view = VIEW;
  ports = world.ports();
});

const say = (text: string, parts: Partial<Invocation> = {}): Promise<Reply> => {
  presses += 1;
  const press = invocation(text, { id: `press-${presses}`, incidentNumber: 7, door: 'button', ...parts });
  return execute(press, ports, new AbortController().signal);
};
const acts = () =>
  world.entries
    .filter((entry) => entry.kind === 'step')
    .map((entry) => [entry.actor.name, entry.detail.act, entry.detail.number]);

describe('ticking off steps', () => {
  test('records who did what and when, and says what comes next', async () => {
    const answer = await say('runbook done 1');
    expect([answer.title, answer.summary]).toEqual([
      'Step 1 is done: See the builds',
      '1 of 3 steps. Next: 2. Read and watch',
    ]);
    expect(world.entries).toEqual([
      expect.objectContaining({ kind: 'step', actor: ANA, at: NOW, text: 'Runbook step 1 of 3 done: See the builds' }),
    ]);
  });

  test('a second press changes nothing and names who was first', async () => {
    await say('runbook done 1');
    const answer = await say('runbook done 1', { actor: BEN });
    expect(answer.title).toBe('Step 1 was done by ana at 03:00 UTC.');
    expect(acts()).toEqual([['ana', 'done', 1]]);
  });

  test('the same press delivered again answers as the first time and writes nothing', async () => {
    const first = await say('runbook skip 3 not our cluster', { id: 'same' });
    expect(await say('runbook skip 3 not our cluster', { id: 'same' })).toEqual(first);
    expect(world.entries.map((entry) => entry.text)).toEqual([
      'Runbook step 3 of 3 skipped (not our cluster): Raise the limit with `kubectl edit`',
    ]);
  });

  test('of two people at the same moment one is recorded and the other told', async () => {
    const answers = await Promise.all([say('runbook done 2'), say('runbook skip 2', { actor: BEN })]);
    expect(acts()).toHaveLength(1);
    expect(answers.map((answer) => answer.tone).toSorted()).toEqual(['notice', 'ok']);
  });

  test('what was skipped can be done later, what was done can be opened again', async () => {
    await say('runbook skip 1');
    await say('runbook done 1');
    expect((await say('runbook undo 1')).title).toBe('Step 1 is open again: See the builds');
    expect((await say('runbook undo 1')).title).toBe('Step 1 is open already.');
    expect(acts().map(([, act]) => act)).toEqual(['skipped', 'done', 'reopened']);
  });

  test('the last one says what is left to do', async () => {
    await say('runbook done 1');
    await say('runbook skip 2');
    expect((await say('runbook done 3')).summary).toBe(
      '2 of 3 steps, 1 skipped: that was the last. If the alert is gone, resolve the incident.',
    );
  });

  test('the number of the incident may be said in front or behind', async () => {
    for (const text of ['runbook 7 done 1', 'runbook undo 1 -i 7', 'runbook -i 7 done #1'])
      await say(text, { incidentNumber: null, door: 'terminal', place: null });
    expect(acts().map(([, act]) => act)).toEqual(['done', 'reopened', 'done']);
  });

  test('what was ticked stays ticked when the runbook gets another step in front', async () => {
    await say('runbook done 2');
    const added = { index: 0, key: 'new', text: 'New', commands: [], automatic: false };
    world.view = { ...VIEW, steps: [added, ...STEPS].map((step, index) => ({ ...step, index })) };
    const { lines } = await say('runbook');
    expect(lines?.filter((line) => line.startsWith('[x]'))).toEqual(['[x] 3. Read and watch (done by ana, 03:00 UTC)']);
  });

  test('a button made before the runbook changed means the step it stood at, and nothing when that is gone', async () => {
    const [first, second, third] = STEPS;
    const moved = [third, first].flatMap((step) => (step ? [step] : []));
    world.view = { ...VIEW, steps: moved.map((step, index) => ({ ...step, index })) };
    expect((await say('runbook done 1 --of=k0')).title).toBe('Step 2 is done: See the builds');
    expect((await say(`runbook done 2 --of=${second?.key}`)).title).toBe('That step is no longer in the runbook.');
    expect(acts()).toEqual([['ana', 'done', 2]]);
  });

  test.each([
    ['runbook done', 'Which step is done?'],
    ['runbook done two', '“two” is not the number of a step.'],
    ['runbook done 9', 'There is no step 9: “A build died” has 3.'],
    ['runbook done 0', '“0” is not the number of a step.'],
    ['runbook finish 3', '“finish” is not the number of an incident.'],
    ['runbook 7 8', '“7 8” is more than runbook takes.'],
    ['runbook --page x', '“x” is not a page.'],
  ])('%s is answered with what is wrong', async (text, title) => {
    expect((await say(text)).title).toBe(title);
    expect(world.entries).toEqual([]);
  });

  test('a runbook cannot tick off its own steps, and a shared token may', async () => {
    expect(problemOf('runbook done 1')).toMatch(/may only read/);
    expect(problemOf('runbook')).toBeNull();
    expect(isReadOnly('runbook run 1')).toBe(false);
    expect((await say('runbook done 1', { door: 'runbook' })).title).toBe('A runbook step cannot run runbook.');
    expect((await say('runbook done 1', { door: 'terminal', verified: false })).tone).toBe('ok');
  });

  test('without a store it says where steps are kept', async () => {
    const { steps: _none, ...direct } = ports;
    ports = direct;
    expect((await say('runbook done 1')).title).toBe('Steps are kept by a running responder.');
  });
});

describe('running a step', () => {
  test('asks the cluster through the same command and shows what it found', async () => {
    const answer = await say('runbook run 1');
    expect(world.requests.map((request) => [request.diagnostic, request.namespace])).toEqual([
      ['jobs', 'knative-lambda-builds'],
    ]);
    expect(answer).toMatchObject({ title: 'Step 1 of 3: See the builds', visibility: 'thread', incidentNumber: 7 });
    expect(answer.table?.rows).toHaveLength(2);
    expect(world.entries.map((entry) => entry.kind)).toEqual(['step', 'command']);
  });

  test('with several commands gives one answer that holds them all, in a file too', async () => {
    const answer = await say('runbook run 2');
    expect(answer.lines?.filter((line) => line.startsWith('$'))).toEqual(['$ diag pods', '$ diag events']);
    expect(answer.file?.content).toContain('b      Failed');
  });

  test('tells of a command that failed beside one that did not', async () => {
    world.answer = (request) => {
      if (request.diagnostic === 'pods') throw new ResponderError('forbidden', 'I may not list pods.');
      return resultOf(request);
    };
    const answer = await say('runbook run 2');
    expect(answer.tone).toBe('error');
    expect(answer.summary).toBe(
      'diag pods: I may not list pods.\ndiag events: events in knative-lambda-builds 1 of 2 failed',
    );
  });

  test('a double click runs it once, a later press again', async () => {
    const answers = await Promise.all([say('runbook run 1'), say('runbook run 1', { at: NOW + 300 })]);
    expect(world.requests).toHaveLength(1);
    expect(answers.map((answer) => answer.title).toSorted()).toEqual([
      'Step 1 of 3: See the builds',
      'Step 1 was run by ana at 03:00 UTC.',
    ]);
    await say('runbook run 1', { at: NOW + 60_000 });
    expect(world.requests).toHaveLength(2);
  });

  test('a step for people says so and is not recorded as run', async () => {
    expect((await say('runbook run 3')).summary).toContain('It is for you to do');
    expect(acts()).toEqual([]);
  });

  test('never changes anything, whatever a runbook says', async () => {
    const [first, ...more] = STEPS;
    world.view = {
      ...VIEW,
      steps: [{ ...(first as (typeof STEPS)[number]), commands: ['resolve 7', 'runbook done 2'] }, ...more],
    };
    const answer = await say('runbook run 1');
    expect(answer.summary).toMatch(/cannot run resolve.*\n.*cannot run runbook/);
    expect(world.changes).toEqual([]);
    expect(acts()).toEqual([['ana', 'ran', 1]]);
  });
});

test('the record of steps keeps the latest state, who ran them and why they were skipped', async () => {
  await say('runbook run 1');
  await say('runbook done 1', { actor: BEN });
  await say('runbook skip 2 no access');
  const entries = world.entries.map((entry, id) => ({
    ...entry,
    id,
    incidentNumber: 7,
    recordedAt: NOW,
    permalink: null,
  }));
  expect(
    stepRecords(entries).map(({ number, state, mark, ran }) => [
      number,
      state,
      mark?.actor.name,
      mark?.reason,
      ran?.actor.name,
    ]),
  ).toEqual([
    [1, 'done', 'ben', '', 'ana'],
    [2, 'skipped', 'ana', 'no access', undefined],
  ]);
});
