import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config.ts';
import { createLogger } from '../../src/logger.ts';
import { createRunbookFolders } from '../../src/playbooks/runbookFolders.ts';
import { until } from '../acceptance/product.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runbook-folders-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const runbook = (alert: string) => `---\nalerts: [${alert}]\n---\n# ${alert}\n\n## Mitigation\n\n1. Do.\n`;

/** As git-sync and the kubelet do: a folder of its own for each state, and a link that is replaced at once. */
function show(commit: string, alerts: readonly string[]): void {
  mkdirSync(join(folder, commit));
  for (const alert of alerts) writeFileSync(join(folder, commit, `${alert}.md`), runbook(alert));
  symlinkSync(commit, join(folder, 'next'));
  renameSync(join(folder, 'next'), join(folder, 'current'));
}

it('reads runbooks again when git-sync shows another commit, and keeps what it has while nothing can be read', async () => {
  show('one', ['CheckoutDown']);
  const settings = join(folder, 'responder.yaml');
  writeFileSync(settings, `runbooks: { shipped: false, folders: [${join(folder, 'current')}] }\n`);
  const config = loadConfig({ RESPONDER_CONFIG: settings, PORT: '0' }, { root: folder });
  const folders = createRunbookFolders(config.runbooks, createLogger({ level: 'silent' }), 20);
  const named = () => folders.runbooks.list().flatMap(({ alerts }) => alerts);
  const reading = folders.readThrough();
  try {
    expect(named()).toEqual(['CheckoutDown']);
    // It is looked for the first time a second after the start.
    await new Promise((wake) => setTimeout(wake, 1_200));
    show('two', ['CheckoutDown', 'CheckoutSlow']);
    await until('the second runbook', async () => named().length === 2);

    rmSync(join(folder, 'current'));
    await new Promise((wake) => setTimeout(wake, 200));
    expect(named()).toEqual(['CheckoutDown', 'CheckoutSlow']);
    show('three', ['CheckoutSlow']);
    await until('the third commit', async () => named().length === 1);
  } finally {
    await reading.stop();
  }
});
