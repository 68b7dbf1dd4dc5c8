import { counted } from '../../incidents/counted.ts';
import { arrange } from '../arrange.ts';
import { conditionLine, conditionOf } from '../conditions.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { finding, nameOf, rank } from '../findings/finding.ts';
import { podFindings } from '../findings/pods.ts';
import { deploymentFindings, podReasons } from '../findings/services.ts';
import { installation } from '../hypotheses/platform.ts';
import { type Conditioned, conditioned, pod, workload } from '../objects.ts';
import { readPart } from '../parts.ts';
import { RESOURCES } from '../resources.ts';
import { asFinding } from './eventing.ts';

const OPERATOR = 'knative-operator';

/** The Knative operator and what it says of the installations it looks after. */
export const operator: Diagnostic = {
  name: 'operator',
  kubectl: () => 'kubectl get knativeserving,knativeeventing -A',
  async collect(collection) {
    const [servings, eventings, deployments, pods] = await Promise.all([
      readPart(collection, conditioned, { resource: RESOURCES.knativeservings, namespace: null }),
      readPart(collection, conditioned, { resource: RESOURCES.knativeeventings, namespace: null }),
      readPart(collection, workload, { resource: RESOURCES.deployments, namespace: OPERATOR }),
      readPart(collection, pod, { resource: RESOURCES.pods, namespace: OPERATOR }),
    ]);
    const installed = [...servings.items, ...eventings.items];
    const bad = installed.filter((one) => conditionOf(one, 'Ready')?.status !== 'True');
    const rows = [...servings.table.rows, ...eventings.table.rows];
    const columns = servings.table.columns.length > 0 ? servings.table.columns : eventings.table.columns;
    const own = { ...deployments.table, notes: [] };
    const table = arrange(rows.length > 0 ? { columns, rows, total: rows.length, notes: [] } : own, collection.request);
    return {
      title: 'Knative operator',
      summary:
        servings.state === 'absent' && eventings.state === 'absent'
          ? 'The Knative operator’s custom resources are not installed in this cluster; Knative may be installed without it.'
          : `${counted(installed.length, 'installation')}, ${bad.length === 0 ? 'all ready' : `${bad.length} not ready`}; ${counted(deployments.items.length, 'Deployment')} in ${OPERATOR}.`,
      findings: rank([
        ...deploymentFindings(deployments.items, podReasons(pods.items)),
        ...bad.flatMap((one) => (installation(one) ? asFinding(installation(one)) : undecided(one))),
        ...pods.items.flatMap(podFindings),
      ]),
      table,
      lines: null,
      notes: [...servings.notes, ...eventings.notes, ...deployments.notes, ...pods.notes, ...table.notes],
    };
  },
};

/** Not ready, and no condition says False: it is still installing, or nobody has looked yet. */
function undecided(one: Conditioned) {
  const waiting = (one.status.conditions ?? []).filter(({ status }) => status !== 'True');
  return [
    finding({
      code: 'knative-installing',
      level: 'warning',
      confidence: 'likely',
      subject: nameOf(one.kind ?? 'KnativeServing', one.metadata),
      conclusion: `${one.kind ?? 'Knative'} ${one.metadata.name} is not ready yet: ${waiting.map(({ type }) => type).join(', ') || 'it has no conditions'}.`,
      because: waiting.map(conditionLine).slice(0, 3),
      nextStep: `/lambda diag logs -n ${OPERATOR} -l name=knative-operator`,
    }),
  ];
}
