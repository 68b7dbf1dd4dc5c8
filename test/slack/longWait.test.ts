import { afterEach, expect, test } from '@jest/globals';
import { WebAPIRateLimitedError, WebClient } from '@slack/web-api';
import { pino } from 'pino';
import { createState, noteOutcome } from '../../src/slack/connection/state.ts';
import { createPacing, type Slot } from '../../src/slack/delivery/pacing.ts';
import { createSlackApi } from '../../src/slack/delivery/slackApi.ts';
import { type Bench, startBench } from './bench.ts';
import { stillClock } from './clocks.ts';
import { alert, known } from './samples.ts';

const log = pino({ level: 'silent' });
const DAY_S = 86_400;
const POST: Slot = { method: 'chat.postMessage', channel: 'C1', priority: 'urgent' };

let bench: Bench | null = null;
afterEach(async () => {
  await bench?.close();
  bench = null;
});

/** Our calls to a Slack that asks for a day of silence until `says.taken`; the connection's state; and what was called. */
function door() {
  const clock = stillClock();
  const state = createState('http', clock);
  state.connection(true, null);
  const says = { taken: false, calls: 0 };
  const api = createSlackApi({
    client: new WebClient('xoxb-test'),
    pacing: createPacing({ clock, log, shared: null }),
    log,
    onOutcome: (slot, error) => noteOutcome(state, clock, slot, error),
  });
  const post = (slot: Slot = POST): Promise<string> =>
    api.call(slot, new AbortController().signal, async () => {
      says.calls += 1;
      await new Promise(setImmediate);
      if (!says.taken && slot.channel === 'C1') throw new WebAPIRateLimitedError(DAY_S);
      return 'posted';
    });
  return { clock, state, says, post };
}

test('a Slack that asks for a day of silence is asked again after five minutes, by one call', async () => {
  const { clock, says, post } = door();
  await expect(post()).rejects.toMatchObject({ code: 'rate_limited', retryable: true });
  clock.at += 4 * 60_000;
  await expect(post()).rejects.toMatchObject({ code: 'rate_limited' });
  expect(says.calls).toBe(1);
  clock.at += 61_000;
  const outcomes = await Promise.allSettled([post(), post(), post()]);
  expect(says.calls).toBe(2);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  clock.at += 301_000;
  says.taken = true;
  const again = await Promise.allSettled([post(), post(), post()]);
  expect(again.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  // Taken: what waits follows.
  expect(await Promise.all([post(), post()])).toEqual(['posted', 'posted']);
});

test('the status names the channel, the wait and when it is asked again, until that channel takes a message', async () => {
  const { clock, state, says, post } = door();
  await expect(post()).rejects.toBeDefined();
  expect(state.status().problem).toContain('86400 s (chat.postMessage in C1). It is retried after 300 s');
  await post({ ...POST, channel: 'C2' });
  expect(state.status().problem).toContain('in C1');
  clock.at += 301_000;
  says.taken = true;
  await post();
  expect(state.status().problem).toBeNull();
});

test('what nobody calls any more is not told for ever', async () => {
  const { clock, state, post } = door();
  await expect(post()).rejects.toBeDefined();
  clock.at += 10 * 60_000;
  expect(state.status().problem).toBeNull();
});

test('a card of a channel that is to be silent for a day comes back within five minutes, and the status says why', async () => {
  bench = await startBench();
  await bench.people.fault({ kind: 'rate_limited', method: 'chat.postMessage', seconds: DAY_S });
  const now = Date.now();
  const times = { startedAt: now, openedAt: now, lastActivityAt: now };
  bench.ports.known.set(1, known({ number: 1, ...times }, [alert({ incidentNumber: 1 })]));
  const failure = await bench.door.delivery.deliverCard(1, bench.signal).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'rate_limited', retryable: true });
  expect((failure as { retryAfterMs: number }).retryAfterMs).toBeLessThanOrEqual(5 * 60_000); // the line above is its shape
  expect(bench.door.status().problem).toContain('86400 s');
});
