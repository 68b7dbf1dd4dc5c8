import { describe, expect, it } from '@jest/globals';
import type { Incident } from '../../src/incidents/incident.ts';
import { ANA, incident, NOW, run, World } from './fakes.ts';

const open = (number: number, parts: Partial<Incident>) => ({
  incident: incident({ number, openedAt: NOW - number * 1000, ...parts }),
  alerts: [],
});

/** Fourteen open ones as a bad night has them, newest first, the SEV1 far down. */
const NIGHT = [
  ...Array.from({ length: 12 }, (_, at) => open(20 + at, { severity: 'sev3', title: `CrashLooping app-${at}` })),
  open(11, { severity: 'sev1', title: 'Control plane down' }),
  open(9, { severity: 'sev1', title: 'No builds', status: 'acknowledged', acknowledgedBy: ANA }),
];

describe('the list of what is open', () => {
  it('puts the severest first, then what nobody has acknowledged, then the newest', async () => {
    const answer = await run(new World(NIGHT), 'incidents');
    expect(answer.list?.slice(0, 3).map(({ text }) => text)).toEqual([
      'SEV1 #11 Control plane down',
      'SEV1 #9 No builds',
      'SEV3 #20 CrashLooping app-0',
    ]);
    expect(answer.table?.rows.map(([number]) => number).slice(0, 2)).toEqual(['#11', '#9']);
  });

  it('gives each its state, owner, age and a button', async () => {
    const answer = await run(new World(NIGHT), 'incidents');
    expect(answer.list?.[1]).toEqual({
      text: 'SEV1 #9 No builds',
      detail: 'acknowledged · ana · 9s · knative-lambda-builds',
      press: { label: 'Show', command: 'status 9', readOnly: true },
    });
  });

  it('never cuts a SEV1 or SEV2, says how many others are left out, and has all in the table', async () => {
    const world = new World([
      ...NIGHT,
      ...Array.from({ length: 20 }, (_, at) => open(50 + at, { severity: 'sev2', title: `Two ${at}` })),
    ]);
    const answer = await run(world, 'incidents');
    expect(answer.list?.filter(({ text }) => /^SEV[12]/.test(text))).toHaveLength(22);
    expect(answer.notes).toEqual(['12 more, of lower severity or older.']);
    expect(answer.table?.rows).toHaveLength(34);
  });
});

describe('a command that could mean several incidents', () => {
  it.each([
    ['ack', 'ack 11'],
    ['resolve', 'resolve #11'],
    ['note customers told', 'note #11 customers told'],
    ['status', 'status 11'],
  ])('%s without a number offers the worst first, each with the command filled in', async (line, first) => {
    const world = new World(NIGHT);
    const answer = await run(world, line);
    expect(world.changes).toEqual([]);
    expect(answer.list?.[0]).toMatchObject({ text: 'SEV1 #11 Control plane down', press: { command: first } });
    expect(answer.list).toHaveLength(5);
    expect(answer.next).toEqual([{ label: '9 more', command: 'incidents', readOnly: true }]);
  });
});

describe('a diagnostic that names an object', () => {
  const world = () => {
    const made = new World([
      open(3, { subject: { kind: 'deployment', name: 'checkout' }, namespace: 'knative-lambda' }),
      open(4, { subject: { kind: 'deployment', name: 'builder' }, namespace: 'knative-lambda' }),
    ]);
    made.touched = [4];
    return made;
  };

  it('belongs to the incident of that object, not to the one that was touched last', async () => {
    const one = world();
    const answer = await run(one, 'diag logs checkout-7d9f-x2');
    expect(answer.incidentNumber).toBe(3);
    expect(one.entries.map(({ number }) => number)).toEqual([3]);
  });

  it('stands alone where no incident is about it', async () => {
    const one = world();
    const answer = await run(one, 'diag logs other');
    expect(answer.incidentNumber).toBeNull();
    expect(one.entries).toEqual([]);
  });

  it('without a name belongs to the one that was touched last, unless another namespace is named', async () => {
    const one = world();
    expect((await run(one, 'diag pods')).incidentNumber).toBe(4);
    expect((await run(one, 'diag pods -n knative-lambda-builds')).incidentNumber).toBeNull();
    expect((await run(one, 'diag pods -l app=other')).incidentNumber).toBeNull();
  });
});
