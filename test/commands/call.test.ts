import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POLICY } from '../../src/incidents/policy.ts';
import { NOW, OOM, run, SETTINGS, World } from './fakes.ts';

const { escalation } = DEFAULT_POLICY;
const WITH_POLICY = {
  ...SETTINGS,
  escalation: {
    ...escalation,
    policies: [
      {
        name: 'platform',
        rounds: 3,
        pauseMs: 600_000,
        rungs: [
          { afterMs: null, notify: [{ kind: 'group', name: 'primary' }] },
          { afterMs: null, notify: [{ kind: 'user', name: 'U0BOSS' }] },
        ],
      },
    ],
    bySeverity: { sev1: 'platform', sev2: null },
  },
} as const;

describe('page', () => {
  it.each([
    ['page <@U0JUN|jun>', [{ kind: 'user', name: 'U0JUN' }]],
    [
      'page #12 <!subteam^S0ONCALL|@oncall> <@U0JUN|jun>',
      [
        { kind: 'user', name: 'U0JUN' },
        { kind: 'group', name: 'S0ONCALL' },
      ],
    ],
    ['page 12 @platform-secondary', [{ kind: 'group', name: 'platform-secondary' }]],
    ['page -i 12 @primary', [{ kind: 'group', name: 'primary' }]],
    ['page platform', [{ kind: 'group', name: 'primary' }]],
  ])('“%s” calls whom it names', async (text, notify) => {
    const world = new World([OOM], WITH_POLICY);
    await run(world, text);
    expect(world.changes).toMatchObject([{ number: 12, change: { kind: 'page', notify } }]);
  });

  it('offers for each of several incidents a button that calls the same person and the same group', async () => {
    const world = new World([OOM, { ...OOM, incident: { ...OOM.incident, number: 13 } }], WITH_POLICY);
    const answer = await run(world, 'page <@U0JUN|jun> <!subteam^S0ONCALL|@oncall>');
    expect(JSON.stringify(answer)).toContain('"page #13 U0JUN @S0ONCALL"');
    await run(world, 'page #13 U0JUN @S0ONCALL');
    expect(world.changes).toMatchObject([
      {
        number: 13,
        change: {
          notify: [
            { kind: 'user', name: 'U0JUN' },
            { kind: 'group', name: 'S0ONCALL' },
          ],
        },
      },
    ]);
  });

  it.each(['page ana', 'page @here', 'page @channel'])(
    '“%s” calls nobody, and says how somebody is named',
    async (text) => {
      const world = new World([OOM], WITH_POLICY);
      const answer = await run(world, text);
      expect(world.changes).toEqual([]);
      expect(answer.title).toContain('is nobody I can call');
      expect(answer.summary).toContain('Policies: platform');
    },
  );

  it('without a name asks whom, and offers the policy', async () => {
    const answer = await run(new World([OOM], WITH_POLICY), 'page someone');
    expect(answer.next.map(({ command }) => command)).toEqual(['escalate', 'oncall', 'page platform']);
  });
});

describe('oncall', () => {
  it('shows the times of the incident’s severity, and knows when there is no such incident', async () => {
    const both = { ...WITH_POLICY.escalation, bySeverity: { sev1: 'platform', sev2: 'platform' } };
    const grave = { ...OOM, incident: { ...OOM.incident, severity: 'sev2' as const } };
    const world = new World([grave], { ...WITH_POLICY, escalation: both });
    expect((await run(world, 'oncall 12')).table?.rows[1]?.[1]).toBe('after 15m');
    expect((await run(world, 'oncall 99')).title).toBe('There is no incident #99.');
  });

  it('shows whom each rung calls, when, and for what', async () => {
    const answer = await run(new World([OOM], WITH_POLICY), 'oncall');
    expect(answer.table?.rows).toEqual([
      ['platform', 'at once', '@primary', 'sev1'],
      ['', 'after 5m', 'U0BOSS', ''],
    ]);
    expect(answer.notes.join()).toContain('I know no schedule');
  });

  it('of an incident says who has it and who is called next', async () => {
    const state = { policy: 'platform', since: NOW, done: 1, lastAt: NOW, nextAt: NOW + 300_000 };
    const waits = {
      ...OOM,
      incident: {
        ...OOM.incident,
        severity: 'sev1',
        status: 'open',
        acknowledgedBy: null,
        quietSince: null,
        escalation: state,
      },
    } as const;
    const answer = await run(new World([waits], WITH_POLICY), 'oncall 12');
    expect(answer.title).toBe('#12: nobody has it; next: in 5 min U0BOSS.');
    const status = await run(new World([waits], WITH_POLICY), 'status 12');
    expect(status.summary).toContain('nobody has it, next is called in 5 min U0BOSS.');
  });

  it('says that nobody is called where nothing is configured', async () => {
    const answer = await run(new World([OOM]), 'oncall');
    expect([answer.title, answer.tone]).toEqual(['Nobody is called by itself.', 'warning']);
  });
});

describe('snooze', () => {
  it.each([
    ['snooze 12 30m', 30 * 60_000],
    ['snooze 2h', 2 * 3_600_000],
    ['snooze -i 12 2h', 2 * 3_600_000],
    ['snooze', 3_600_000],
  ])('“%s”', async (text, ms) => {
    const world = new World([OOM]);
    await run(world, text);
    expect(world.changes).toMatchObject([{ number: 12, change: { kind: 'snooze', ms } }]);
  });

  it('refuses what is longer than eight hours', async () => {
    const world = new World([OOM]);
    expect((await run(world, 'snooze 12 2d')).title).toContain('too long: at most 8h');
    expect(world.changes).toEqual([]);
  });
});
