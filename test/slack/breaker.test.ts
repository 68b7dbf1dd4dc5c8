import { expect, test } from '@jest/globals';
import { WebClient } from '@slack/web-api';
import { pino } from 'pino';
import { createSlackApi } from '../../src/slack/delivery/slackApi.ts';

test('a method of Slack that failed five times is left alone for a while, the others are not', async () => {
  const taken: string[] = [];
  const told: boolean[] = [];
  const api = createSlackApi({
    client: new WebClient('xoxb-test'),
    pacing: {
      take: async ({ method }) => void taken.push(method),
      giveBack: async () => void taken.pop(),
      hold: async () => {},
    },
    log: pino({ level: 'silent' }),
    onOutcome: () => {},
    onBreaker: (open) => told.push(open),
  });
  let calls = 0;
  const signal = new AbortController().signal;
  const post = () =>
    api.call({ method: 'chat.postMessage', channel: 'C1', priority: 'normal' }, signal, async () => {
      calls += 1;
      throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
    });
  for (let attempt = 0; attempt < 5; attempt += 1) await expect(post()).rejects.toMatchObject({ code: 'unreachable' });
  await expect(post()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  expect(calls).toBe(5);
  // What did not reach Slack uses up none of its budget.
  expect(taken).toEqual([]);
  const edit = api.call({ method: 'chat.update', channel: null, priority: 'normal' }, signal, async () => 'done');
  expect(await edit).toBe('done');
  // Told once when it starts, so that there is a series before it ever fails, and once when a method fails.
  expect(told).toEqual([false, true]);
});
