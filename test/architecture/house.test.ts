import { expect, test } from '@jest/globals';
import { WAYS, walk } from '../../scripts/house/ways.ts';
import { measure } from '../../scripts/house.ts';

test('the source can be measured, and every function that is counted has its place', () => {
  const { src, simulator, repeats } = measure();
  expect(src.files).toBeGreaterThan(simulator.files);
  expect(src.longFunctions.places).toContainEqual(expect.stringMatching(/^src\/app\.ts:\d+ \(\d+\)$/));
  expect(repeats.count).toBe(repeats.places.length);
});

test('the way of an alert and of a command begins at functions that exist', () => {
  for (const way of Object.values(WAYS))
    expect(walk(way).files).toEqual(expect.arrayContaining(way.map(([file]) => file)));
});
