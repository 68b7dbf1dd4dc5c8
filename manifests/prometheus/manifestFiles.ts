import { stringify } from 'yaml';
import type { LinkBases } from './alertText.ts';
import { ERAS, namesOf, PROFILE_NAMES } from './names.ts';
import type { RuleFileGroup } from './ruleFile.ts';
import { alertGroups, ruleGroups } from './ruleFile.ts';

const HEADER =
  '# Generated from manifests/prometheus/catalogue by `node manifests/prometheus/generate.ts`. Do not edit.\n';

/**
 * Every generated file by its path: the alerts of a profile (the same for all eras), the recordings of each profile
 * and era, and a kustomization that joins the two.
 */
export function manifestFiles(links: LinkBases): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const profile of PROFILE_NAMES) {
    const groups = alertGroups(namesOf(profile, ERAS[0]), links);
    for (const group of groups) files[`${profile}/alerts/${short(group.name)}.yaml`] = prometheusRule([group]);
    files[`${profile}/alerts/kustomization.yaml`] = kustomization(groups.map((group) => `${short(group.name)}.yaml`));
    for (const era of ERAS) {
      const [recordings] = ruleGroups(namesOf(profile, era), links);
      if (recordings) files[`${profile}/${era}/recordings.yaml`] = prometheusRule([recordings]);
      files[`${profile}/${era}/kustomization.yaml`] = kustomization(['../alerts', 'recordings.yaml']);
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
  return HEADER + stringify(rule, { lineWidth: 0, aliasDuplicateObjects: false });
}

function kustomization(resources: readonly string[]): string {
  return HEADER + stringify({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources });
}
