import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { alertAnnotations, NO_LINKS } from '../../manifests/prometheus/alertText.ts';
import { ALERTS } from '../../manifests/prometheus/catalogue.ts';
import { manifestFiles } from '../../manifests/prometheus/manifestFiles.ts';
import type { Era, ProfileName } from '../../manifests/prometheus/names.ts';
import { ERAS, namesOf, PROFILE_NAMES } from '../../manifests/prometheus/names.ts';
import { promtoolFile, rulesTested } from '../../manifests/prometheus/promtoolTests.ts';
import { ruleGroups } from '../../manifests/prometheus/ruleFile.ts';
import { promtool } from './promtool.ts';

const LINKS = { runbooks: 'https://wiki.company.net/runbooks', dashboards: 'https://grafana.company.net/d' };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rules-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Writes the test of every rule for an installation and runs them at once; what was already tested as it is is left out. */
async function runTests(profile: ProfileName, era: Era, tested: Set<string>) {
  const names = namesOf(profile, era);
  const files: string[] = [];
  for (const [index, rule] of ALERTS.entries()) {
    if (rule.expr(names) === null) continue;
    const groups = rulesTested([rule], names);
    const rules = join(folder, `${profile}-${era}-${index}.rules.yaml`);
    const text = stringify({ groups });
    const file = promtoolFile(rule, names, rules);
    const identity = text + JSON.stringify(file.tests);
    if (tested.has(identity)) continue;
    tested.add(identity);
    const path = join(folder, `${profile}-${era}-${index}.test.yaml`);
    await writeFile(rules, text);
    await writeFile(path, stringify(file));
    files.push(path);
  }
  const { ok, output } = await promtool(['test', 'rules', ...files]);
  return { ok, output: ok ? '' : output, count: files.length };
}

describe('shipped alerts', () => {
  it('are at least sixty, with at least fifty names', () => {
    expect(ALERTS.length).toBeGreaterThanOrEqual(60);
    expect(new Set(ALERTS.map((rule) => rule.name)).size).toBeGreaterThanOrEqual(50);
  });

  it('have a severity, a summary, a description and a runbook link with their own name', () => {
    for (const rule of ALERTS) {
      const { runbook_url, summary, description } = alertAnnotations(rule, LINKS);
      expect(runbook_url).toMatch(new RegExp(`/(knative-(lambda|serving|operator)|responder)/${rule.name}\\.md$`));
      expect(summary?.length).toBeLessThanOrEqual(100);
      expect(description?.length).toBeGreaterThan(30);
      expect(['critical', 'warning', 'info']).toContain(rule.severity);
    }
  });

  it('print only labels that the firing alert has', () => {
    for (const profile of PROFILE_NAMES) {
      const names = namesOf(profile, 'knative-1.18');
      for (const rule of ALERTS.filter((one) => one.expr(names) !== null)) {
        const known = new Set(rule.test.labels(names).flatMap(Object.keys));
        const used = [...`${rule.summary} ${rule.description}`.matchAll(/\$labels\.(\w+)/g)].map((match) => match[1]);
        const missing = used.filter((label) => !known.has(label ?? ''));
        expect({ alert: rule.name, missing }).toEqual({ alert: rule.name, missing: [] });
      }
    }
  });

  it.each(PROFILE_NAMES.flatMap((profile) => ERAS.map((era) => [profile, era] as const)))(
    'parse under promtool (%s, %s)',
    async (profile, era) => {
      const path = join(folder, `check-${profile}-${era}.yaml`);
      await writeFile(path, stringify({ groups: ruleGroups(namesOf(profile, era)) }));
      const { ok, output } = await promtool(['check', 'rules', path]);
      expect({ ok, output: ok ? '' : output }).toEqual({ ok: true, output: '' });
    },
  );

  it('are quiet when all is well and odd, fire and resolve, in every profile and era where they differ', async () => {
    const tested = new Set<string>();
    for (const profile of PROFILE_NAMES) {
      for (const era of ERAS) {
        const { ok, output } = await runTests(profile, era, tested);
        expect({ profile, era, ok, output }).toEqual({ profile, era, ok: true, output: '' });
      }
    }
    expect(tested.size).toBeGreaterThan(100);
    // Of every rule a healthy hour and no data at all, of those that took oddities for failures these by name.
    const quiet = [...tested].join().match(/is quiet: /g) ?? [];
    expect(quiet.length).toBeGreaterThan(250);
  }, 300_000);
});

describe('what looks odd on a healthy platform', () => {
  const oddities = (name: string) =>
    ALERTS.filter((rule) => rule.name === name).map((rule) => Object.keys(rule.test.odd ?? {}));

  it('has a test beside every rule that says a workload is down: scaled to 0 on purpose, a rolling update', () => {
    const down = ALERTS.filter((rule) =>
      /kube_deployment_status_replicas_available\{.*== 0/.test(rule.expr(namesOf('operator', 'knative-1.18')) ?? ''),
    );
    expect(down.length).toBeGreaterThan(12);
    for (const { name } of down)
      for (const cases of oddities(name)) expect([name, cases[0]]).toEqual([name, 'scaled to 0 on purpose']);
  });

  it('has a test beside every quantile of requests, builds or reconciles: few of them', () => {
    const quantiles = ALERTS.filter((rule) =>
      /quantile|_seconds:p\d/.test(rule.expr(namesOf('operator', 'knative-1.18')) ?? ''),
    );
    expect(quantiles.length).toBeGreaterThanOrEqual(7);
    for (const rule of quantiles) {
      const guarded = /\band (on \([a-z, ]*\) )?(sum|function:)/.test(
        rule.expr(namesOf('operator', 'knative-1.18')) ?? '',
      );
      expect([rule.name, guarded]).toEqual([rule.name, true]);
    }
  });
});

describe('generated manifests', () => {
  it('are up to date with the catalogue', async () => {
    const base = join(import.meta.dirname, '../../manifests/prometheus/generated');
    for (const [name, text] of Object.entries(manifestFiles(NO_LINKS))) {
      const written = await readFile(join(base, name), 'utf8').catch(() => '(missing)');
      if (written !== text) throw new Error(`${name} is out of date: run node manifests/prometheus/generate.ts`);
    }
  });

  it('bring their unit tests, which pass as they are shipped', async () => {
    const base = join(import.meta.dirname, '../../manifests/prometheus/generated/builder/promtool');
    const tests = (await readdir(base)).filter((name) => name.endsWith('.test.yaml')).map((name) => join(base, name));
    expect(tests.length).toBeGreaterThan(5);
    for (const test of tests) {
      const { ok, output } = await promtool(['test', 'rules', test]);
      expect({ test, ok, output: ok ? '' : output }).toEqual({ test, ok: true, output: '' });
    }
  }, 300_000);
});
