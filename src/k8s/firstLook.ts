import type { NameProfile } from '../alerts/profile.ts';
import { truth } from '../alerts/truth.ts';
import type { DiagnosticRequest, Diagnostics } from '../commands/ports.ts';
import { coerceError } from '../errors.ts';
import type { DiagnosticResult, Finding } from '../incidents/evidence.ts';
import type { IncidentWithAlerts } from '../incidents/incident.ts';
import { rank } from './findings/finding.ts';

/** What a first look brought. */
export interface LookResult {
  readonly results: readonly DiagnosticResult[];
  readonly failures: readonly { readonly diagnostic: string; readonly message: string }[];
  readonly findings: readonly Finding[];
  readonly summary: string;
}

type Plan = Pick<DiagnosticRequest, 'diagnostic' | 'name' | 'selector'>;

const MINUTE = 60_000;
/** The rule's `for` is not in the alert: RULES "First look" takes 15 min, and 5 more. */
const BEFORE_MS = 20 * MINUTE;

/** Looks at what an incident's alerts name, with the diagnostics that fit the kind of object, four at the most. */
export function createFirstLook(options: {
  readonly diagnostics: Diagnostics;
  readonly profile: NameProfile;
  readonly clock: () => number;
}) {
  return async (known: IncidentWithAlerts, signal: AbortSignal): Promise<LookResult> => {
    const { incident } = known;
    const namespace = incident.namespace ?? options.profile.controlNamespace;
    const base: DiagnosticRequest = {
      diagnostic: '',
      cluster: incident.cluster,
      namespace,
      allNamespaces: false,
      name: null,
      selector: null,
      fieldSelector: null,
      container: null,
      tail: null,
      since: incident.startedAt - BEFORE_MS,
      previous: false,
      sortBy: null,
      filter: null,
      priority: 'automatic',
      signal,
    };
    const plans = plan(known, options.profile);
    const answers = await Promise.allSettled(
      plans.map((one) =>
        options.diagnostics.run({ ...base, ...one, since: one.diagnostic === 'logs' ? null : base.since }),
      ),
    );
    const results: DiagnosticResult[] = [];
    const failures: { diagnostic: string; message: string }[] = [];
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 'fulfilled') results.push(answer.value);
      else failures.push({ diagnostic: plans[index]?.diagnostic ?? 'unknown', message: failureText(answer.reason) });
    }
    const all = rank(unique(results.flatMap((result) => result.findings)));
    const findings = relevant(all, known);
    return { results, failures, findings, summary: summaryOf(findings, results, failures.length) };
  };
}

function plan(known: IncidentWithAlerts, profile: NameProfile): readonly Plan[] {
  const { subject, namespace } = known.incident;
  const labels = truth(known.alerts[0]?.labels ?? {});
  const step = (diagnostic: string, name: string | null = null, selector: string | null = null): Plan => ({
    diagnostic,
    name,
    selector,
  });
  const pod = labels.pod ?? null;
  if (pod) return [step('logs', pod), step('events', pod), step('pods')];
  const buildJob = labels.job_name ?? null;
  if (buildJob)
    return [step('logs', buildJob), step('events', buildJob), step('jobs'), step('pods', null, `job-name=${buildJob}`)];
  if (namespace === profile.buildsNamespace)
    return [step('jobs'), step('pods'), step('events', subject.kind === 'alert' ? null : subject.name)];
  if (subject.kind === 'node') return [step('top nodes'), step('pods')];
  if (subject.kind === 'alert') return [step('pods'), step('events')];
  return [step('pods'), step('logs', subject.name), step('events', subject.name)];
}

function failureText(thrown: unknown): string {
  const error = coerceError(thrown);
  return [error.message, error.hint].filter(Boolean).join(' ');
}

/** Findings about what the alerts name come first; of others only the worst remain. */
function relevant(findings: readonly Finding[], known: IncidentWithAlerts): readonly Finding[] {
  const names = new Set([
    known.incident.subject.name,
    ...known.alerts.flatMap(({ labels }) => Object.values(truth(labels))),
  ]);
  const isAbout = (finding: Finding) =>
    [...names].some(
      (name) => name.length > 2 && (finding.subject.name === name || finding.subject.name.startsWith(`${name}-`)),
    );
  const about = findings.filter(isAbout);
  return [...about, ...findings.filter((finding) => !about.includes(finding)).slice(0, about.length > 0 ? 2 : 6)];
}

function unique(findings: readonly Finding[]): readonly Finding[] {
  return [
    ...new Map(
      findings.map((one) => [`${one.code}/${one.subject.kind}/${one.subject.namespace}/${one.subject.name}`, one]),
    ).values(),
  ];
}

function summaryOf(findings: readonly Finding[], results: readonly DiagnosticResult[], failed: number): string {
  const top = findings.find(({ level }) => level === 'critical' || level === 'warning');
  if (top) return `${top.confidence === 'confirmed' ? '' : 'Probably: '}${top.conclusion}`;
  if (results.length === 0) return failed > 0 ? 'The cluster could not be read.' : '';
  return `Unknown: nothing in ${results.map(({ diagnostic }) => diagnostic).join(', ')} explains the alert.`;
}
