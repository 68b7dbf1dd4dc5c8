import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { problemOf } from '../../src/commands/execute.ts';
import { checkPlaybooks, type PlaybookCheck } from '../../src/playbooks/check.ts';
import { type LoadedPlaybooks, loadPlaybooks } from '../../src/playbooks/load.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const RUNBOOKS = join(ROOT, 'runbooks');
const SECTIONS = [
  'Meaning',
  'Impact',
  'First five minutes',
  'Diagnosis',
  'Mitigation',
  'Verification',
  'Rollback',
  'Escalation',
];

describe('the shipped runbooks', () => {
  let loaded: LoadedPlaybooks;
  let checked: PlaybookCheck;
  beforeAll(async () => {
    loaded = await loadPlaybooks([RUNBOOKS]);
    checked = await checkPlaybooks([RUNBOOKS], { problemOf, root: ROOT });
  });

  it('all parse: front matter, every lambda block, every place, every link', () => {
    expect(checked.problems).toEqual([]);
    expect(checked.commands).toBeGreaterThan(checked.count);
  });

  it('are named after the first alert they serve', () => {
    for (const playbook of loaded.playbooks) expect(playbook.alerts[0]).toBe(playbook.id.split('/').at(-1));
  });

  it('have the same eight sections in the same order', () => {
    for (const playbook of loaded.playbooks)
      expect([playbook.id, playbook.sections.slice(1)]).toEqual([playbook.id, SECTIONS]);
  });

  it('name an owner and a severity', () => {
    for (const playbook of loaded.playbooks)
      expect([playbook.id, playbook.owner !== null, playbook.severityHint !== null]).toEqual([playbook.id, true, true]);
  });

  it('begin with something that runs by itself, and with at most the four diagnostics a first look may run', () => {
    for (const playbook of loaded.playbooks) {
      const automatic = playbook.steps.flatMap((step) => step.commands).filter((command) => command.automatic);
      expect([playbook.id, automatic.length]).toEqual([playbook.id, Math.min(4, Math.max(1, automatic.length))]);
    }
  });

  it('are readable on a phone: no step over 400 characters', () => {
    for (const playbook of loaded.playbooks)
      for (const step of playbook.steps)
        expect(`${playbook.id}:${step.line} ${step.text.length > 400}`).toMatch(/false$/);
  });
});
