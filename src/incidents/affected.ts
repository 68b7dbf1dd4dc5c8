import type { Labels } from '../alerts/alert.ts';
import { truth } from '../alerts/truth.ts';
import type { IncidentAlert, Unread } from './incident.ts';
import { measuredAt } from './subject.ts';

/** Labels that name an affected object, the most telling first, with the word people use for it. */
const OBJECTS: readonly { readonly label: string; readonly one: string; readonly many: string }[] = [
  { label: 'horizontalpodautoscaler', one: 'autoscaler', many: 'autoscalers' },
  { label: 'poddisruptionbudget', one: 'disruption budget', many: 'disruption budgets' },
  { label: 'resourcequota', one: 'quota', many: 'quotas' },
  { label: 'pod', one: 'pod', many: 'pods' },
  { label: 'job_name', one: 'Job', many: 'Jobs' },
  { label: 'function', one: 'function', many: 'functions' },
  { label: 'deployment', one: 'Deployment', many: 'Deployments' },
  { label: 'statefulset', one: 'StatefulSet', many: 'StatefulSets' },
  { label: 'daemonset', one: 'DaemonSet', many: 'DaemonSets' },
  { label: 'persistentvolumeclaim', one: 'volume claim', many: 'volume claims' },
  { label: 'queue', one: 'queue', many: 'queues' },
  { label: 'cronjob', one: 'CronJob', many: 'CronJobs' },
  { label: 'persistentvolume', one: 'volume', many: 'volumes' },
  { label: 'ingress', one: 'Ingress', many: 'Ingresses' },
  { label: 'service', one: 'Service', many: 'Services' },
  { label: 'trigger', one: 'Trigger', many: 'Triggers' },
  { label: 'broker', one: 'Broker', many: 'Brokers' },
  { label: 'node', one: 'node', many: 'nodes' },
];

/** The name of the object an alert is about, never the scraper's own; null when no label tells. */
export function objectIn(labels: Labels): string | null {
  const told = truth(labels);
  return OBJECTS.map(({ label }) => told[label]).find((name) => name) ?? measuredAt(labels)?.name ?? null;
}

export interface Affected {
  /** Label the objects were named by: `pod`, `job_name`, `node` ... */
  readonly label: string;
  /** The word for so many of them: `3 pods`. */
  readonly text: string;
  readonly count: number;
  /** Different names, in the order of the alphabet. */
  readonly names: readonly string[];
}

/**
 * The objects that alerts name, without repeats, one list a kind, the most telling kind first. While something fires
 * only what fires counts. The same name in two namespaces is two objects. Where alerts were not read there may be more.
 */
export function affected(alerts: readonly IncidentAlert[], unread?: Unread): readonly Affected[] {
  const firing = alerts.filter((alert) => alert.status === 'firing');
  const isPart = (unread?.firing ?? 0) > 0 || (firing.length === 0 && (unread?.resolved ?? 0) > 0);
  const named = new Map(OBJECTS.map(({ label }) => [label, new Map<string, string>()]));
  for (const alert of firing.length > 0 ? firing : alerts) {
    const labels = truth(alert.labels);
    for (const { label } of OBJECTS) {
      const name = labels[label];
      if (name) named.get(label)?.set(JSON.stringify([name, labels.namespace ?? '', alert.cluster]), name);
    }
  }
  const found = OBJECTS.flatMap(({ label, one, many }) => {
    const objects = named.get(label) ?? new Map<string, string>();
    if (objects.size === 0) return [];
    const names = [...new Set(objects.values())].sort();
    const text = `${isPart ? 'at least ' : ''}${objects.size} ${objects.size === 1 ? one : many}`;
    return [{ label, text, count: objects.size, names }];
  });
  return found.length > 0 ? found : measured(firing.length > 0 ? firing : alerts, isPart);
}

/** Alerts that name no object are told by where they were measured. */
function measured(alerts: readonly IncidentAlert[], isPart: boolean): readonly Affected[] {
  const places = alerts.flatMap((alert) => measuredAt(alert.labels) ?? []);
  return (['instance', 'scrape-job', 'rule'] as const).flatMap((kind) => {
    const names = [...new Set(places.filter((place) => place.kind === kind).map((place) => place.name))].sort();
    if (names.length === 0) return [];
    const word = names.length === 1 ? MEASURED[kind].one : MEASURED[kind].many;
    return [{ label: kind, text: `${isPart ? 'at least ' : ''}${names.length} ${word}`, count: names.length, names }];
  });
}

const MEASURED = {
  instance: { one: 'instance', many: 'instances' },
  'scrape-job': { one: 'scrape job', many: 'scrape jobs' },
  rule: { one: 'rule', many: 'rules' },
} as const;
