import type { Labels } from './alert.ts';

/** Labels Prometheus renames to `exported_*` when the scrape target has the same one and `honorLabels` is off. */
const EXPORTED: ReadonlyMap<string, string> = new Map(
  ['namespace', 'pod', 'container', 'job', 'service'].map((name) => [`exported_${name}`, name]),
);

/** Labels that name the scraper or the Prometheus, never what the alert is about. */
const SCRAPER: ReadonlySet<string> = new Set(['job', 'service', 'instance', 'endpoint', 'prometheus', 'replica']);

/** Labels of objects in a namespace; beside one of them, or a node, the exporter's own pod is no news. */
const NAMESPACED = ['deployment', 'statefulset', 'daemonset', 'job_name', 'persistentvolumeclaim'] as const;

/** Exporters that report on other objects; with `honorLabels` on, their own pod still fills a label the metric lacks. */
const EXPORTER = /(?:^|-)(?:kube-state-metrics|[a-z]+-exporter)(?:-|$)/;

/** Labels are never changed once read, so their truth is worked out once; every step of a decision asks for it. */
const known = new WeakMap<Labels, Labels>();

/**
 * The labels of an alert with the truth in them: `exported_namespace`, `exported_pod`, `exported_container`,
 * `exported_job` and `exported_service` replace the bare ones, and what names only the scraper is left out. The other
 * labels stay as they are. Rule: docs/rules.md#truth-in-labels.
 */
export function truth(labels: Labels): Labels {
  const before = known.get(labels);
  if (before) return before;
  const found = findTruth(labels);
  known.set(labels, found);
  // What is true already stays so: the truth of the truth is the truth.
  known.set(found, found);
  return found;
}

function findTruth(labels: Labels): Labels {
  const foreign = labels.exported_namespace || labels.namespace_name || labels.k8s_namespace_name;
  // Beside another namespace the bare pod and container are the exporter's, for they live in the bare namespace.
  const isForeign = Boolean(foreign) && Boolean(labels.namespace) && foreign !== labels.namespace;
  const isExporters = isForeign || isExportersOwn(labels);
  const told: Record<string, string> = Object.create(null);
  for (const name in labels) {
    if (SCRAPER.has(name) || EXPORTED.has(name)) continue;
    if (isExporters && (name === 'pod' || name === 'container')) continue;
    told[name] = labels[name] ?? '';
  }
  if (foreign) told.namespace = foreign;
  else if (isExporters && !NAMESPACED.some((name) => labels[name])) delete told.namespace;
  for (const [exported, name] of EXPORTED) {
    const value = labels[exported];
    if (value) told[name] = value;
  }
  return Object.freeze({ ...told });
}

function isExportersOwn(labels: Labels): boolean {
  const { pod = '', container = '' } = labels;
  if (labels.exported_pod || !(EXPORTER.test(container) || EXPORTER.test(pod))) return false;
  return Boolean(labels.node) || NAMESPACED.some((name) => labels[name]);
}
