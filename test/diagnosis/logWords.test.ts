import { expect, test } from '@jest/globals';
import { tellingOf } from '../../src/k8s/rules/logs/lastWords.ts';
import { statementsOf } from '../../src/k8s/rules/logs/statements.ts';

function told(...lines: readonly string[]) {
  return tellingOf(statementsOf(lines.map((text) => ({ at: null, text }))));
}

test('a log that says what it watches by inotify has no limit of watches reached', () => {
  expect(told('watching /etc/config by inotify')).toBeNull();
  expect(told('watching /etc/config by inotify', 'Error: listener "web" has no address')?.kind ?? null).toBeNull();
  expect(told('error: inotify_add_watch /etc/config/app.yaml: no such file or directory')?.kind?.code).not.toBe(
    'log-too-many-files',
  );
  expect(told('using 12 inotify watches of 8192')).toBeNull();
});

test.each([
  "Error: ENOSPC: System limit for number of file watchers reached, watch '/app/config'",
  'fatal: inotify_add_watch(/data): No space left on device',
  'failed to create fsnotify watcher: too many open files',
  'The configured user limit (128) on the number of inotify instances has been reached, or the per-process limit',
  'error: unable to watch /src: inotify watch limit reached',
])('%s: it has too many files or watches open', (line) => {
  expect(told(line)?.kind?.code).toBe('log-too-many-files');
});

test('each line of a long list below a heading is looked at a few times, however long the list is', () => {
  let read = 0;
  const item = (text: string) => ({
    at: null,
    get text() {
      read += 1;
      return text;
    },
  });
  const causes = Array.from({ length: 4_000 }, (_unused, index) => `    ${index}: no route to shard ${index}`);
  const lines = ['Error: the shards cannot be reached', '', 'Caused by:', ...causes];
  expect(statementsOf(lines.map(item))).toMatchObject([
    { text: expect.stringContaining('the shards cannot be reached'), causes: { length: 4_000 } },
  ]);
  expect(read).toBeLessThan(20 * lines.length);
});

test('an indented line belongs to a heading only while the lines between are indented too', () => {
  const causesOf = (...lines: readonly string[]) =>
    statementsOf(lines.map((text) => ({ at: null, text }))).map(({ causes }) => causes);
  expect(causesOf('Error: a', 'Caused by:', '  0: b', '  c')).toEqual([['b', 'c']]);
  expect(causesOf('Error: a', 'Caused by:', '  0: b', '', '  c')).toEqual([['b']]);
});
