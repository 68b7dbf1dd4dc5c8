import { describe, expect, it } from '@jest/globals';
import { execute } from '../../src/commands/execute.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { IN_THREAD, incident, invocation, NOW, OOM, resultOf, run, SETTINGS, World, withIncident } from './fakes.ts';

describe('which incident is meant', () => {
  it('takes the only open one for reading, says so, and keeps the documented defaults', async () => {
    const world = new World([OOM]);
    const answer = await run(world, 'diag events');
    expect(world.requests[0]?.namespace).toBe('knative-lambda');
    expect(answer.assumed[0]).toMatchObject({ what: 'incident', value: '#12', from: 'the only open one' });
  });

  it('takes the one this person touched last when several are open', async () => {
    const world = new World([
      { alerts: [], incident: incident({ number: 12 }) },
      { alerts: [], incident: incident({ number: 13 }) },
    ]);
    world.touched = [13];
    const answer = await run(world, 'status');
    expect(answer.incidentNumber).toBe(13);
  });

  it('asks which for a change when several are open, even if one was touched', async () => {
    const world = new World([OOM, { alerts: [], incident: incident({ number: 13 }) }]);
    world.touched = [13];
    const answer = await run(world, 'ack');
    expect(answer.title).toBe('Which incident?');
    expect(answer.list?.map(({ press }) => press?.command)).toEqual(['ack 13', 'ack 12']);
    expect(world.changes).toEqual([]);
  });

  it('takes a number', async () => {
    const world = new World([OOM, { alerts: [], incident: incident({ number: 13 }) }]);
    await run(world, 'ack #13');
    expect(world.changes).toMatchObject([{ number: 13, change: { kind: 'acknowledge' }, at: NOW }]);
  });

  it('says when there is no such incident', async () => {
    expect((await run(new World(), 'ack 99')).title).toBe('There is no incident #99.');
  });
});

describe('status', () => {
  const queue = (dead: number, oldestDueAt: number | null) => ({
    deadCount: async () => dead,
    deadLetters: async (limit: number) =>
      Array.from({ length: Math.min(dead, limit) }, (_, index) => ({
        id: 7 + index,
        kind: 'deliverCard',
        deadAt: NOW - 120_000,
        error: 'not_in_channel',
      })),
    depth: async (now: number) => [
      { lane: 'person', due: 1, oldestDueAt: now - 100 },
      { lane: 'edit', due: oldestDueAt === null ? 0 : 12, oldestDueAt },
    ],
  });

  it.each<[string, () => World]>([
    ['an incident', withIncident],
    ['none that is open', () => new World()],
  ])('of %s says what the responder itself gave up and what has long been waiting', async (_which, make) => {
    const world = make();
    world.queue = queue(5, NOW - 240_000);
    const answer = await run(world, 'status', IN_THREAD);
    expect(answer.findings).toHaveLength(1);
    expect(answer.findings[0]).toMatchObject({
      conclusion: 'I gave up 5 pieces of my own work; a card, an answer or an alert may be missing.',
      nextStep: expect.stringContaining('lambda-responder jobs list'),
    });
    expect(answer.findings[0]?.because[0]).toBe('deliverCard (job 7), 2m ago: not_in_channel');
    expect(answer.findings[0]?.because).toHaveLength(3);
    expect(answer.notes).toEqual(['12 jobs of my own are pending in lane edit, the oldest for 4m.']);
  });

  it('says nothing of work that goes on as it should', async () => {
    const world = withIncident();
    world.queue = queue(0, null);
    expect(await run(world, 'status', IN_THREAD)).toMatchObject({ incidentNumber: 12, findings: [], notes: [] });
  });
});

describe('changes', () => {
  it('keeps a note word for word', async () => {
    const world = withIncident();
    await run(world, 'note the build’s —odd— flags: --tail=5 & more', IN_THREAD);
    expect(world.changes[0]?.change).toEqual({ kind: 'note', text: "the build's --odd— flags: --tail=5 & more" });
  });

  it('takes a leading number in a note only where the place does not say which incident', async () => {
    const inThread = withIncident();
    await run(inThread, 'note 12 pods restarted', IN_THREAD);
    expect(inThread.changes[0]).toMatchObject({ number: 12, change: { text: '12 pods restarted' } });
    const outside = new World([OOM, { alerts: [], incident: incident({ number: 13 }) }]);
    await run(outside, 'note 13 pods restarted');
    expect(outside.changes[0]).toMatchObject({ number: 13, change: { text: 'pods restarted' } });
  });

  it('changes nothing when the same invocation runs again after a crash', async () => {
    const world = withIncident();
    await run(world, 'note once', IN_THREAD);
    const again = await run(world, 'note once', IN_THREAD);
    expect(world.changes).toHaveLength(1);
    expect(again.title).toBe('Noted on #12.');
  });

  it.each([
    ['resolve rolled back', { kind: 'resolve', note: 'rolled back', dismissed: false }],
    ['resolve --dismiss load test', { kind: 'resolve', note: 'load test', dismissed: true }],
    ['resolve', { kind: 'resolve', note: null, dismissed: false }],
    ['severity p0', { kind: 'setSeverity', severity: 'sev1' }],
    ['mitigate on the old revision', { kind: 'mitigate', note: 'on the old revision' }],
    ['unack', { kind: 'unacknowledge' }],
  ])('%s', async (text, change) => {
    const world = withIncident();
    await run(world, text, IN_THREAD);
    expect(world.changes[0]?.change).toEqual(change);
  });

  it('merges one into another', async () => {
    const world = new World([OOM, { alerts: [], incident: incident({ number: 13 }) }]);
    await run(world, 'merge 13 into 12');
    expect(world.changes[0]).toMatchObject({ number: 13, change: { kind: 'mergeInto', target: 12 } });
  });

  it('declares an incident once', async () => {
    const world = new World();
    const text = 'declare customers report timeouts --severity sev2 -n knative-lambda';
    await run(world, text);
    const again = await run(world, text);
    expect(world.incidents).toHaveLength(1);
    expect(again.title).toContain('declared as sev2');
  });
});

describe('who may', () => {
  it.each([
    ['a guest', { membership: 'guest' }],
    ['a stranger', { membership: 'stranger' }],
    ['somebody Slack knows nothing of', { membership: 'gone', lastChecked: NOW }],
    ['anyone in an externally shared channel', { place: { channel: 'C', threadTs: null, external: true } }],
    ['who cannot be checked', { membership: 'unknown' }],
    ['anyone where it cannot be checked', { place: { channel: 'C', threadTs: null, external: null } }],
  ] as const)('refuses %s', async (_who, parts) => {
    const world = new World();
    const answer = await run(world, 'diag jobs', parts);
    expect(answer).toMatchObject({ tone: 'warning', visibility: 'asker' });
    expect(world.requests).toEqual([]);
  });

  const UNSURE = { ...IN_THREAD, membership: 'unknown', lastChecked: NOW - 3_600_000 } as const;
  const MARK = /membership last checked \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/;

  it.each(['diag jobs', 'status', 'ack', 'note it is back'])(
    'lets who was seen within a day run %s, and says when that was',
    async (line) => {
      const world = withIncident();
      const answer = await run(world, line, UNSURE);
      expect(answer.tone).not.toBe('warning');
      expect(answer.notes.join(' ')).toMatch(new RegExp(MARK.source, 'i'));
      for (const { actor } of [...world.changes, ...world.entries]) expect(actor.name).toMatch(MARK);
    },
  );

  it.each(['resolve fixed', 'resolve', 'severity sev1', 'mitigate done', 'postmortem', 'merge 13 into 12', 'reopen'])(
    'refuses %s to who was seen within a day but cannot be checked now, naming another door',
    async (line) => {
      const world = new World([OOM, { alerts: [], incident: incident({ number: 13 }) }]);
      const answer = await run(world, line, UNSURE);
      expect(answer).toMatchObject({ tone: 'warning', visibility: 'asker', file: null });
      expect(answer.summary).toContain('personal token');
      expect(world.changes).toEqual([]);
    },
  );

  it('refuses a namespace that is not open, naming the setting', async () => {
    const answer = await run(new World(), 'diag pods -n kube-system');
    expect(answer.summary).toContain('access.namespaces');
  });

  it('refuses -A unless it is allowed', async () => {
    expect((await run(new World(), 'diag pods -A')).title).toBe('-A is switched off.');
    const open = new World([], { ...SETTINGS, allowAllNamespaces: true });
    await run(open, 'diag pods -A');
    expect(open.requests[0]).toMatchObject({ allNamespaces: true, namespace: null });
  });

  it('lets a shared terminal token read, note and acknowledge, and nothing more', async () => {
    const terminal = { door: 'terminal', verified: false, place: null, incidentNumber: 12 } as const;
    const world = new World([OOM]);
    await run(world, 'ack', terminal);
    await run(world, 'note seen', terminal);
    const answer = await run(world, 'resolve', terminal);
    expect(answer.title).toBe('resolve needs to know who you are.');
    expect(world.changes).toHaveLength(2);
  });

  it('lets a runbook only read', async () => {
    const world = new World([OOM]);
    const answer = await run(world, 'ack 12', { door: 'runbook' });
    expect(answer.title).toContain('cannot run ack');
  });
});

describe('answers', () => {
  it('names every command and every diagnostic in its help, in what one message shows', async () => {
    const overview = (await run(new World(), 'help')).lines ?? [];
    expect(overview.map((line) => line.split(' ')[0])).toEqual(
      expect.arrayContaining(COMMANDS.map(({ name }) => name)),
    );
    const forms = (await run(new World(), 'help diag')).lines ?? [];
    expect(forms.join('\n')).toContain('diag top pods');
    for (const lines of [overview, forms]) expect(lines.length).toBeLessThanOrEqual(25);
  });

  it('gives help for --help and for a topic', async () => {
    expect((await run(new World(), 'help')).title).toBe('What you can ask');
    expect((await run(new World(), 'diag logs --help')).title).toContain('/lambda diag');
    expect((await run(new World(), 'help note')).title).toContain('/lambda note');
  });

  it('puts the full text into a file when it does not fit a message', async () => {
    const world = new World();
    world.answer = (request) =>
      resultOf(request, { table: null, lines: Array.from({ length: 60 }, (_, n) => `line ${n}`) });
    const answer = await run(world, 'diag logs');
    expect(answer.file?.content).toContain('line 59');
  });

  it('stops without an answer only when it was stopped', async () => {
    const stop = new AbortController();
    const world = new World();
    world.answer = () => {
      stop.abort();
      throw new Error('aborted');
    };
    await expect(execute(invocation('diag jobs'), world.ports(), stop.signal)).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it('makes an answer of a defect', async () => {
    const world = new World();
    world.answer = () => {
      throw new TypeError('x is undefined');
    };
    expect(await run(world, 'diag jobs')).toMatchObject({ tone: 'error', visibility: 'asker' });
  });
});

describe('a diagnostic that names an object', () => {
  const about = (parts: Partial<Parameters<typeof incident>[0]>) =>
    new World([{ alerts: [], incident: incident({ number: 12, namespace: 'knative-lambda-builds', ...parts }) }], {
      ...SETTINGS,
      clusters: ['default', 'west'],
    });
  const incidentOf = async (world: World, line: string) =>
    (await run(world, line)).assumed.find(({ what }) => what === 'incident')?.value ?? null;

  it('belongs to the incident about it in the namespace and cluster that are read', async () => {
    const line = 'diag pods image-resizer -n knative-lambda-builds';
    expect(await incidentOf(about({}), line)).toBe('#12');
    expect(await incidentOf(about({ cluster: 'west' }), `${line} --cluster west`)).toBe('#12');
  });

  it.each([
    ['in another namespace than was typed', { namespace: 'shop' }, 'diag pods image-resizer -n knative-lambda-builds'],
    ['in another namespace than the documented one', { namespace: 'shop' }, 'diag pods image-resizer'],
    ['in another cluster than was typed', {}, 'diag pods image-resizer -n knative-lambda-builds --cluster west'],
    ['in a cluster that cannot be read', { cluster: 'gone' }, 'diag pods image-resizer -n knative-lambda-builds'],
    ['the only open one, in a cluster that cannot be read', { cluster: 'gone' }, 'diag pods'],
  ])('stands alone beside an incident %s', async (_, parts, line) => {
    const world = about(parts);
    expect(await incidentOf(world, line)).toBe(null);
    expect(world.requests).toHaveLength(1);
    expect(world.entries).toEqual([]);
  });
});
