import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { ResponderError } from '../../src/errors.ts';
import { createPacing, type Pacing, type Slot } from '../../src/slack/delivery/pacing.ts';
import type { Clock, Meters } from '../../src/slack/ports.ts';
import { stillClock } from './clocks.ts';

const silent = pino({ level: 'silent' });

const post = (channel: string, priority: Slot['priority'] = 'normal'): Slot => ({
  method: 'chat.postMessage',
  channel,
  priority,
});
const update = (priority: Slot['priority'] = 'normal'): Slot => ({ method: 'chat.update', channel: null, priority });
const pacingOn = (clock: Clock) => createPacing({ clock, log: silent, shared: null });
const never = new AbortController().signal;

async function takeUntilRefused(pacing: Pacing, slot: Slot): Promise<number> {
  for (let taken = 0; ; taken += 1) {
    try {
      await pacing.take(slot, never);
    } catch {
      return taken;
    }
  }
}

describe('our pacing', () => {
  test('lets a channel have one message a second after a short burst', async () => {
    const clock = stillClock();
    const pacing = pacingOn(clock);
    const times: number[] = [];
    for (let index = 0; index < 6; index += 1) {
      await pacing.take(post('C1', 'person'), never);
      times.push(clock.at - 1_000_000);
    }
    expect(times).toEqual([0, 0, 0, 0, 1_000, 2_000]);
  });

  test('holds no channel up because of another', async () => {
    const clock = stillClock();
    const pacing = pacingOn(clock);
    for (let index = 0; index < 3; index += 1) await pacing.take(post('C1', 'person'), never);
    await pacing.take(post('C2'), never);
    expect(clock.at).toBe(1_000_000);
  });

  test('sends cards that queue for a channel back, and lets what a person waits for go before them', async () => {
    const pacing = pacingOn({ ...stillClock(), now: () => 1_000_000 });
    // Three at once, and those that come within two seconds.
    expect(await takeUntilRefused(pacing, post('C1', 'urgent'))).toBe(5);
    expect(await takeUntilRefused(pacing, post('C1', 'normal'))).toBe(0);
    const waited: number[] = [];
    const clock: Clock = { now: () => 1_000_000, sleep: async (ms) => void waited.push(ms) };
    const busy = pacingOn(clock);
    await takeUntilRefused(busy, post('C1', 'urgent'));
    waited.length = 0;
    await busy.take(post('C1', 'person'), never);
    expect(waited).toEqual([2_000]);
  });

  test('does not take a timer that fires a moment early for a new wish of Slack’s', async () => {
    const clock = stillClock();
    const early: Clock = {
      ...clock,
      now: () => clock.at,
      sleep: (ms, signal) => clock.sleep(Math.max(1, ms - 2), signal),
    };
    const pacing = pacingOn(early);
    await pacing.hold(post('C1'), 1_000);
    await pacing.take(post('C1', 'person'), never);
    expect(clock.at).toBeGreaterThanOrEqual(1_000_998);
  });

  test('keeps still as well when Slack asks for it while a slot is waited for', async () => {
    const clock = stillClock();
    const pacing = pacingOn({
      now: clock.now,
      sleep: async (ms) => {
        await pacing.hold(post('C1'), 30_000);
        clock.at += ms;
      },
    });
    for (let index = 0; index < 3; index += 1) await pacing.take(post('C1', 'urgent'), never);
    const late = pacing.take(post('C1', 'urgent'), never);
    await expect(late).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 29_000 });
  });

  test('keeps twenty edits a minute for people’s clicks and sev1/sev2', async () => {
    const pacing = pacingOn({ ...stillClock(), now: () => 1_000_000 });
    expect(await takeUntilRefused(pacing, update('normal'))).toBe(30);
    expect(await takeUntilRefused(pacing, update('urgent'))).toBe(20);
  });

  test('says when to come back instead of sitting on a job', async () => {
    const clock = stillClock();
    const pacing = pacingOn(clock);
    for (let index = 0; index < 30; index += 1) await pacing.take(update(), never);
    clock.at += 20_000;
    await expect(pacing.take(update(), never)).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 38_000 });
  });

  test('keeps still for as long as Slack asked, for that channel alone', async () => {
    const clock = stillClock();
    const pacing = pacingOn(clock);
    await pacing.hold(post('C1'), 2_000);
    await pacing.take(post('C2'), never);
    expect(clock.at).toBe(1_000_000);
    await pacing.take(post('C1', 'urgent'), never);
    expect(clock.at).toBe(1_002_000);
  });

  test('lets a card a second through at once, whatever wants to explain the cards before it', async () => {
    const clock = stillClock();
    const pacing = pacingOn(clock);
    const explanation = post('C1', 'normal');
    for (const priority of ['incident', 'urgent'] as const) {
      clock.at += 10_000;
      for (let card = 0; card < 20; card += 1) {
        const due = clock.at;
        await pacing.take(post('C1', priority), never);
        expect(clock.at).toBe(due);
        for (let tenth = 0; tenth < 10; tenth += 1) {
          await pacing.take(explanation, never).catch(() => {});
          clock.at = due + (tenth + 1) * 100;
        }
      }
    }
  });

  test('goes on by itself when what the replicas share cannot be reached', async () => {
    const clock = { ...stillClock(), now: () => 1_000_000 };
    const down: Meters = {
      change: () => Promise.reject(new ResponderError('store_unavailable', 'the database cannot be reached')),
    };
    expect(await takeUntilRefused(createPacing({ clock, log: silent, shared: down }), update('urgent'))).toBe(50);
  });
});
