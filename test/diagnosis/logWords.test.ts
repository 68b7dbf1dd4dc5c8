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
