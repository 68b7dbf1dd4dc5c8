import type { NameProfile } from '../alerts/profile.ts';
import { ResponderError } from '../errors.ts';
import { counted } from '../incidents/counted.ts';
import type { DiagnosticResult, Finding } from '../incidents/evidence.ts';
import type { IncidentWithAlerts } from '../incidents/incident.ts';
import type { Redactor } from '../redaction/redactor.ts';
import type { ClusterAccess } from './cluster.ts';
import { type Collected, runDiagnostic } from './diagnostic.ts';
import { unhealth } from './findings/pods.ts';
import type { LogExcerpt } from './hypotheses/facts.ts';
import { type Gathered, gather } from './hypotheses/gather.ts';
import { type Diagnosis, judge } from './hypotheses/judge.ts';
import { KINDS, type Wanted } from './hypotheses/reads.ts';
import { createTurns } from './hypotheses/sharing.ts';
import { type Target, targetOf } from './hypotheses/target.ts';
import { pod } from './objects.ts';
import type { KubeTable, TableRow } from './table.ts';

/** What a first look brought. */
export interface LookResult {
  readonly results: readonly DiagnosticResult[];
  readonly failures: readonly { readonly diagnostic: string; readonly message: string }[];
  /** Ranked: causes, what follows from them, what else was seen. */
  readonly findings: readonly Finding[];
  readonly summary: string;
  /** Why this is no incident; `decided` when the evidence alone is enough to dismiss it. */
  readonly dismissal: { readonly why: string; readonly decided: boolean } | null;
}

export interface FirstLookOptions {
  readonly clusters: ReadonlyMap<string, ClusterAccess>;
  readonly defaultCluster: string;
  readonly profile: NameProfile;
  readonly redactor: Redactor;
  readonly clock: () => number;
  /** The `for` of the rule behind an incident, milliseconds; null when it is not known. Never throws. */
  readonly ruleFor?: (known: IncidentWithAlerts, signal: AbortSignal) => Promise<number | null>;
}

/** Prometheus tells since when the condition held; the cluster does not wait longer for it. */
const RULE_MS = 1_000;
/** RULES "First look": not at an API server whose answers take longer than this at p95. */
const TOO_SLOW_MS = 2_000;

/**
 * Looks at what an incident's alerts name, judges every known cause and answers with the evidence. What could not be
 * read is told; a cluster that is too slow to be asked is not asked.
 */
export function createFirstLook(options: FirstLookOptions) {
  const { profile, redactor, clock } = options;
  const turns = new Map<string, ReturnType<typeof createTurns>>();
  return async (known: IncidentWithAlerts, signal: AbortSignal): Promise<LookResult> => {
    const cluster = clusterOf(known.incident.cluster, options);
    const turn = turns.get(cluster.name) ?? createTurns();
    turns.set(cluster.name, turn);
    const ruleFor = await options.ruleFor?.(known, AbortSignal.any([signal, AbortSignal.timeout(RULE_MS)]));
    return turn(async () => {
      const pace = cluster.paceMs();
      const target = targetOf(known, profile, ruleFor ?? undefined);
      if (pace !== null && pace > TOO_SLOW_MS && !target.topics.has('api')) return skipped(cluster, pace);
      const gathered = await gather({ cluster, target, profile, now: clock(), signal });
      if (gathered.tables.length === 0 && gathered.failures.length > 0)
        return {
          results: [],
          failures: gathered.failures,
          findings: [],
          summary: 'The cluster could not be read.',
          dismissal: null,
        };
      const begin = performance.now();
      const diagnosis = judge(gathered.facts);
      const tell = (one: Collected, name: string, kubectl: string) =>
        runDiagnostic(
          { name, kubectl: () => kubectl, collect: async () => one },
          { cluster, request: requestOf(target, signal), profile, clock },
          redactor,
        );
      const results = await Promise.all([
        tell(
          told(diagnosis, gathered, performance.now() - begin),
          'diagnosis',
          `lambda-responder: first look at ${target.alert}`,
        ),
        ...gathered.tables.map(({ wanted, table }) => tell(listed(wanted, table), wanted.kind, kubectlOf(wanted))),
        ...gathered.facts.logs.map((log) =>
          tell(
            logged(log),
            'logs',
            `kubectl logs ${log.pod} -n ${log.namespace} -c ${log.container} --tail=100${log.previous ? ' --previous' : ''}`,
          ),
        ),
      ]);
      const [first] = results;
      return {
        results,
        failures: gathered.failures,
        findings: first?.findings ?? [],
        summary: first?.summary ?? '',
        dismissal: diagnosis.dismissal
          ? { ...diagnosis.dismissal, why: redactor.redact(diagnosis.dismissal.why) }
          : null,
      };
    }, signal);
  };
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

function skipped(cluster: ClusterAccess, pace: number): LookResult {
  const seconds = (pace / 1000).toFixed(1);
  return {
    results: [],
    failures: [
      {
        diagnostic: 'first look',
        message: `skipped: the API server of ${cluster.name} takes ${seconds} s to answer, and is not asked more than it must be.`,
      },
    ],
    findings: [],
    summary: `The cluster was not read: its API server takes ${seconds} s to answer.`,
    dismissal: null,
  };
}

/** The diagnosis itself: its lines are every hypothesis with how it ended and what decided it. */
function told(diagnosis: Diagnosis, gathered: Gathered, ms: number): Collected {
  const missing = gathered.facts.logs.filter(({ missing: why }) => why !== null);
  return {
    title: 'Diagnosis',
    summary: diagnosis.summary,
    findings: diagnosis.findings,
    table: null,
    lines: diagnosis.judged,
    notes: [
      `${counted(gathered.calls, 'call')}, judged in ${Math.round(ms)} ms`,
      ...gathered.tables.flatMap(({ table }) => table.notes),
      ...missing.map((log) => `log of ${log.pod}/${log.container}: ${log.missing}`),
    ],
  };
}

function listed({ kind, namespace }: Wanted, table: KubeTable): Collected {
  const where = namespace === null ? '' : ` in ${namespace}`;
  // The worst pods first: the table is cut for a phone.
  const rows = kind === 'pods' ? table.rows.toSorted((a, b) => unhealthOf(b) - unhealthOf(a)) : table.rows;
  return {
    title: `${KINDS[kind].resource.kind}s${where}`,
    summary: `${table.total} ${kind}${where}`,
    findings: [],
    table: { ...table, rows },
    lines: null,
    notes: [],
  };
}

function unhealthOf({ object }: TableRow): number {
  const parsed = pod.safeParse(object);
  return parsed.success ? unhealth(parsed.data) : 0;
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

function kubectlOf({ kind, namespace, fieldSelector }: Wanted): string {
  const { group, plural } = KINDS[kind].resource;
  const name = group === '' || group === 'batch' || group === 'apps' ? plural : `${plural}.${group}`;
  return `kubectl get ${name}${namespace === null ? '' : ` -n ${namespace}`}${fieldSelector ? ` --field-selector=${fieldSelector}` : ''}`;
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
