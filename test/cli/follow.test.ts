import { describe, expect, test } from '@jest/globals';
import { follow, newLines } from '../../src/cli/follow.ts';
import type { CliIo } from '../../src/cli/io.ts';
import { type Reply, reply } from '../../src/commands/reply.ts';

/** Ends by itself, after far more rounds than the readings need on any machine. */
const TIMES = { everyMs: 5, longestMs: 3_000 };

function terminal(signal: AbortSignal, isTTY = false) {
  let out = '';
  let err = '';
  const io: CliIo = {
    env: {},
    root: '/',
    stdout: { isTTY, write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
    signal,
  };
  return { io, out: () => out, err: () => err };
}

const log = (...lines: string[]): Reply => reply({ title: 'Logs', lines, live: { line: 'diag logs' } });

describe('following in a terminal', () => {
  test('prints of a log only what is new, and ends by itself', async () => {
    const { io, out, err } = terminal(new AbortController().signal);
    const readings = [log('b', 'c'), log('b', 'c'), log('c', 'd\u001b[2J'), log('x', 'y')];
    const asked: string[] = [];
    const ask = async (line: string): Promise<Reply> => {
      asked.push(line);
      return readings.shift() ?? log('x', 'y');
    };
    expect(await follow(log('a', 'b'), ask, () => '', io, TIMES)).toBe(0);
    expect(out()).toBe('c\nd[2J\nx\ny\n');
    expect(new Set(asked)).toEqual(new Set(['diag logs']));
    expect(err()).toContain('ended after');
  });

  test('prints a table again in place on a screen', async () => {
    const { io, out } = terminal(new AbortController().signal, true);
    const table = reply({
      title: 'top',
      table: { columns: ['A'], rows: [], total: 0 },
      live: { line: 'diag top pods' },
    });
    await follow(
      table,
      async () => table,
      () => 'TABLE\n',
      io,
      { everyMs: 5, longestMs: 12 },
    );
    expect(new Set(out().split('TABLE\n'))).toEqual(new Set(['\u001b[H\u001b[2J', '']));
  });

  test('ends at Ctrl-C without an error', async () => {
    const stop = new AbortController();
    const { io } = terminal(stop.signal);
    setTimeout(() => stop.abort(), 10);
    expect(
      await follow(
        log('a'),
        async () => log('a'),
        () => '',
        io,
        { everyMs: 5, longestMs: 60_000 },
      ),
    ).toBe(0);
  });

  test('says what failed and gives up after three rounds in a row', async () => {
    const { io, err } = terminal(new AbortController().signal);
    const ask = async (): Promise<Reply> => {
      throw new Error('connection refused');
    };
    expect(await follow(log('a'), ask, () => '', io, { everyMs: 1, longestMs: 60_000 })).toBe(1);
    expect(err().match(/no newer answer: connection refused/g)).toHaveLength(3);
  });

  test.each([
    [['a', 'b'], ['a', 'b'], []],
    [['a', 'b'], ['b', 'c'], ['c']],
    [['a', 'a'], ['a', 'a', 'a'], ['a']],
    [['a'], ['x'], ['x']],
    [[], ['x'], ['x']],
    [['a'], [], []],
    [
      ['[p] a', '[p] b', '[q] a'],
      ['[p] b', '[p] c', '[q] a', '[q] b'],
      ['[p] c', '[q] b'],
    ],
    [['[p] a'], ['[p] a', '[new] a'], ['[new] a']],
  ])('of %j then %j, %j is new', (before, after, expected) => {
    expect(newLines(before, after)).toEqual(expected);
  });
});
