import { counted } from '../../wording/counts.ts';
import { RESOURCES } from '../client/resources.ts';
import { knativeObject, readinessOf } from '../subjects/knative.ts';
import { pod } from '../subjects/pod.ts';
import { workload } from '../subjects/workload.ts';
import { arrange } from './arrange.ts';
import type { Diagnostic } from './diagnostic.ts';
import { readPart } from './parts.ts';
import { readyOnPhone } from './phone.ts';
import { verdictOf } from './verdict.ts';

const OPERATOR = 'knative-operator';

/** The Knative operator and what it says of the installations it looks after. */
export const operator: Diagnostic = {
  name: 'operator',
  phone: readyOnPhone,
  kubectl: () => 'kubectl get knativeserving,knativeeventing -A',
  async collect(collection) {
    const [servings, eventings, deployments, pods] = await Promise.all([
      readPart(collection, knativeObject, { resource: RESOURCES.knativeservings, namespace: null }),
      readPart(collection, knativeObject, { resource: RESOURCES.knativeeventings, namespace: null }),
      readPart(collection, workload, { resource: RESOURCES.deployments, namespace: OPERATOR }),
      readPart(collection, pod, { resource: RESOURCES.pods, namespace: OPERATOR }),
    ]);
    const installed = [...servings.items, ...eventings.items];
    const bad = installed.filter((one) => readinessOf(one) !== 'true');
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
      findings: verdictOf(collection, {
        KnativeServing: servings,
        KnativeEventing: eventings,
        Deployment: deployments,
        Pod: pods,
      }),
      table,
      lines: null,
      notes: [...servings.notes, ...eventings.notes, ...deployments.notes, ...pods.notes, ...table.notes],
    };
  },
};
