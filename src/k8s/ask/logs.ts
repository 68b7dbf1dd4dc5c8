import { z } from 'zod';
import type { DiagnosticRequest } from '../../commands/ports.ts';
import { coerceError, ResponderError } from '../../errors.ts';
import { counted } from '../../wording/counts.ts';
import { isoSeconds } from '../../wording/instants.ts';
import type { ClusterAccess } from '../client/cluster.ts';
import { readTable } from '../client/kubeTable.ts';
import { logPathOf, RESOURCES, type Resource } from '../client/resources.ts';
import { census, isSickRow } from '../facts/census.ts';
import { linesOf } from '../facts/logLines.ts';
import { endedBadly, isSick, lastEnd, loops, type Pod, pod, statusesOf } from '../subjects/pod.ts';
import { type Collection, type Diagnostic, namespaceOf, place, splitName } from './diagnostic.ts';
import { named, readPart } from './parts.ts';
import { logsOnPhone } from './phoneLines.ts';
import { verdictOf } from './verdict.ts';

const TAIL = 100;
const LIMIT_BYTES = 256 * 1024;
const MAX_PODS = 5;
/** No container's name: they have no capitals. */
const ALL = 'ALL';
/** Labels by which workloads mark their pods, for a name that is none of a pod. */
const OWNER_LABELS = [
  'job-name',
  'serving.knative.dev/service',
  'serving.knative.dev/configuration',
  'app.kubernetes.io/name',
  'app',
];

interface Source {
  readonly pod: Pod;
  readonly container: string;
}

export const logs: Diagnostic = {
  name: 'logs',
  phone: logsOnPhone,
  kubectl: (request) =>
    command(request, request.name ?? (request.selector ? `-l ${request.selector}` : ''), request.container),
  async collect(collection) {
    const { request } = collection;
    const now = collection.clock();
    if (namespaceOf(request) === null)
      throw new ResponderError('bad_input', 'logs are read from one namespace', { hint: 'Name it: -n NAMESPACE' });
    const { pods: found, what } = await findPods(collection);
    const chosen = found.toSorted((a, b) => Number(isSick(b, now)) - Number(isSick(a, now))).slice(0, MAX_PODS);
    const sources = chosen.map((one) => ({ pod: one, container: containerOf(one, request) }));
    const answers = await Promise.all(sources.map((source) => readOne(collection.cluster, source, request)));
    const lines = answers.flatMap(({ text, source }) => label(text, source, sources.length > 1));
    const needle = request.filter?.toLowerCase() ?? null;
    const kept = needle === null ? lines : lines.filter((line) => line.toLowerCase().includes(needle));
    const notes = answers.flatMap(({ note }) => note ?? []);
    if (found.length > chosen.length) notes.push(`${chosen.length} of ${found.length} pods, the unhealthy first`);
    if (needle !== null) notes.push(`${kept.length} of ${lines.length} lines match "${request.filter}"`);
    const names = sources.map(({ pod: one, container }) => `${one.metadata.name}/${container}`);
    return {
      title: `Logs of ${names.length === 1 ? names[0] : `${names.length} pods`} in ${request.namespace}`,
      summary:
        kept.length === 0
          ? 'No lines.'
          : `${counted(kept.length, 'line')}${request.previous ? ' of the previous container' : ''}, the newest last.`,
      findings: verdictOf(
        collection,
        { Pod: { items: chosen, isWhole: false } },
        answers.map(({ source, text }) => ({
          namespace: source.pod.metadata.namespace ?? request.namespace ?? '',
          pod: source.pod.metadata.name,
          container: source.container,
          previous: request.previous,
          lines: linesOf(text),
          missing: null,
        })),
      ),
      table: null,
      lines: kept,
      notes,
      kubectl: command(request, what ?? chosen[0]?.metadata.name ?? '', request.container ?? containerToName(sources)),
    };
  },
};

function command(request: DiagnosticRequest, what: string, container: string | null): string {
  const flags = [
    container === ALL ? '--all-containers' : container && `-c ${container}`,
    `--tail=${request.tail ?? TAIL}`,
    request.since === null ? '' : `--since-time=${isoSeconds(request.since)}`,
    request.previous ? '--previous' : '',
  ];
  return ['kubectl logs', what, place(request), ...flags].filter(Boolean).join(' ');
}

/** The `-c` flag that kubectl needs to show the same; null when it would choose the same container by itself. */
function containerToName(sources: readonly Source[]): string | null {
  if (sources.every((source) => source.container === kubectlsChoice(source.pod))) return null;
  const [first, ...others] = new Set(sources.map(({ container }) => container));
  return others.length === 0 ? (first ?? null) : ALL;
}

function kubectlsChoice({ metadata, spec }: Pod): string | null {
  const marked = metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  return marked ?? spec.containers[0]?.name ?? null;
}

interface Found {
  readonly pods: readonly Pod[];
  /** The kubectl argument that selects these pods; null for a pod's own name. */
  readonly what: string | null;
}

/** The pods meant: by selector, by their own name, or by the name of what owns them. */
async function findPods(collection: Collection): Promise<Found> {
  const { cluster, request } = collection;
  const list = async (selector: string | null, name: string | null = null) => {
    const read = {
      resource: RESOURCES.pods,
      namespace: request.namespace,
      name,
      selector,
      priority: request.priority,
      signal: request.signal,
    };
    return (await readTable(cluster, read)).rows.flatMap((row) => pod.safeParse(row.object).data ?? []);
  };
  const [kind, name] = splitName(request.name);
  if (name === null) {
    const pods = await list(request.selector);
    if (pods.length > 0) return { pods, what: request.selector && `-l ${request.selector}` };
    throw new ResponderError(
      'not_found',
      `no pods in ${request.namespace}${request.selector ? ` match ${request.selector}` : ''}`,
      { hint: 'See what runs there: /lambda diag pods' },
    );
  }
  if (kind !== null && kind !== 'pod') return ofOwner(collection, kind, name, list);
  try {
    return { pods: await list(null, name), what: null };
  } catch (thrown) {
    if (coerceError(thrown).code !== 'not_found') throw thrown;
  }
  for (const key of OWNER_LABELS) {
    const pods = await list(`${key}=${name}`);
    if (pods.length > 0) return { pods, what: `-l ${key}=${name}` };
  }
  const byName = await namesBeginning(collection, name);
  if (byName.length > 0) return { pods: (await Promise.all(byName.map((one) => list(null, one)))).flat(), what: null };
  throw new ResponderError(
    'not_found',
    `neither a pod nor anything with pods is called ${name} in ${request.namespace}`,
    {
      hint: 'A finished Job’s pods go with it; the evidence collected when the alert fired is in the incident’s thread.',
    },
  );
}

/** Names of pods that begin with what was named, the sick first, of the whole list however long it is. */
async function namesBeginning({ cluster, request }: Collection, name: string): Promise<readonly string[]> {
  const { namespace, priority, signal } = request;
  const rows = await census(cluster, { resource: RESOURCES.pods, namespace, priority, signal });
  return rows
    .filter((row) => row.name.startsWith(`${name}-`))
    .toSorted((a, b) => Number(isSickRow(b)) - Number(isSickRow(a)))
    .slice(0, MAX_PODS)
    .map((row) => row.name);
}

const selectable = z.object({
  spec: z.object({ selector: z.object({ matchLabels: z.record(z.string(), z.string()).catch({}) }) }),
});
const WORKLOADS: Readonly<Record<string, Resource>> = {
  deployment: RESOURCES.deployments,
  statefulset: RESOURCES.statefulsets,
  daemonset: RESOURCES.daemonsets,
};

/** The pods of a Job, a function, or of what selects its pods by labels. */
async function ofOwner(
  collection: Collection,
  kind: string,
  name: string,
  list: (selector: string) => Promise<readonly Pod[]>,
): Promise<Found> {
  const workload = WORKLOADS[kind];
  let selector = kind === 'job' ? `job-name=${name}` : `serving.knative.dev/service=${name}`;
  if (workload) {
    const [found] = (await readPart(collection, selectable, { resource: workload, ...named(name) })).items;
    const labels = Object.entries(found?.spec.selector.matchLabels ?? {});
    selector = labels.length > 0 ? labels.map(([key, value]) => `${key}=${value}`).join(',') : `app=${name}`;
  }
  const pods = await list(selector);
  if (pods.length > 0) return { pods, what: `-l ${selector}` };
  throw new ResponderError('not_found', `${kind} ${name} has no pods in ${collection.request.namespace}`, {
    hint: 'A finished Job’s pods go with it, a function without traffic has none. What there is: /lambda diag pods',
  });
}

/** The container that is asked for, else the one that failed, else kubectl's default. */
function containerOf(one: Pod, request: DiagnosticRequest): string {
  if (request.container !== null) return request.container;
  const failed = statusesOf(one).find((status) => endedBadly(lastEnd(status)) || loops(status));
  const marked = one.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  const user = one.spec.containers.find(({ name }) => name === 'user-container');
  return failed?.name ?? marked ?? user?.name ?? one.spec.containers[0]?.name ?? '';
}

async function readOne(
  cluster: ClusterAccess,
  source: Source,
  request: DiagnosticRequest,
): Promise<{ source: Source; text: string; note: string | null }> {
  const { name, namespace } = source.pod.metadata;
  const where = `${name}/${source.container}`;
  try {
    const { text, truncated } = await cluster.text({
      path: logPathOf(namespace ?? request.namespace, name),
      query: {
        container: source.container,
        tailLines: request.tail ?? TAIL,
        limitBytes: LIMIT_BYTES,
        previous: request.previous || null,
        sinceTime: request.since === null ? null : isoSeconds(request.since),
      },
      accept: '*/*',
      maxBytes: LIMIT_BYTES,
      priority: request.priority,
      signal: request.signal,
    });
    const cut = truncated || Buffer.byteLength(text) >= LIMIT_BYTES;
    return { source, text, note: cut ? `${where}: stopped at ${LIMIT_BYTES / 1024} KiB` : null };
  } catch (thrown) {
    request.signal.throwIfAborted();
    const error = coerceError(thrown);
    if (error.code === 'unauthorized' || error.code === 'unreachable' || error.code === 'unavailable') throw error;
    return { source, text: '', note: `${where}: ${error.message}` };
  }
}

function label(text: string, source: Source, several: boolean): readonly string[] {
  const lines = text.replace(/\n$/, '').split('\n');
  if (text === '') return [];
  return several ? lines.map((line) => `[${source.pod.metadata.name}] ${line}`) : lines;
}
