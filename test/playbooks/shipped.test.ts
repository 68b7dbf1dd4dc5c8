import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { alertLabels } from '../../manifests/prometheus/alertText.ts';
import { ALERTS } from '../../manifests/prometheus/catalogue.ts';
import { ERAS, namesOf, PROFILE_NAMES } from '../../manifests/prometheus/names.ts';
import { PROFILES } from '../../src/alerts/profile.ts';
import { problemOf } from '../../src/commands/execute.ts';
import { subjectOf } from '../../src/incidents/subject.ts';
import { disconnectedAlert, refusedAlert, rejectedAlert, silentAlert } from '../../src/jobs/ownAlerts.ts';
import { checkPlaybooks, type PlaybookCheck } from '../../src/playbooks/check.ts';
import { checkedPlaybooks } from '../../src/playbooks/load.ts';

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

/** What the incidents about ourselves are called. */
const OWN = [
  refusedAlert({ sender: 's', size: 1, reason: 'r', at: 0 }),
  rejectedAlert('s', [], 0),
  silentAlert('c', 0, 'firing'),
  disconnectedAlert(0, 'firing'),
].map((alert) => alert.name);

/** The labels a shipped alert has in every profile and era; null for alerts of others. */
function catalogueLabels(name: string): readonly string[] | null {
  const rules = ALERTS.filter((rule) => rule.name === name);
  if (rules.length === 0) return null;
  const each = rules.flatMap((rule) =>
    PROFILE_NAMES.flatMap((profile) =>
      ERAS.map((era) => namesOf(profile, era))
        .filter((names) => rule.expr(names) !== null)
        .flatMap((names) => rule.test.labels(names).map((labels) => Object.keys({ ...labels, ...alertLabels(rule) }))),
    ),
  );
  const [first = [], ...rest] = each;
  return first.filter((label) => rest.every((labels) => labels.includes(label)));
}

describe('the shipped runbooks', () => {
  let loaded: Awaited<ReturnType<typeof checkedPlaybooks>>;
  let checked: PlaybookCheck;
  beforeAll(async () => {
    loaded = await checkedPlaybooks([RUNBOOKS]);
    checked = await checkPlaybooks([RUNBOOKS], { problemOf, root: ROOT, labelsOf: catalogueLabels });
  });

  it('all parse: front matter, every lambda block, every place, every link', () => {
    expect(checked.problems).toEqual([]);
    expect(checked.commands).toBeGreaterThan(checked.count);
  });

  it('serve every shipped alert, at the address its rule links to', () => {
    const byId = new Map(loaded.playbooks.map((playbook) => [playbook.id, playbook]));
    const without = ALERTS.filter((rule) => !byId.get(`${rule.area}/${rule.name}`)?.alerts.includes(rule.name));
    expect(without.map((rule) => `${rule.area}/${rule.name}`)).toEqual([]);
  });

  it('serve every incident about the responder itself', () => {
    const served = new Set(loaded.playbooks.flatMap((playbook) => playbook.alerts));
    expect(OWN.filter((name) => !served.has(name))).toEqual([]);
  });

  it('are about alerts that exist: ours, or those every cluster with the Kubernetes rules has', () => {
    const shipped = new Set(ALERTS.map((rule) => rule.name));
    const strangers = loaded.playbooks.filter(
      (playbook) =>
        !/^kube(?:rnetes|-prometheus)\//.test(playbook.id) && !playbook.alerts.some((name) => shipped.has(name)),
    );
    expect(strangers.map((playbook) => playbook.id)).toEqual([]);
  });

  it('ask only for what can be answered: namespaces that are open, and a function where the alert names one', () => {
    const open = new Set(Object.values(PROFILES).flatMap((profile) => profile.namespaces));
    const askedFor = loaded.playbooks.flatMap((playbook) =>
      playbook.steps.flatMap((step) => step.commands).map(({ template }) => ({ playbook, template })),
    );
    const closed = askedFor.filter(({ template }) => {
      const namespace = /(?:-n|--namespace)[ =]([a-z][\w-]*)/.exec(template)?.[1];
      return namespace !== undefined && !open.has(namespace);
    });
    expect(closed.map(({ playbook, template }) => `${playbook.id}: ${template}`)).toEqual([]);
    const nameless = askedFor.filter(({ playbook, template }) => {
      const rule = ALERTS.find((one) => one.name === playbook.alerts[0]);
      if (!rule || !/^diag function(?: -|$)/.test(template)) return false;
      const names = PROFILE_NAMES.map((profile) => namesOf(profile, ERAS[0])).find((one) => rule.expr(one) !== null);
      const labels = { alertname: rule.name, ...(names && rule.test.labels(names)[0]) };
      return subjectOf({ name: rule.name, labels }, PROFILES[names?.profile ?? 'builder']).kind !== 'function';
    });
    expect(nameless.map(({ playbook, template }) => `${playbook.id}: ${template}`)).toEqual([]);
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
