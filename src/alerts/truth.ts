import type { Labels } from './alert.ts';

/** Labels Prometheus renames to `exported_*` when the scrape target has the same one and `honorLabels` is off. */
const EXPORTED = ['namespace', 'pod', 'container', 'job', 'service'] as const;

/** Labels that name the scraper or the Prometheus, never what the alert is about. */
const SCRAPER = ['job', 'service', 'instance', 'endpoint', 'prometheus', 'replica'] as const;

/** Where Knative's own metrics put the namespace of the function (names up to 1.18, then from 1.19 on). */
const FOREIGN_NAMESPACE = ['namespace_name', 'k8s_namespace_name'] as const;

/** Labels that name an object in a namespace by themselves; beside one of them the exporter's own pod is no news. */
const OTHER_OBJECTS = ['node', 'deployment', 'statefulset', 'daemonset', 'job_name', 'persistentvolumeclaim'] as const;

/** Exporters that report on other objects; with `honorLabels` on, their own pod still fills a label the metric lacks. */
const EXPORTER = /(?:^|-)(?:kube-state-metrics|[a-z]+-exporter)(?:-|$)/;

/**
 * The labels of an alert with the truth in them: `exported_namespace`, `exported_pod`, `exported_container`,
 * `exported_job` and `exported_service` replace the bare ones, and what names only the scraper is left out. The other
 * labels stay as they are. Rule: RULES.md, "Where the truth is in the labels".
 */
export function truth(labels: Labels): Labels {
  const told = new Map(Object.entries(labels));
  for (const name of SCRAPER) told.delete(name);
  const foreign = labels.exported_namespace || FOREIGN_NAMESPACE.map((name) => labels[name]).find(Boolean);
  if (foreign && labels.namespace && foreign !== labels.namespace) {
    // The bare pod and container live in the exporter's namespace, so beside another namespace they are the exporter's.
    told.delete('pod');
    told.delete('container');
  }
  if (foreign) told.set('namespace', foreign);
  else if (isExportersOwn(labels)) forgetExporter(told);
  for (const name of EXPORTED) {
    const exported = labels[`exported_${name}`];
    if (exported) told.set(name, exported);
    told.delete(`exported_${name}`);
  }
  return Object.fromEntries(told);
}

function isExportersOwn(labels: Labels): boolean {
  if (labels.exported_pod || !OTHER_OBJECTS.some((name) => labels[name])) return false;
  return EXPORTER.test(labels.container ?? '') || EXPORTER.test(labels.pod ?? '');
}

function forgetExporter(told: Map<string, string>): void {
  told.delete('pod');
  told.delete('container');
  const namespaced = OTHER_OBJECTS.some((name) => name !== 'node' && told.has(name));
  if (!namespaced) told.delete('namespace');
}
