import type { Labels } from './alert.ts';
import { isClusterWide, type Named, namedIn, nounOf, OBJECT_NOUNS } from './labels.ts';

/** Labels that name the scraper or the Prometheus, never what the alert is about. */
const SCRAPER: ReadonlySet<string> = new Set(['job', 'service', 'instance', 'endpoint', 'prometheus', 'replica']);

/** Labels a target has besides those of its metrics. */
const TARGETS = ['instance', 'job', 'service', 'endpoint'] as const;

/** Exporters that report on other objects; with `honorLabels` on, their own pod still fills a label the metric lacks. */
const EXPORTER = /(?:^|[-/])(?:kube-state-metrics|[a-z]+-exporter)(?:[-/]|$)/;
const STATE_METRICS = /(?:^|[-/])kube-state-metrics(?:[-/]|$)/;
/** Exporters that report on the host they run on, and exporters that report on a target they probe. */
const HOSTS = /(?:^|[-/])(?:node|windows|dcgm|smartctl|ipmi)[-_]exporter(?:[-/]|$)/;
const PROBERS = /(?:^|[-/])(?:blackbox|snmp|domain|ssl|ping|json|probe|cloudwatch|stackdriver)[-_]exporter(?:[-/]|$)/;

/** The name of a node is a DNS subdomain (https://kubernetes.io/docs/concepts/architecture/nodes/#node-name-uniqueness). */
const NODE_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Metrics of kube-state-metrics about a namespace, a quota or an object of a custom kind have these, and no `uid`. */
const NOT_OF_PODS = ['phase', 'resource', 'customresource_kind', 'type', 'condition'] as const;

/** Cache by label set: label sets are immutable, and every step of a decision asks for their truth. */
const known = new WeakMap<Labels, Labels>();

/**
 * The labels of an alert with the truth in them: our nouns (see `labels.ts`) hold what the alert is about, whatever its
 * sender calls it; `exported_*` is gone, and so is what names only the scraper. The other labels stay as they are.
 * Rule: docs/rules.md#truth-in-labels.
 */
export function truth(labels: Labels): Labels {
  const before = known.get(labels);
  if (before) return before;
  const found = findTruth(labels);
  known.set(labels, found);
  // `truth` is idempotent: its result is its own truth.
  known.set(found, found);
  return found;
}

function findTruth(labels: Labels): Labels {
  const first = namedIn(labels);
  // The bare pod and container labels are the exporter's own when `exported_namespace` differs: they live in the bare
  // namespace.
  const isForeign = Boolean(labels.namespace) && first.namespace !== labels.namespace;
  const isExporters = isForeign || isExportersOwn(labels, first);
  const own = isExporters ? without(labels, ['pod', 'container']) : labels;
  const named = { ...(isExporters ? namedIn(own) : first) };
  const node = isExporters && labels.pod && isOf(labels, HOSTS) ? nodeOfHost(labels) : null;
  if (node && !OBJECT_NOUNS.some((noun) => named[noun])) named.node = node;
  const told: Record<string, string> = Object.create(null);
  for (const name in own) if (!isScrapers(name)) told[name] = own[name] ?? '';
  if (isExporters && !isForeign && hasNoNamespace(labels, named)) {
    delete named.namespace;
    delete told.namespace;
  }
  const job = labels.exported_job;
  return Object.freeze({ ...told, ...(job ? { job } : {}), ...named });
}

function without(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)));
}

function isScrapers(name: string): boolean {
  if (SCRAPER.has(name)) return true;
  if (!name.startsWith('exported_')) return false;
  return SCRAPER.has(name.slice('exported_'.length)) || nounOf(name) !== null;
}

/**
 * A host, a probed address, a node and a volume have no namespace: the namespace label beside them is the exporter's.
 */
function hasNoNamespace(labels: Labels, named: Named): boolean {
  if (OBJECT_NOUNS.some((noun) => named[noun])) return isClusterWide(named);
  return isOf(labels, HOSTS);
}

/**
 * A host's exporter that runs as a pod watches a node. kube-prometheus gives its targets the node's name as `instance`;
 * an address is left as it is, for only the cluster knows whose it is.
 */
function nodeOfHost(labels: Labels): string | null {
  const host = labels.instance ?? '';
  return NODE_NAME.test(host) && !/^[0-9.]+$/.test(host) ? host : null;
}

function isExportersOwn(labels: Labels, named: Named): boolean {
  if (named.pod !== labels.pod || !isOf(labels, EXPORTER)) return false;
  if (OBJECT_NOUNS.some((noun) => named[noun])) return true;
  const isOfTarget = TARGETS.some((name) => labels[name]) && !labels.uid;
  if (!isOfTarget) return false;
  if (isOf(labels, HOSTS) || isOf(labels, PROBERS)) return Boolean(labels.instance);
  return isOf(labels, STATE_METRICS) && NOT_OF_PODS.some((name) => labels[name]);
}

/**
 * Whether the exporter matches the pattern, judged by pod and container; where the labels name neither, by the names of
 * the scrape.
 */
function isOf(labels: Labels, pattern: RegExp): boolean {
  const names = labels.pod || labels.container ? ['container', 'pod'] : ['job', 'service'];
  return names.some((name) => pattern.test(labels[name] ?? ''));
}

/**
 * Whether the series was scraped from kube-state-metrics. Its scrape labels say nothing about the object it reports on.
 */
export function isOfStateMetrics(labels: Labels): boolean {
  return ['container', 'pod', 'job', 'service'].some((name) => STATE_METRICS.test(labels[name] ?? ''));
}
