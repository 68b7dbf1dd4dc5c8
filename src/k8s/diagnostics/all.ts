import type { DiagnosticRequest } from '../../commands/ports.ts';
import { coerceError } from '../../errors.ts';
import type { Finding } from '../../incidents/evidence.ts';
import type { Collected, Collection, Diagnostic } from '../diagnostic.ts';
import { place, splitName } from '../diagnostic.ts';
import { rank } from '../findings/finding.ts';
import { knativeObject } from '../knative.ts';
import { named, readPart } from '../parts.ts';
import { RESOURCES } from '../resources.ts';
import { sharedReads } from '../sharedReads.ts';
import { builds } from './builds.ts';
import { changes } from './changes.ts';
import { events } from './events.ts';
import { functionChain } from './function.ts';
import { isNameOfBuild, jobs } from './jobs.ts';
import { logs } from './logs.ts';
import { nodes } from './nodes.ts';
import { pods } from './pods.ts';
import { quota } from './quota.ts';
import { rollouts } from './rollouts.ts';
import { topNodes } from './topNodes.ts';

/** RULES "First look": four diagnostics, ten seconds in all. */
const MOST = 4;
const IN_ALL_MS = 10_000;

interface Step {
  readonly diagnostic: Diagnostic;
  readonly request: Partial<DiagnosticRequest>;
}

/** The first look that fits the object: what it is decides which diagnostics run, their findings are ranked together. */
export const all: Diagnostic = {
  name: 'all',
  kubectl: (request) => `kubectl get all,events ${place(request)}`,
  async collect(collection) {
    const { request } = collection;
    const shared: Collection = {
      ...collection,
      cluster: sharedReads(collection.cluster),
      request: { ...request, signal: AbortSignal.any([request.signal, AbortSignal.timeout(IN_ALL_MS)]) },
    };
    const steps = (await plan(shared)).slice(0, MOST);
    const answers = await Promise.allSettled(
      steps.map(({ diagnostic, request: own }) =>
        diagnostic.collect({ ...shared, request: { ...shared.request, ...own } }),
      ),
    );
    const failed = answers.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    if (failed.length === answers.length || (request.signal.aborted && failed.length > 0)) throw failed[0];
    return together(collection, steps, answers);
  },
};

async function plan(collection: Collection): Promise<readonly Step[]> {
  const { request, profile } = collection;
  const step = (diagnostic: Diagnostic, own: Partial<DiagnosticRequest> = {}): Step => ({ diagnostic, request: own });
  const none = { name: null } as const;
  const [kind, name] = splitName(request.name);
  if (name === null)
    return request.namespace === profile.buildsNamespace && profile.buildsNamespace !== profile.controlNamespace
      ? [step(builds), step(events), step(quota), step(nodes)]
      : [step(pods), step(events), step(rollouts), step(quota)];
  const plain = { name } as const;
  if (kind === 'node')
    return [step(nodes, plain), step(topNodes, none), step(events, { ...plain, namespace: 'default' })];
  if (kind === 'pod') return [step(pods, plain), step(logs, plain), step(events, plain), step(changes, none)];
  const job = [step(isNameOfBuild(profile, name) ? builds : jobs, plain), step(logs, { name: `job/${name}` })];
  const restOfJob = [step(events, plain), step(quota, none)];
  if (kind === 'job' || (kind === null && isNameOfBuild(profile, name))) return [...job, ...restOfJob];
  if (kind === 'function' || (kind === null && (await isFunction(collection, name))))
    return [
      step(functionChain, plain),
      step(builds, { ...plain, namespace: buildsPlace(collection), since: null }),
      step(events, plain),
      step(rollouts, plain),
    ];
  return [
    step(rollouts, plain),
    step(logs, { name: kind === null ? name : `${kind}/${name}` }),
    step(events, plain),
    step(changes, none),
  ];
}

function buildsPlace({ request, profile }: Collection): string | null {
  // In the operator's generation a function is built where it lives.
  return profile.name === 'operator' ? request.namespace : profile.buildsNamespace;
}

async function isFunction(collection: Collection, name: string): Promise<boolean> {
  const part = await readPart(collection, knativeObject, { resource: RESOURCES.ksvc, ...named(name) });
  return part.items.length > 0;
}

function whose({ conclusion, subject }: Finding): string {
  return conclusion.includes(subject.name) ? conclusion : `${subject.kind} ${subject.name}: ${conclusion}`;
}

function together(
  { request }: Collection,
  steps: readonly Step[],
  answers: readonly PromiseSettledResult<Collected>[],
): Collected {
  const named = (index: number) => steps[index]?.diagnostic.name ?? '';
  const rows = answers.map((answer, index) => {
    if (answer.status === 'rejected') {
      const cells = [named(index), 'not read', coerceError(answer.reason).message];
      return { cells, object: null };
    }
    const worst = rank(answer.value.findings)[0];
    const cells = [named(index), worst?.level ?? 'ok', answer.value.summary];
    return { cells, object: null };
  });
  const findings = rank(answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value.findings : [])));
  const notes = answers.flatMap((answer, index) =>
    answer.status === 'fulfilled'
      ? answer.value.notes.map((note) => `${named(index)}: ${note}`)
      : [`${named(index)}: ${coerceError(answer.reason).message}`],
  );
  const top = findings.find(({ level }) => level === 'critical' || level === 'warning');
  const looked = steps.map(({ diagnostic }) => diagnostic.name).join(', ');
  return {
    title: `First look at ${request.name ?? request.namespace ?? 'the cluster'}`,
    summary: top
      ? `${top.confidence === 'confirmed' ? '' : 'Probably: '}${whose(top)}`
      : `Nothing wrong was found in ${looked}.`,
    findings,
    table: { columns: ['NAME', 'STATUS', 'MESSAGE'], rows, total: rows.length },
    lines: null,
    notes: [...new Set(notes)],
  };
}
