import { stringify } from 'yaml';
import type { LinkBases } from './alertText.ts';
import { ALERT_GROUPS } from './catalogue.ts';
import type { Names } from './names.ts';
import { ERAS, namesOf, PROFILE_NAMES } from './names.ts';
import { promtoolFile, rulesTested } from './promtoolTests.ts';
import type { RuleFileGroup } from './ruleFile.ts';
import { alertGroups, ruleGroups } from './ruleFile.ts';

const HEADER =
  '# Generated from manifests/prometheus/catalogue by `node manifests/prometheus/generate.ts`. Do not edit.\n';

const PLAIN = { lineWidth: 0, aliasDuplicateObjects: false } as const;

/**
 * Every generated file by its path: the alerts and the recordings of a profile, a kustomization that joins the two, and the
 * unit tests.
 */
export function manifestFiles(links: LinkBases): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const profile of PROFILE_NAMES) {
    const groups = alertGroups(namesOf(profile, ERAS[0]), links);
    for (const group of groups) files[`${profile}/alerts/${short(group.name)}.yaml`] = prometheusRule([group]);
    files[`${profile}/alerts/kustomization.yaml`] = kustomization(groups.map((group) => `${short(group.name)}.yaml`));
    const [recordings] = ruleGroups(namesOf(profile, ERAS[0]), links);
    if (recordings) files[`${profile}/recordings.yaml`] = prometheusRule([recordings]);
    files[`${profile}/kustomization.yaml`] = kustomization(['alerts', 'recordings.yaml']);
    Object.assign(files, promtoolFiles(namesOf(profile, 'knative-1.20.1')));
  }
  return files;
}

/** The unit tests of the alerts, a pair of files for each group: `promtool test rules promtool/*.test.yaml`. */
function promtoolFiles(names: Names): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const [group, alerts] of Object.entries(ALERT_GROUPS)) {
    const known = alerts.filter((rule) => rule.expr(names) !== null);
    const rules = `${group}.rules.yaml`;
    files[`${names.profile}/promtool/${rules}`] = HEADER + stringify({ groups: rulesTested(known, names) }, PLAIN);
    const tests = known.map((rule) => promtoolFile(rule, names, rules, 'stories'));
    for (const interval of new Set(tests.map((one) => one.evaluation_interval))) {
      const file = {
        rule_files: [rules],
        evaluation_interval: interval,
        tests: tests.filter((one) => one.evaluation_interval === interval).flatMap((one) => one.tests),
      };
      files[`${names.profile}/promtool/${group}.${interval}.test.yaml`] = HEADER + stringify(file, PLAIN);
    }
  }
  return files;
}

function short(name: string): string {
  return name.replace(/^lambda-responder-/, '');
}

function prometheusRule(groups: readonly RuleFileGroup[]): string {
  const name = groups[0]?.name ?? 'lambda-responder';
  const rule = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: {
      name,
      // The default rule selector of kube-prometheus-stack; without it the file is silently not loaded.
      labels: { 'app.kubernetes.io/part-of': 'lambda-responder', release: 'kube-prometheus-stack' },
    },
    spec: { groups },
  };
  return HEADER + stringify(rule, PLAIN);
}

function kustomization(resources: readonly string[]): string {
  return HEADER + stringify({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources });
}
