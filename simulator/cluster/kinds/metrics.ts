import { defineKind, type Kind, nameColumn, READ_ONLY } from '../kind.ts';
import { dig, type KubeObject, rfc3339, text } from '../object.ts';

/** Served by metrics-server as an aggregated API; it scrapes every 15 s, so what it shows is up to that old. */
const SCRAPE_MS = 15_000;

const podMetrics = defineKind({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'PodMetrics',
  plural: 'pods',
  singular: '',
  verbs: READ_ONLY,
  columns: [nameColumn, usageColumn('cpu'), usageColumn('memory'), windowColumn()],
  present: measured,
});

const nodeMetrics = defineKind({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'NodeMetrics',
  plural: 'nodes',
  singular: '',
  namespaced: false,
  verbs: READ_ONLY,
  columns: [nameColumn, usageColumn('cpu'), usageColumn('memory'), windowColumn()],
  present: measured,
});

export const metricsKinds: readonly Kind[] = [nodeMetrics, podMetrics];

function measured(stored: KubeObject, now: number): KubeObject {
  const at = rfc3339(Math.floor(now / SCRAPE_MS) * SCRAPE_MS);
  return { ...stored, timestamp: at, window: '15.0s' };
}

function usageColumn(resource: 'cpu' | 'memory') {
  return {
    name: resource,
    type: 'string' as const,
    description: '',
    cell: (object: KubeObject) => text(object, 'usage', resource) ?? sum(object, resource),
  };
}

function windowColumn() {
  return {
    name: 'Window',
    type: 'string' as const,
    description: '',
    cell: (object: KubeObject) => text(object, 'window') ?? '',
  };
}

function sum(object: KubeObject, resource: 'cpu' | 'memory'): string {
  const containers = dig(object, 'containers');
  const amounts = (Array.isArray(containers) ? containers : []).map((container) =>
    Number.parseInt(text(container, 'usage', resource) ?? '0', 10),
  );
  const total = amounts.reduce((all, one) => all + one, 0);
  return resource === 'cpu' ? `${total}m` : `${total}Ki`;
}
