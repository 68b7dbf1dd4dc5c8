import { beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { LiveLook } from '../../src/commands/ports.ts';
import { type Reply, reply } from '../../src/commands/reply.ts';
import { ResponderError } from '../../src/errors.ts';
import type { Actor } from '../../src/incidents/incident.ts';
import type { TimelineDraft } from '../../src/incidents/timeline.ts';
import type { JobRequest } from '../../src/jobs/jobKinds.ts';
import { type LiveLookPorts, runLiveRound } from '../../src/jobs/liveLook.ts';
import { createLiveLookStore, type LiveLookStore } from '../../src/jobs/liveLookStore.ts';

const START = Date.UTC(2026, 1, 3, 3, 0, 0);
const ANA: Actor = { type: 'slack', id: 'UANA', name: 'ana' };
const BEN: Actor = { type: 'slack', id: 'UBEN', name: 'ben' };

let now: number;
let stored: string | null;
let due: Map<string, number>;
let asked: number;
let messages: Reply[];
let entries: (TimelineDraft & { incident: number })[];
let answers: () => Promise<Reply>;
let message: 'shown' | 'waiting' | 'gone';
let storm: boolean;
let looks: LiveLookStore;
let ports: LiveLookPorts;

beforeEach(() => {
  now = START;
  stored = null;
  due = new Map();
  asked = 0;
  messages = [];
  entries = [];
  answers = async () => reply({ title: 'Logs of checkout', lines: [`line ${asked}`], summary: `${asked} lines` });
  message = 'shown';
  storm = false;
  const jobs = {
    enqueue: async (requests: readonly JobRequest[]) => {
      for (const job of requests) {
        const id = String(job.payload.look);
        due.set(id, Math.min(due.get(id) ?? Number.POSITIVE_INFINITY, job.runAt ?? now));
      }
    },
  };
  const settings = {
    get: async () => stored,
    swap: async (_key: string, expected: string | null, value: string) => {
      if (stored !== expected) return false;
      stored = value;
      return true;
    },
  };
  const clock = () => now;
  looks = createLiveLookStore({ settings, jobs, storm: async () => storm, clock });
  ports = {
    looks,
    jobs,
    clock,
    storm: async () => storm,
    execute: async () => {
      asked += 1;
      return answers();
    },
    show: async (_look, shown) => {
      if (message === 'shown') messages.push(shown);
      return message;
    },
    record: async (incident, entry) => void entries.push({ ...entry, incident }),
    log: pino({ level: 'silent' }),
  };
});

const look = (id: string, actor: Actor = ANA): LiveLook => ({
  id,
  asked: 'diag logs --follow',
  line: 'diag logs',
  incidentNumber: 7,
  place: null,
  actor,
  startedAt: now,
});
/** Lets time pass to the round that is due, and runs it. False when none is. */
async function round(id: string, signal = new AbortController().signal): Promise<boolean> {
  const at = due.get(id);
  if (at === undefined) return false;
  due.delete(id);
  now = Math.max(now, at);
  await runLiveRound(id, ports, signal);
  return true;
}
const rounds = async (id: string, count: number): Promise<void> => {
  for (let done = 0; done < count; done += 1) await round(id);
};
const last = (): Reply | undefined => messages.at(-1);

describe('a look that goes on', () => {
  test('is asked for again every five seconds, ends after two minutes, and keeps its last state', async () => {
    expect(await looks.begin(look('a'))).toEqual({ kind: 'begun' });
    let count = 0;
    while (await round('a')) count += 1;
    expect([count, asked, now - START]).toEqual([24, 23, 120_000]);
    expect(messages[0]?.live).toEqual({ line: 'diag logs' });
    expect(last()).toMatchObject({ lines: ['line 23'], live: null });
    expect(last()?.notes[0]).toBe('Ended at 03:02:00 UTC: 2 min are over.');
    expect(await looks.read()).toBeNull();
    expect(entries.map(({ incident, text }) => [incident, text])).toEqual([
      [7, '/lambda diag logs: kept up to date for 120 s, ended: 2 min are over. At the end: 23 lines'],
    ]);
  });

  test('is one at a time: a second one is told whose goes on, and may begin when that has ended', async () => {
    await looks.begin(look('a'));
    expect(await looks.begin(look('b', BEN))).toMatchObject({ kind: 'busy', other: { id: 'a', actor: ANA } });
    await looks.stop(BEN);
    await round('a');
    expect(await looks.begin(look('b', BEN))).toEqual({ kind: 'begun' });
  });

  test('begins once however often its job runs, and for one of two at the same moment', async () => {
    expect(await Promise.all([looks.begin(look('a')), looks.begin(look('b'))])).toEqual([
      { kind: 'begun' },
      expect.objectContaining({ kind: 'busy' }),
    ]);
    expect(await looks.begin(look('a'))).toEqual({ kind: 'begun' });
    expect(due.size).toBe(1);
  });

  test('ends at once when somebody stops it, and says who', async () => {
    await looks.begin(look('a'));
    await rounds('a', 2);
    expect((await looks.stop(BEN))?.id).toBe('a');
    expect(due.get('a')).toBe(now);
    await round('a');
    expect(asked).toBe(2);
    expect(last()).toMatchObject({ live: null, lines: ['line 2'] });
    expect(last()?.notes[0]).toBe('Ended at 03:00:10 UTC: stopped by ben.');
    expect(await looks.stop(ANA)).toBeNull();
  });

  test('stopped while a round runs, ends with the next one at once', async () => {
    await looks.begin(look('a'));
    answers = async () => {
      await looks.stop(BEN);
      return reply({ title: 'late' });
    };
    await round('a');
    expect(due.get('a')).toBe(now);
    await round('a');
    expect(last()?.notes[0]).toContain('stopped by ben');
  });

  test('does not begin in a storm, and ends when one comes', async () => {
    storm = true;
    expect(await looks.begin(look('a'))).toEqual({ kind: 'storm' });
    storm = false;
    await looks.begin(look('a'));
    await round('a');
    storm = true;
    await round('a');
    expect(last()?.notes[0]).toContain('many incidents open at once');
    expect(await round('a')).toBe(false);
  });

  test('after a restart says from when to when nobody looked, and ends', async () => {
    await looks.begin(look('a'));
    await round('a');
    now += 45_000;
    await round('a');
    expect(last()?.notes[0]).toBe(
      'Ended at 03:00:50 UTC: the responder was away from 03:00:05 UTC to 03:00:50 UTC, perhaps for a restart.',
    );
    expect(last()?.lines).toEqual(['line 1']);
  });

  test('left behind by a process that died can be taken over', async () => {
    await looks.begin(look('a'));
    now += 31_000;
    expect(await looks.begin(look('b', BEN))).toEqual({ kind: 'begun' });
    await round('a');
    expect(messages).toEqual([]);
    await round('b');
    expect(messages).toHaveLength(1);
  });

  test('shows the last good answer while the cluster fails, and ends after three rounds without any', async () => {
    await looks.begin(look('a'));
    await round('a');
    answers = async () => reply({ tone: 'error', title: 'The API server does not answer.' });
    await round('a');
    expect(last()).toMatchObject({ lines: ['line 1'], tone: 'warning', live: { line: 'diag logs' } });
    expect(last()?.notes[1]).toBe('No newer answer at 03:00:10 UTC: The API server does not answer.');
    await rounds('a', 2);
    expect(last()).toMatchObject({ lines: ['line 1'], live: null });
    expect(last()?.notes[0]).toContain('3 times in a row there was no answer: The API server does not answer.');
    expect(await round('a')).toBe(false);
  });

  test('goes on when the cluster is back in time', async () => {
    await looks.begin(look('a'));
    const good = answers;
    answers = async () => {
      throw new ResponderError('unreachable', 'connection refused');
    };
    await rounds('a', 2);
    answers = good;
    await round('a');
    expect(last()).toMatchObject({ lines: ['line 3'], live: { line: 'diag logs' } });
    expect((await looks.read())?.failures).toBe(0);
  });

  test('ends quietly when its message was deleted', async () => {
    await looks.begin(look('a'));
    message = 'gone';
    await round('a');
    expect([messages, await looks.read(), await round('a')]).toEqual([[], null, false]);
    expect(entries[0]?.text).toContain('its message is gone');
  });

  test('waits for its message to be posted, not for ever', async () => {
    await looks.begin(look('a'));
    message = 'waiting';
    let count = 0;
    while (await round('a')) count += 1;
    expect(count).toBe(7);
  });

  test('loses a round, not itself, when Slack limits the rate; its last word is tried again', async () => {
    await looks.begin(look('a'));
    const show = ports.show;
    const limited: LiveLookPorts['show'] = async () => {
      throw new ResponderError('rate_limited', 'slow down', { retryAfterMs: 3_000 });
    };
    ports = { ...ports, show: limited };
    await round('a');
    expect(due.get('a')).toBe(START + 10_000);
    await looks.stop(ANA);
    await expect(round('a')).rejects.toThrow('slow down');
    ports = { ...ports, show };
    await runLiveRound('a', ports, new AbortController().signal);
    expect(last()?.notes[0]).toContain('stopped by ana');
  });

  test('stopped with the process, its round runs again later', async () => {
    await looks.begin(look('a'));
    const stop = new AbortController();
    answers = async () => {
      stop.abort();
      throw new ResponderError('cancelled', 'stopped');
    };
    await expect(round('a', stop.signal)).rejects.toThrow();
    expect((await looks.read())?.rounds).toBe(0);
  });
});
