import type { NameProfile } from '../../alerts/profile.ts';
import { coerceError, ResponderError } from '../../errors.ts';
import type { DiagnosticResult, Finding } from '../../incidents/evidence.ts';
import type { IncidentWithAlerts } from '../../incidents/incident.ts';
import { FIXED_RULES } from '../../incidents/policy.ts';
import type { Redactor } from '../../redaction/redactor.ts';
import { counted } from '../../wording/counts.ts';
import { type Collected, runDiagnostic } from '../ask/diagnostic.ts';
import { findingsOnPhone } from '../ask/phone.ts';
import type { ClusterAccess } from '../client/cluster.ts';
import type { ReadTable, TableRow } from '../client/kubeTable.ts';
import { pathOf, RESOURCES } from '../client/resources.ts';
import { createTurns } from '../client/sharing.ts';
import { LIMITS } from '../facts/gather.ts';
import type { Metrics } from '../facts/ports.ts';
import type { Wanted } from '../facts/reads.ts';
import { type Target, targetOf, withNodes } from '../facts/target.ts';
import { CODES } from '../rules/codes.ts';
import type { LogExcerpt } from '../subjects/inventory.ts';
import { KINDS } from '../subjects/kinds.ts';
import { isSick, pod } from '../subjects/pod.ts';
import { type AddressedNode, addressedNodes } from './addressedNodes.ts';
import { type Look, lookAt } from './look.ts';

/** The result of a first look. */
export interface LookResult {
  readonly results: readonly DiagnosticResult[];
  readonly failures: readonly { readonly diagnostic: string; readonly message: string }[];
  /** Ranked: causes, what follows from them, what else was seen. */
  readonly findings: readonly Finding[];
  readonly summary: string;
  /** Why this is no incident; `decided` when the evidence alone is enough to dismiss it. */
  readonly dismissal: { readonly why: string; readonly decided: boolean } | null;
  /** False when the cluster was not queried or did not answer: the look is to be repeated. */
  readonly isMade: boolean;
  /** Nodes that the alerts name by an address. */
  readonly nodes?: readonly AddressedNode[];
}

export interface FirstLookOptions {
  readonly clusters: ReadonlyMap<string, ClusterAccess>;
  readonly defaultCluster: string;
  readonly profile: NameProfile;
  readonly redactor: Redactor;
  readonly clock: () => number;
  readonly metrics?: Metrics | null;
  /** The `for` of the rule behind an incident, milliseconds; null when it is not known. Never throws. */
  readonly ruleFor?: (known: IncidentWithAlerts, signal: AbortSignal) => Promise<number | null>;
}

/** Deadline in milliseconds for the rule's `for` from Prometheus; the look does not wait longer for it. */
const RULE_MS = 1_000;
/** Milliseconds at p95 above which an API server is not looked at: docs/rules.md#first-look-slow. */
const TOO_SLOW_MS = FIXED_RULES.firstLook.tooSlowMs;

/**
 * Looks at the objects an incident's alerts name, judges every known cause and returns the evidence. Reads that failed
 * are in the result; a cluster that is too slow is skipped.
 */
export function createFirstLook(options: FirstLookOptions) {
  const { profile, redactor, clock } = options;
  const turns = new Map<string, ReturnType<typeof createTurns>>();
  /** Clusters that did not answer the last look at them. */
  const silent = new Set<string>();
  const lookNow = async (
    cluster: ClusterAccess,
    known: IncidentWithAlerts,
    ruleFor: number | null | undefined,
    signal: AbortSignal,
  ): Promise<LookResult> => {
    const pace = cluster.paceMs();
    const told = targetOf(known, profile, ruleFor ?? undefined);
    const isSlow = pace !== null && pace > TOO_SLOW_MS && !told.topics.has('api');
    if ((isSlow || silent.has(cluster.name)) && !(await answersAgain(cluster, signal))) return skipped(cluster, pace);
    silent.delete(cluster.name);
    const nodes = await addressedNodes(cluster, known, signal);
    const target = withNodes(
      told,
      nodes.map(({ node }) => node),
    );
    const metrics = options.metrics ?? null;
    const look = await lookAt({ cluster, target, profile, now: clock(), priority: 'automatic', signal, metrics });
    if (look.tables.length === 0 && look.failures.length > 0) {
      silent.add(cluster.name);
      return unread('The cluster could not be read.', look.failures);
    }
    return { ...(await evidenceOf(look, { cluster, target, profile, clock, redactor, signal })), nodes };
  };
  return async (known: IncidentWithAlerts, signal: AbortSignal): Promise<LookResult> => {
    const cluster = clusterOf(known.incident.cluster, options);
    const turn = turns.get(cluster.name) ?? createTurns();
    turns.set(cluster.name, turn);
    const ruleFor = await options.ruleFor?.(known, AbortSignal.any([signal, AbortSignal.timeout(RULE_MS)]));
    return turn(() => lookNow(cluster, known, ruleFor, signal), signal);
  };
}

/** A look that read nothing. */
function unread(summary: string, failures: LookResult['failures']): LookResult {
  return { results: [], failures, findings: [], summary, dismissal: null, isMade: false };
}

/** What a look brought as evidence: the diagnosis, every table that has rows, every log that was read. */
async function evidenceOf(look: Look, how: Telling): Promise<LookResult> {
  const { redactor, clock } = how;
  const { dismissal } = look.diagnosis;
  const tables = look.tables.filter(({ table }) => table.rows.length > 0);
  const logs = look.facts.logs.filter(({ missing }) => missing === null);
  const results = await Promise.all([
    diagnosed(look, how),
    ...tables.map(({ wanted, table }) =>
      toldAs(listed(wanted, table, clock()), KINDS[wanted.kind].resource.plural, kubectlOf(wanted), how),
    ),
    ...logs.map((log) => toldAs(logged(log), 'logs', kubectlLogs(log), how)),
  ]);
  const [first] = results;
  return {
    results,
    failures: look.failures,
    findings: first?.findings ?? [],
    summary: first?.summary ?? '',
    dismissal: dismissal && { ...dismissal, why: redactor.redact(dismissal.why) },
    isMade: true,
  };
}

interface Telling extends Pick<FirstLookOptions, 'profile' | 'redactor' | 'clock'> {
  readonly cluster: ClusterAccess;
  readonly target: Target;
  readonly signal: AbortSignal;
}

function toldAs(one: Collected, name: string, kubectl: string, how: Telling): Promise<DiagnosticResult> {
  const { cluster, target, profile, clock, redactor, signal } = how;
  return runDiagnostic(
    { name, phone: findingsOnPhone, kubectl: () => kubectl, collect: async () => one },
    { cluster, request: requestOf(target, signal), profile, clock },
    redactor,
  );
}

/** The diagnosis of a look, redacted. */
export function diagnosed(look: Look, how: Telling): Promise<DiagnosticResult> {
  return toldAs(told(look), 'diagnosis', `lambda-responder: first look at ${how.target.alert}`, how);
}

function clusterOf(name: string, { clusters, defaultCluster }: FirstLookOptions): ClusterAccess {
  const found =
    clusters.get(name) ??
    (clusters.size === 1 ? [...clusters.values()][0] : name === 'default' ? clusters.get(defaultCluster) : undefined);
  if (found) return found;
  throw new ResponderError('not_found', `no cluster "${name}" is configured`, {
    hint: `There are: ${[...clusters.keys()].join(', ')}.`,
  });
}

/**
 * Whether the cluster answers one small read in time. The last minute's answers say nothing about a server that has
 * recovered since, and a half-open circuit admits one call before it admits a whole look.
 */
async function answersAgain(cluster: ClusterAccess, signal: AbortSignal): Promise<boolean> {
  const begin = performance.now();
  const path = pathOf(RESOURCES.namespaces, null);
  try {
    await cluster.json({ path, query: { limit: 1 }, priority: 'automatic', signal });
    return performance.now() - begin < TOO_SLOW_MS;
  } catch (thrown) {
    // Forbidden is an answer: the server is up, and the look reports what it may not read.
    return coerceError(thrown).code === 'forbidden';
  }
}

function skipped(cluster: ClusterAccess, pace: number | null): LookResult {
  const state =
    pace !== null && pace > TOO_SLOW_MS ? `takes ${(pace / 1000).toFixed(1)} s to answer` : 'does not answer';
  const message = `skipped: the API server of ${cluster.name} ${state}; automatic reads of it are paused.`;
  return unread(`The cluster was not read: its API server ${state}.`, [{ diagnostic: 'first look', message }]);
}

/** The diagnosis as evidence: its lines are all cases found, with the deciding facts. */
function told({ diagnosis, judgement, facts, tables, calls, judgedMs }: Look): Collected {
  const missing = facts.logs.filter(({ missing: why }) => why !== null);
  const found = [
    ...judgement.causes.map(({ one }) => one),
    ...judgement.undecided.map(({ one }) => one),
    ...judgement.symptoms,
    ...judgement.elsewhere,
  ];
  return {
    title: 'Diagnosis',
    summary: diagnosis.summary,
    findings: diagnosis.findings,
    table: null,
    lines: found.map(
      (one) =>
        `${one.confidence} ${one.code} ${one.subject.kind}/${one.subject.name}: ${CODES[one.code].says(one.parts as never)} (${one.because.join(' | ').slice(0, 400)})`,
    ),
    notes: [
      `${counted(calls, 'call')}, judged in ${Math.round(judgedMs)} ms`,
      ...tables.flatMap(({ table }) => table.notes),
      ...missing.map((log) => `log of ${log.pod}/${log.container}: ${log.missing}`),
    ],
  };
}

function listed({ kind, namespace }: Wanted, table: ReadTable, now: number): Collected {
  const { resource } = KINDS[kind];
  const where = namespace === null ? '' : ` in ${namespace}`;
  // The worst pods first: the table is cut for a phone.
  const rows =
    kind === 'Pod' ? table.rows.toSorted((a, b) => Number(isSickRow(b, now)) - Number(isSickRow(a, now))) : table.rows;
  return {
    title: `${resource.kind}s${where}`,
    summary: `${table.isWhole ? '' : 'at least '}${table.total} ${resource.plural}${where}`,
    findings: [],
    table: { ...table, rows },
    lines: null,
    notes: [],
  };
}

function isSickRow({ object }: TableRow, now: number): boolean {
  const parsed = pod.safeParse(object);
  return parsed.success && isSick(parsed.data, now);
}

function logged(log: LogExcerpt): Collected {
  const lines = log.lines.map(({ at, text }) => (at === null ? text : `${new Date(at).toISOString()} ${text}`));
  return {
    title: `Log of ${log.pod}`,
    summary: counted(lines.length, 'line'),
    findings: [],
    table: null,
    lines,
    notes: [],
  };
}

function kubectlOf({ kind, namespace, fieldSelector, selector }: Wanted): string {
  const { group, plural } = KINDS[kind].resource;
  const name = group === '' || group === 'batch' || group === 'apps' ? plural : `${plural}.${group}`;
  const flags = [
    namespace === null ? '' : ` -n ${namespace}`,
    fieldSelector ? ` --field-selector=${fieldSelector}` : '',
    selector ? ` -l ${selector}` : '',
  ];
  return `kubectl get ${name}${flags.join('')}`;
}

function kubectlLogs({ pod: name, namespace, container, previous }: LogExcerpt): string {
  return `kubectl logs ${name} -n ${namespace} -c ${container} --tail=${LIMITS.tail}${previous ? ' --previous' : ''}`;
}

function requestOf(target: Target, signal: AbortSignal) {
  return {
    diagnostic: 'diagnosis',
    cluster: null,
    namespace: target.namespace,
    allNamespaces: false,
    name: null,
    selector: null,
    fieldSelector: null,
    container: null,
    tail: null,
    since: target.from,
    previous: false,
    sortBy: null,
    filter: null,
    priority: 'automatic',
    signal,
  } as const;
}
