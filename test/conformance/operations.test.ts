import { expect, test } from '@jest/globals';
import { ResponderError } from '../../src/errors.ts';
import { onEveryEngine } from './engines.ts';

onEveryEngine('what is told of reads and transactions', (engine) => {
  test('is one outcome and one duration for each, whatever statements are in it', async () => {
    const told: string[] = [];
    const times: number[] = [];
    const store = await engine.open({
      onOperation(operation, outcome, ms) {
        told.push(`${operation} ${outcome}`);
        times.push(ms);
      },
    });
    told.length = 0;
    await store.incidents.list({ limit: 1 });
    expect(told.splice(0)).toEqual(['read ok']);
    await store.incidents.transact(async () => null);
    expect(told.splice(0)).toEqual(['write ok']);
    const refuse = store.incidents.transact(async () => {
      throw new ResponderError('conflict', 'already resolved');
    });
    await expect(refuse).rejects.toMatchObject({ code: 'conflict' });
    expect(told).toEqual(['write conflict']);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(0);
  });
});
