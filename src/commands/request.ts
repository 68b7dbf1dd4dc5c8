import { truth } from '../alerts/truth.ts';
import { ResponderError } from '../errors.ts';
import type { Incident, IncidentWithAlerts } from '../incidents/incident.ts';
import { FIXED_RULES } from '../incidents/policy.ts';
import { speaker } from '../incidents/said.ts';
import { isoSeconds } from '../wording/instants.ts';
import { UNRESOLVED } from './access.ts';
import type { Run } from './command.ts';
import { howInWords, incidentHere, type Meant, meantIncident } from './context.ts';
import type { DiagnosticForm } from './diagnostics.ts';
import type { Flags } from './flags.ts';
import { type NamedObject, objectName } from './names.ts';
import type { DiagnosticRequest } from './ports.ts';
import type { Assumption } from './reply.ts';
import { nearest as nearestNames } from './suggest.ts';

const { forMs, marginMs, changesMs } = FIXED_RULES.firstLook;
/** The window before an alert's start when its rule's `for` is not known: docs/rules.md#first-look-window. */
const BEFORE_START = forMs + marginMs;
const BEFORE_CHANGES = BEFORE_START + changesMs;

export type MeantIncident = Extract<Meant, { kind: 'found' }>;

export interface Plan {
  readonly request: DiagnosticRequest;
  readonly assumed: readonly Assumption[];
  readonly notes: readonly string[];
}

/**
 * The incident a diagnostic is for. Unlike a command about an incident it needs none: outside any, the documented
 * defaults hold, so a doubt is no reason to ask back.
 */
export async function whichIncident(form: DiagnosticForm, flags: Flags, run: Run): Promise<Meant> {
  if (flags.incident === null && (await incidentHere(run)) === null) {
    if (flags.name !== null) return await ofObject(flags.name, form, flags, run);
    if (flags.selector !== null || flags.allNamespaces || flags.kind !== null) return { kind: 'none' };
  }
  const meant = await meantIncident(run, { number: flags.incident, writing: false });
  const isElsewhere =
    meant.kind === 'found' &&
    (meant.how === 'only' || meant.how === 'touched') &&
    ((flags.namespace !== null && flags.namespace !== meant.known.incident.namespace) ||
      !isOfReadCluster(meant.known.incident, flags, run));
  if (isElsewhere) return { kind: 'none' };
  return meant.kind === 'pick' && flags.incident === null ? { kind: 'none' } : meant;
}

/**
 * The unresolved incident that is about an object: its subject has that name, or the object's name begins with the
 * subject's, as a pod's does with its Deployment's, and it is where the answer is read. None when there is none, or when two
 * are: then the answer stands alone.
 */
async function ofObject({ name }: NamedObject, form: DiagnosticForm, flags: Flags, run: Run): Promise<Meant> {
  const open = await run.ports.incidents.list({ status: UNRESOLVED, limit: 500 });
  const namespace = flags.allNamespaces ? null : (flags.namespace ?? form.namespace(run.ports.settings.profile));
  const about = open.filter(
    (incident) =>
      (namespace === null || incident.namespace === null || incident.namespace === namespace) &&
      isOfReadCluster(incident, flags, run) &&
      (incident.subject.name === name ||
        (incident.subject.name.length > 2 && name.startsWith(`${incident.subject.name}-`))),
  );
  const nearest = Math.max(0, ...about.map(({ subject }) => subject.name.length));
  const [one, other] = about.filter(({ subject }) => subject.name.length === nearest);
  const known = one && !other ? await run.ports.incidents.find(one.number) : null;
  return known ? { kind: 'found', known, how: 'object' } : { kind: 'none' };
}

/** Whether an incident that nobody named is of the cluster that is read; the one cluster without a name may be any. */
function isOfReadCluster({ cluster }: Incident, flags: Flags, run: Run): boolean {
  const { clusters } = run.ports.settings;
  if (flags.cluster !== null) return cluster === flags.cluster;
  return clusters.includes(cluster) || clusters.length === 0 || (clusters.length === 1 && cluster === 'default');
}

/** Builds the request: what was typed, then (in an incident's place) what the incident says, then the documented default. Pure but for the clock. */
export function planRequest(form: DiagnosticForm, flags: Flags, meant: MeantIncident | null, run: Run): Plan {
  const { settings } = run.ports;
  const assumed: Assumption[] = [];
  const notes: string[] = [];
  if (meant && meant.how !== 'number' && run.invocation.door !== 'runbook')
    assumed.push({
      what: 'incident',
      value: `#${meant.known.incident.number}`,
      from: howInWords(meant.how),
      override: '-i NUMBER',
    });
  const inside = meant && (meant.how === 'place' || meant.how === 'number') ? meant.known : null;
  const namespace = chooseNamespace(form, flags, inside, run, assumed);
  const name = flags.name ?? (flags.kind === null ? objectFromIncident(form, flags, inside, assumed) : null);
  const selector = flags.selector ?? documentedSelector(form, flags, name, namespace, run, assumed);
  const since = flags.since ?? windowFromIncident(form, inside, assumed);
  if (form.name === 'logs' && !name && !selector)
    throw new ResponderError('bad_input', `Whose logs in ${namespace ?? 'all namespaces'}?`, {
      hint: 'Name a pod, or several by label: diag logs NAME, diag logs -l app=NAME.',
    });
  return {
    assumed,
    notes,
    request: {
      diagnostic: form.name,
      cluster: chooseCluster(flags, meant?.known ?? null, settings.clusters, notes),
      namespace,
      allNamespaces: flags.allNamespaces,
      name: name ? requestName(name, form) : flags.kind === null ? null : `${flags.kind}/`,
      selector,
      fieldSelector: flags.fieldSelector,
      container: flags.container,
      tail: flags.tail ?? form.tail ?? null,
      since,
      startedAt: inside?.incident.startedAt ?? null,
      previous: flags.previous,
      sortBy: flags.sortBy ?? form.sortBy ?? null,
      filter: flags.filter,
      output: flags.output,
      priority: run.invocation.door === 'runbook' ? 'automatic' : 'person',
      signal: run.signal,
    },
  };
}

/** A bare name unless a kind other than the usual one was said: then `kind/name`. */
function requestName(object: NamedObject, form: DiagnosticForm): string {
  const isUsual = object.kind === 'pod' && form.name !== 'describe';
  const isKnown = object.kind !== null && (form.kinds?.includes(object.kind) ?? true);
  return !isKnown || isUsual ? object.name : `${object.kind}/${object.name}`;
}

function chooseNamespace(
  form: DiagnosticForm,
  flags: Flags,
  inside: IncidentWithAlerts | null,
  run: Run,
  assumed: Assumption[],
): string | null {
  if (flags.allNamespaces) return null;
  if (flags.namespace !== null) return flags.namespace;
  const { profile } = run.ports.settings;
  const documented = form.namespace(profile);
  const own = form.fromIncident.namespace ? (inside?.incident.namespace ?? null) : null;
  // An alert about the control plane does not move the builds: their Jobs stay where the profile puts them. Nor does one about
  // the broker or the storage, which have namespaces of their own, move what functions consist of.
  const elsewhere =
    documented !== own &&
    ((own === profile.controlNamespace && documented === profile.buildsNamespace) ||
      (form.ofFunctions === true && [profile.rabbitmqNamespace, profile.storageNamespace].includes(own ?? '')));
  const override = form.options.includes('namespace') ? '-n NAME' : null;
  if (own !== null && !elsewhere && inside) {
    assumed.push({ what: 'namespace', value: own, from: `incident #${inside.incident.number}`, override });
    return own;
  }
  if (documented !== null)
    assumed.push({ what: 'namespace', value: documented, from: 'the documented default', override });
  return documented;
}

const LABEL_KINDS: Readonly<Record<string, string>> = {
  pod: 'pod',
  job_name: 'job',
  function: 'function',
  lambda_function: 'function',
  service_name: 'function',
  deployment: 'deployment',
  statefulset: 'statefulset',
  daemonset: 'daemonset',
  node: 'node',
};

function objectFromIncident(
  form: DiagnosticForm,
  flags: Flags,
  inside: IncidentWithAlerts | null,
  assumed: Assumption[],
): NamedObject | null {
  if (!inside || flags.selector || flags.allNamespaces || flags.namespace !== null) return null;
  const alert = speaker(inside.alerts);
  const labels = alert ? truth(alert.labels) : {};
  for (const label of form.fromIncident.objects) {
    const value = labels[label] || subjectValue(inside, label);
    if (!value) continue;
    const object = validOrNull(value, LABEL_KINDS[label] ?? null);
    if (!object) continue;
    const plain = form.argument === object.kind ? { kind: null, name: object.name } : object;
    assumed.push({
      what: object.kind ?? 'object',
      value: object.name,
      from: `incident #${inside.incident.number}`,
      override: `diag ${form.name} NAME`,
    });
    return plain;
  }
  return null;
}

function subjectValue(inside: IncidentWithAlerts, label: string): string | undefined {
  const { subject } = inside.incident;
  return subject.kind === 'function' && label === 'function' ? subject.name : undefined;
}

/** A label's value as an object, or null: what an alert carries is as little to be trusted as what a person types. */
function validOrNull(value: string, kind: string | null): NamedObject | null {
  try {
    return value.includes('/') ? null : { kind, name: objectName(value).name };
  } catch {
    return null;
  }
}

function documentedSelector(
  form: DiagnosticForm,
  flags: Flags,
  name: NamedObject | null,
  namespace: string | null,
  run: Run,
  assumed: Assumption[],
): string | null {
  const { profile } = run.ports.settings;
  if (!form.selector || name || flags.allNamespaces || namespace !== profile.controlNamespace) return null;
  const value = form.selector(profile);
  assumed.push({ what: 'selector', value, from: 'the documented default', override: '-l LABELS' });
  return value;
}

function windowFromIncident(
  form: DiagnosticForm,
  inside: IncidentWithAlerts | null,
  assumed: Assumption[],
): number | null {
  if (!inside || form.fromIncident.window === null) return null;
  const before = form.fromIncident.window === 'changes' ? BEFORE_CHANGES : BEFORE_START;
  const since = inside.incident.startedAt - before;
  assumed.push({
    what: 'since',
    value: isoSeconds(since),
    from: `${before / 60_000} min before incident #${inside.incident.number} began`,
    override: '--since 2h',
  });
  return since;
}

function chooseCluster(
  flags: Flags,
  known: IncidentWithAlerts | null,
  clusters: readonly string[],
  notes: string[],
): string | null {
  if (flags.cluster !== null) {
    if (clusters.includes(flags.cluster)) return flags.cluster;
    const near = nearestNames(flags.cluster, clusters, 3);
    throw new ResponderError('bad_input', `There is no cluster “${flags.cluster}”.`, {
      hint: `Configured: ${(near.length > 0 ? near : clusters).join(', ') || 'one without a name; leave --cluster out'}.`,
    });
  }
  const own = known?.incident.cluster;
  if (own === undefined || clusters.includes(own)) return own ?? null;
  if (clusters.length > 1)
    throw new ResponderError(
      'bad_input',
      `Incident #${known?.incident.number} is in cluster “${own}”, which I cannot read.`,
      {
        hint: `Name one of those I can read: --cluster ${clusters.join(' | ')}.`,
      },
    );
  if (own !== 'default') notes.push(`The alert came from cluster “${own}”; this was read from the one cluster I have.`);
  return null;
}
