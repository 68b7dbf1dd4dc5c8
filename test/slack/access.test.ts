import { afterEach, describe, expect, test } from '@jest/globals';
import type { Fault } from '../../simulator/workspace/faults.ts';
import type { SeedChannel } from '../../simulator/workspace/seed.ts';
import { refuseCommand, refusePerson } from '../../src/commands/access.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import type { Invocation } from '../../src/commands/invocation.ts';
import { type Bench, startBench, until } from './bench.ts';
import { alert, known } from './samples.ts';

const HOUR = 3_600_000;
const USERS = [
  { id: 'U0EVE', name: 'eve', stranger: true },
  { id: 'U0MAX', name: 'max', deleted: true },
] as const;
const ID: Readonly<Record<string, string>> = { ana: 'U0ANA', sam: 'U0STRANGER', eve: 'U0EVE', max: 'U0MAX' };
const INCIDENTS: SeedChannel = {
  id: 'C0INCIDENTS',
  name: 'incidents',
  members: ['ana', 'jun', 'kim', 'sam', 'eve', 'max', 'U0RESPONDER'],
};

/** What a door lets through: every command, those of docs/rules.md#membership-unknown for who was seen within a day, or none. */
type Level = 'all' | 'some' | 'nothing';

/** What Slack does when it is asked. */
const LOOKUPS: Readonly<Record<string, Omit<Fault, 'method'>>> = {
  'answers 429': { kind: 'rate_limited', seconds: 3_600 },
  'answers HTTP 500': { kind: 'down', status: 500 },
  'breaks the connection': { kind: 'down' },
  'is slow': { kind: 'slow', seconds: 3_600 },
  'wants a scope': { kind: 'refused', error: 'missing_scope' },
  'has a problem of its own': { kind: 'refused', error: 'internal_error' },
  'knows nobody of that id': { kind: 'refused', error: 'user_not_found' },
  'knows no such channel': { kind: 'refused', error: 'channel_not_found' },
};

let bench: Bench;
afterEach(() => bench.close());

interface Row {
  readonly who: string;
  readonly shared?: boolean;
  /** Method and what Slack does when it is called; it answers when absent. */
  readonly method?: 'users.info' | 'conversations.info';
  readonly lookup?: keyof typeof LOOKUPS;
  /** When both were last seen in good standing, hours ago. */
  readonly seenHours?: number;
}

async function world({ who, shared, method, lookup, seenHours }: Row): Promise<string> {
  bench = await startBench({
    workspace: { seed: { users: USERS, channels: [{ ...INCIDENTS, external: shared === true }] } },
  });
  const now = Date.now();
  const times = { startedAt: now, openedAt: now, lastActivityAt: now };
  bench.ports.known.set(7, known({ number: 7, ...times }, [alert({ incidentNumber: 7 })]));
  await bench.door.delivery.deliverCard(7, bench.signal);
  if (seenHours !== undefined)
    for (const id of [ID[who] ?? '', 'C0INCIDENTS'])
      bench.ports.members.set(id, { at: now - seenHours * HOUR, name: who });
  if (method && lookup) await bench.people.fault({ kind: 'down', ...LOOKUPS[lookup], method });
  return bench.ports.rows.get('card:7')?.ts ?? '';
}

/** Each door through which a command comes, and what it does; resolves once it was taken. */
const DOORS: Readonly<Record<string, (user: string, card: string) => Promise<unknown>>> = {
  slash: (user) => bench.people.command({ user, channel: '#incidents', text: '/lambda status' }),
  mention: (user) => bench.people.mention({ user, channel: '#incidents', text: 'status' }),
  'direct message': (user) => bench.people.message({ user, channel: 'dm', text: 'status' }),
  button: (user, ts) => bench.people.click({ user, channel: '#incidents', ts, actionId: 'lambda:ack' }),
  menu: (user, ts) =>
    bench.people.click({ user, channel: '#incidents', ts, actionId: 'lambda:more', value: '#7 postmortem' }),
  async form(user, ts) {
    const place = { user, channel: '#incidents', ts };
    const before = bench.ports.submitted.length;
    await bench.people.click({ ...place, actionId: 'lambda:more', value: '#7 form note' });
    await until(async () => (await bench.people.modals(user)).length > 0 || bench.ports.submitted.length > before);
    // Who is refused is told so at the press, and sees no form.
    if ((await bench.people.modals(user)).length > 0)
      await bench.people.viewSubmit({ user, values: { text: 'rolled back' } });
  },
};

/** What is let through for what came last, once who asked was looked at again as before it runs. */
async function levelOf(count: number): Promise<Level> {
  await until(() => bench.ports.submitted.length >= count);
  const taken = bench.ports.submitted[count - 1];
  if (!taken) throw new Error('nothing was submitted');
  return levelFor(await bench.door.lookAgain(taken.invocation, AbortSignal.timeout(500)));
}

function levelFor(invocation: Invocation): Level {
  const refused = COMMANDS.filter(
    (command) => refusePerson(invocation) ?? refuseCommand(command, command.access, invocation),
  ).map(({ name }) => name);
  if (refused.length === 0) return 'all';
  if (refused.length === COMMANDS.length) return 'nothing';
  expect(refused.toSorted()).toEqual(['merge', 'mitigate', 'postmortem', 'reopen', 'resolve', 'severity', 'split']);
  return 'some';
}

/** The three ways to the timeline, each with a message of its own: how many were kept. */
async function keepInTimeline(user: string, thread: string): Promise<number> {
  const say = (text: string) => bench.people.message({ user, channel: '#incidents', thread, text });
  const [first, second, third] = [await say('one'), await say('two'), await say('three')];
  const place = { user, channel: '#incidents' };
  const before = bench.ports.entries.length;
  await bench.people.react({ ...place, ts: first.ts, name: 'pushpin' });
  await bench.people.pin({ ...place, ts: second.ts });
  await bench.people.shortcut({ ...place, callbackId: 'add_to_timeline', ts: third.ts });
  const told = async () =>
    JSON.stringify(await bench.people.ephemerals(user)).split('Not kept in the timeline of #7').length;
  await until(async () => bench.ports.entries.length - before === 3 || (await told()) - 1 === 3);
  return bench.ports.entries.length - before;
}

async function seesHome(user: string): Promise<boolean> {
  await bench.people.openHome(user);
  await until(async () => (await bench.people.home(user)) !== null);
  return JSON.stringify(await bench.people.home(user)).includes('BuildOOMKilled');
}

async function levels(row: Row): Promise<Readonly<Record<string, Level>>> {
  const card = await world(row);
  const found: Record<string, Level> = {};
  for (const [index, [name, come]] of Object.entries(DOORS).entries()) {
    await come(row.who, card);
    found[name] = await levelOf(index + 1);
  }
  return found;
}

function everywhere(level: Level, direct: Level = level): Readonly<Record<string, Level>> {
  return Object.fromEntries(Object.keys(DOORS).map((name) => [name, name === 'direct message' ? direct : level]));
}

const FAILING = ['answers 429', 'answers HTTP 500', 'breaks the connection', 'is slow', 'wants a scope'] as const;
const person = { who: 'ana', method: 'users.info' } as const;
const channel = { who: 'ana', method: 'conversations.info' } as const;
const CHANNEL_FAILING = [
  'answers 429',
  'answers HTTP 500',
  'has a problem of its own',
  'wants a scope',
  'knows no such channel',
] as const;

describe('who is let in, by door and by what Slack says of them', () => {
  test.each<readonly [string, Row, Level]>([
    ['a full member does', { who: 'ana' }, 'all'],
    ['a guest does', { who: 'sam', seenHours: 1 }, 'nothing'],
    ['somebody of another organisation does', { who: 'eve', seenHours: 1 }, 'nothing'],
    ['a deactivated member does', { who: 'max', seenHours: 1 }, 'nothing'],
    ['somebody Slack knows nothing of does', { ...person, lookup: 'knows nobody of that id', seenHours: 1 }, 'nothing'],
    ...FAILING.flatMap((lookup): (readonly [string, Row, Level])[] => [
      [`a person never seen does while users.info ${lookup}`, { ...person, lookup }, 'nothing'],
      [`a member seen an hour ago does while users.info ${lookup}`, { ...person, lookup, seenHours: 1 }, 'some'],
    ]),
    [
      'a member seen 25 hours ago does while users.info fails',
      { ...person, lookup: 'answers 429', seenHours: 25 },
      'nothing',
    ],
    ['a guest does while users.info fails', { ...person, who: 'sam', lookup: 'answers 429' }, 'nothing'],
  ])('what %s', async (_what, row, level) => {
    expect(await levels(row)).toEqual(everywhere(level));
    expect(await keepInTimeline(row.who, bench.ports.rows.get('card:7')?.ts ?? '')).toBe(level === 'nothing' ? 0 : 3);
    expect(await seesHome(row.who)).toBe(level !== 'nothing');
    for (const { entry } of bench.ports.entries)
      expect(/membership last checked \d{4}-\d\d-\d\d/.test(entry.actor.name ?? '')).toBe(level === 'some');
  });

  test.each<readonly [string, Row, Level]>([
    ['a channel shared with another organisation', { who: 'ana', shared: true, seenHours: 1 }, 'nothing'],
    [
      'a shared channel of which Slack says nothing',
      { ...channel, shared: true, lookup: 'answers HTTP 500' },
      'nothing',
    ],
    ...CHANNEL_FAILING.flatMap((lookup): (readonly [string, Row, Level])[] => [
      [`a channel never seen, while conversations.info ${lookup}`, { ...channel, lookup }, 'nothing'],
      [`a channel seen an hour ago, while conversations.info ${lookup}`, { ...channel, lookup, seenHours: 1 }, 'some'],
    ]),
    [
      'a channel seen 25 hours ago, while conversations.info fails',
      { ...channel, lookup: 'answers 429', seenHours: 25 },
      'nothing',
    ],
  ])('what a member does in %s', async (_what, row, level) => {
    expect(await levels(row)).toEqual(everywhere(level, 'all'));
    expect(await keepInTimeline(row.who, bench.ports.rows.get('card:7')?.ts ?? '')).toBe(level === 'nothing' ? 0 : 3);
    expect(await seesHome(row.who)).toBe(true);
  });
});

describe('what Slack said before', () => {
  test('is kept for a member and an own channel, and taken back when it says no', async () => {
    await world({ who: 'ana', seenHours: 1 });
    bench.ports.members.set('U0STRANGER', { at: Date.now() - HOUR, name: 'sam' });
    await bench.people.command({ user: 'ana', channel: '#incidents', text: '/lambda status' });
    await bench.people.command({ user: 'sam', channel: '#incidents', text: '/lambda status' });
    await until(() => !bench.ports.members.has('U0STRANGER'));
    for (const id of ['U0ANA', 'C0INCIDENTS'])
      expect(Date.now() - (bench.ports.members.get(id)?.at ?? 0)).toBeLessThan(HOUR / 2);
  });

  test('is asked for again before the command runs, with more time than at the door', async () => {
    await world({ ...person, lookup: 'answers HTTP 500' });
    await bench.people.command({ user: 'ana', channel: '#incidents', text: '/lambda resolve' });
    const [taken] = bench.ports.submitted;
    if (!taken) throw new Error('nothing was submitted');
    expect(levelFor(taken.invocation)).toBe('nothing');
    await bench.people.clearFaults();
    expect(levelFor(await bench.door.lookAgain(taken.invocation, bench.signal))).toBe('all');
  });

  test.each([
    ['a guest', { who: 'sam' }],
    ['somebody Slack cannot tell about', { ...person, lookup: 'answers HTTP 500' }],
  ] as const)('%s who asks for the form to resolve is shown none, and resolves nothing', async (_what, row) => {
    const ts = await world(row);
    const press = { user: row.who, channel: '#incidents', ts, actionId: 'lambda:more' };
    await bench.people.click({ ...press, value: '#7 form resolve' });
    await until(() => bench.ports.submitted.length === 1);
    expect(await bench.people.modals(row.who)).toEqual([]);
    expect(bench.ports.submitted[0]?.invocation).toMatchObject({ text: 'status 7', incidentNumber: 7 });
  });

  test('a member may keep what a guest wrote, and the timeline says that it was a guest', async () => {
    const thread = await world({ who: 'ana' });
    const { ts } = await bench.people.message({ user: 'sam', channel: '#incidents', thread, text: 'our side is up' });
    await bench.people.react({ user: 'ana', channel: '#incidents', ts, name: 'pushpin' });
    await until(() => bench.ports.entries.length === 1);
    expect(bench.ports.entries[0]?.entry).toMatchObject({
      actor: { id: 'U0ANA' },
      text: 'sam (guest): our side is up',
    });
  });
});
