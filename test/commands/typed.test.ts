import { describe, expect, it } from '@jest/globals';
import { COMMANDS } from '../../src/commands/index.ts';
import { readLine } from '../../src/commands/understand/read.ts';
import { tidy, withoutEnd, withoutMarks } from '../../src/commands/understand/tidy.ts';
import { IN_THREAD, incident, OOM, run, World, withIncident } from './fakes.ts';
import { TYPED } from './typed.ts';
import { TYPED_LATER } from './typedLater.ts';
import { linesOf, missed } from './typedLines.ts';
import { TYPED_SPOKEN } from './typedSpoken.ts';

const read = (text: string) => readLine(text, true, COMMANDS);

describe('a typed line', () => {
  it.each([
    ['the list that was written first', TYPED],
    ['the list that was written after', TYPED_LATER],
    ['the list of what people say', TYPED_SPOKEN],
  ])('means what its writer meant, in %s', (_, list) => {
    expect(linesOf(list).flatMap((line) => missed(line, read) ?? [])).toEqual([]);
  });

  it('that is refused always offers something to press', () => {
    const all = [...linesOf(TYPED), ...linesOf(TYPED_LATER), ...linesOf(TYPED_SPOKEN)].map(({ typed }) => read(typed));
    for (const one of all) if (!one.ok) expect(one.reply.next.length).toBeGreaterThan(0);
    const words = [
      'xyzzy',
      'diag',
      'ack x',
      'severity sev9',
      'diag logs --nope',
      'merge',
      'note',
      'declare',
      'diag pods a b c',
    ];
    for (const word of words)
      expect(read(word)).toMatchObject({ ok: false, reply: { next: expect.arrayContaining([expect.anything()]) } });
  });
});

describe('what was read of a line', () => {
  it('stands in the answer, with what was left out', async () => {
    const answer = await run(new World(), 'kubectl get pods -n knative-lambda | sort -k3');
    expect(answer.assumed[0]).toEqual({
      what: 'read as',
      value: 'diag pods -n knative-lambda',
      from: 'from your words, without | sort -k3',
      override: null,
    });
  });

  it('is not repeated for a command in its own spelling', async () => {
    const answer = await run(new World(), 'diag pods');
    expect(answer.assumed.map(({ what }) => what)).not.toContain('read as');
  });
});

describe('a change', () => {
  it.each([
    'fixed',
    'done 12',
    'mine',
    'on it',
    'false alarm',
    'akc 12',
    'erledigt 12',
    'merge 12 with 13',
    'make it sev1',
  ])('is offered and not made for “%s”', async (line) => {
    const world = new World([OOM, { incident: incident({ number: 13 }), alerts: [] }]);
    const answer = await run(world, line);
    expect(world.changes).toEqual([]);
    expect(answer.next.some(({ readOnly }) => !readOnly)).toBe(true);
  });

  it('of the severity by its name alone is made in the incident’s thread and offered elsewhere', async () => {
    const inside = withIncident();
    await run(inside, 'sev1', IN_THREAD);
    expect(inside.changes).toMatchObject([{ number: 12, change: { kind: 'setSeverity', severity: 'sev1' } }]);
    const outside = new World([OOM]);
    const answer = await run(outside, 'sev1');
    expect(outside.changes).toEqual([]);
    expect(answer.next.map(({ command }) => command)).toEqual(['severity sev1', 'incidents']);
  });

  it('is made for its own word in any letter case', async () => {
    const world = new World([OOM]);
    await run(world, 'ACK #12.');
    expect(world.changes).toMatchObject([{ number: 12, change: { kind: 'acknowledge' } }]);
  });
});

describe('a line that may tell or ask', () => {
  it.each([
    'resolved by whom',
    'close enough',
    'close 5 rolled back',
    '2 close to quota',
    '3 log lines of checkout',
    '2 comment threads',
    'mitigated by the rollback',
    'reopened incidents from friday',
    'acked by ana',
    'comment threads',
    'incident 12 resolved?',
    'resolved?',
    'close?',
    '12 acked?',
    '12 resolve?',
    'Ack 12?',
    'ack 12?',
    'resolve 12 ?',
    'resolve 12 rolled back?',
    'sev2 12?',
    'is 12 sev1?',
    'is 12 resolved',
    '12 resolved\uff1f',
    '12 resolved\u061f',
    '“12 resolved?”',
  ])('changes nothing and leaves something to press: “%s”', async (line) => {
    const world = new World([OOM]);
    const answer = await run(world, line);
    expect(world.changes).toEqual([]);
    expect(answer.next.length).toBeGreaterThan(0);
  });

  it('offers the change it names, and says that nothing was changed', async () => {
    const answer = await run(new World([OOM]), '12 resolved?');
    expect(answer.summary).toBe('Nothing was changed.');
    expect(answer.next.map(({ command, readOnly }) => [command, readOnly])).toEqual([
      ['resolve 12', false],
      ['status 12', true],
    ]);
  });

  it('lists the incidents of a status', () => {
    for (const [line, status] of [
      ['resolved incidents', 'resolved'],
      ['mitigated incidents', 'mitigated'],
      ['show me all acked incidents?', 'acknowledged'],
    ] as const)
      expect(read(line)).toMatchObject({ ok: true, command: { name: 'incidents' }, call: { options: { status } } });
    expect(read('reopened incidents')).toMatchObject({ ok: true, command: { name: 'incidents' } });
    expect(read('open incidents')).toMatchObject({ ok: true, command: { name: 'incidents' } });
  });

  it('may be a question where it is a note or comes from a form', async () => {
    const world = new World([OOM]);
    await run(world, 'note 12 is it the database?');
    await run(world, 'resolve --incident=12 -- was it the quota?', { door: 'button' });
    expect(world.changes.map(({ change }) => change.kind)).toEqual(['note', 'resolve']);
  });
});

describe('a refusal of the state of an incident', () => {
  it('shows how that incident stands at a press', async () => {
    const world = new World([OOM]);
    world.refuses = '#12 is already resolved by Ana';
    const answer = await run(world, 'ack 12');
    expect(answer.title).toBe('#12 is already resolved by Ana');
    expect(answer.next.map(({ command }) => command)).toEqual(['status 12']);
  });
});

describe('a word of nothing but marks or spaces', () => {
  it('is read in time that grows with its length, not with its square', () => {
    const costs = (text: string) => {
      const since = process.cpuUsage();
      withoutMarks(`${text}x`);
      withoutEnd(`${text}x`);
      tidy(`a${text.replaceAll('?', ' ')}x`);
      const { user, system } = process.cpuUsage(since);
      return user + system;
    };
    costs('?'.repeat(1_000));
    // A square of 200,000 is minutes.
    expect(costs('?'.repeat(200_000))).toBeLessThan(5_000_000);
  });
});

describe('a word that every object has', () => {
  it.each(['diag pods constructor', 'diag pods toString', 'constructor', '__proto__ checkout', 'valueOf'])(
    'means nothing by itself: “%s”',
    (line) => {
      const got = read(line);
      const said = got.ok ? '' : `${got.reply.title} ${got.reply.summary}`;
      expect(said).not.toMatch(/not needed|native code|comes? later/);
    },
  );
});

describe('an empty line', () => {
  it('shows what is open, and what can be pressed', async () => {
    const answer = await run(new World([OOM]), '');
    expect(answer.title).toBe('1 open, the worst first');
    expect(answer.list?.map(({ press }) => press?.command)).toEqual(['status 12']);
    expect(answer.next.map(({ command }) => command)).toEqual(['diag all', 'help']);
  });

  it('shows the incident of the thread it was typed in', async () => {
    const answer = await run(withIncident(), '', IN_THREAD);
    expect(answer.title).toContain('#12');
    expect(answer.next.map(({ command }) => command)).toEqual(['ack', 'runbook', 'diag all', 'help']);
  });
});

describe('help', () => {
  it('about one diagnostic is about that one', async () => {
    for (const line of ['help diag logs', 'help logs', 'logs --help', 'diag logs -h']) {
      const answer = await run(new World(), line);
      expect(answer.title).toBe('/lambda diag logs [pod] [options]');
      expect((answer.lines ?? []).join('\n')).toContain('--previous');
    }
  });
});
