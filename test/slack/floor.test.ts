import { expect, test } from '@jest/globals';
import { createFloor } from '../../src/slack/connection/floor.ts';
import { stillClock } from './clocks.ts';

test('connections that do not last are opened ever further apart, up to the ten seconds Slack gives before it cuts one', () => {
  const clock = stillClock();
  const floor = createFloor(clock);
  const waits: number[] = [];
  for (let times = 0; times < 7; times += 1) {
    const wait = floor.over();
    waits.push(wait);
    clock.at += wait;
    floor.opened();
  }
  expect(waits).toEqual([0, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  expect(floor.shortLived()).toEqual({ times: 6, apartMs: 10_000 });
});

test('one that lasted is replaced at once, and the count begins anew', () => {
  const clock = stillClock();
  const floor = createFloor(clock);
  floor.opened();
  floor.over();
  clock.at += 3 * 3_600_000;
  expect(floor.over()).toBe(0);
  expect(floor.shortLived()).toBeNull();
  floor.opened();
  expect(floor.over()).toBe(1_000);
});
