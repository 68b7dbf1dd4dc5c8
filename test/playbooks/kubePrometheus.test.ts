import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runbookFiles } from '../../manifests/runbooks/families.ts';
import { PROFILES } from '../../src/alerts/profile.ts';
import { problemOf } from '../../src/commands/execute.ts';
import { subjectOf } from '../../src/incidents/subject.ts';
import { loadPlaybooks } from '../../src/playbooks/load.ts';
import { createRunbooks } from '../../src/playbooks/runbooks.ts';
import { incidentAlertAt, incidentAt } from '../builders/incidents.ts';
import { KUBE_PROMETHEUS } from './kubePrometheusAlerts.ts';

const RUNBOOKS = join(import.meta.dirname, '..', '..', 'runbooks');
const runbooks = createRunbooks(loadPlaybooks([RUNBOOKS]).playbooks, { baseUrl: null });

describe('the alerts every cluster with kube-prometheus has', () => {
  it('are 125 or more, each named once', () => {
    expect(KUBE_PROMETHEUS.length).toBeGreaterThanOrEqual(125);
    expect(new Set(KUBE_PROMETHEUS.map(({ name }) => name)).size).toBe(KUBE_PROMETHEUS.length);
  });

  it.each(KUBE_PROMETHEUS)('$name is about what its labels name, and has a runbook that can be run', (alert) => {
    const { kind, name } = subjectOf(alert, PROFILES.builder);
    expect(`${kind}/${name}`).toBe(alert.subject);

    const known = { ...alert, annotations: {} };
    const found = runbooks.match(known);
    expect(found?.id.split('/')[0]).toMatch(/^(kubernetes|kube-prometheus|responder)$/);
    const incident = { ...incidentAt(0), playbookId: found?.id ?? null, subject: { kind, name } };
    const opened = { incident, alerts: [incidentAlertAt(0, known)] };
    const view = runbooks.forIncident(opened);
    const commands = view?.steps.flatMap((step) => step.commands) ?? [];
    expect(runbooks.automaticCommands(opened).length).toBeGreaterThan(0);
    expect(commands.filter((line) => problemOf(line) !== null)).toEqual([]);
    expect(commands.filter((line) => !/^(?:diag |incidents$)/.test(line))).toEqual([]);
  });
});

it('the runbooks made from the table are as the table says', async () => {
  const folder = join(RUNBOOKS, 'kube-prometheus');
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const),
  );
  expect(Object.fromEntries(files)).toEqual(runbookFiles());
});
