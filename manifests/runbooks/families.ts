import { renderRunbook } from './render.ts';
import type { Family } from './row.ts';
import { ETCD } from './rows/etcd.ts';
import { GENERAL, KUBELET_ALERTS, STATE_METRICS } from './rows/kubernetes.ts';
import { ALERTMANAGER, GRAFANA, OPERATOR } from './rows/monitoring.ts';
import { NODE } from './rows/node.ts';
import { PROMETHEUS } from './rows/prometheus.ts';

const FAMILIES: readonly Family[] = [
  NODE,
  PROMETHEUS,
  OPERATOR,
  ALERTMANAGER,
  GRAFANA,
  KUBELET_ALERTS,
  STATE_METRICS,
  GENERAL,
  ETCD,
];

/** Every runbook that is made from the table, by its file name. */
export function runbookFiles(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    FAMILIES.flatMap((family) => family.rows.map((row) => [`${row.alert}.md`, renderRunbook(row, family)])),
  );
}
