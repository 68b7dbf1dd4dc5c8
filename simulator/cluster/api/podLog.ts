import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { LogLine, LogSource, LogTarget } from '../logBook.ts';
import { dig, type KubeObject, text } from '../object.ts';
import type { ClusterWorld } from '../world.ts';
import { badRequest, notFound } from './failure.ts';
import { isTrue, type ResourceRequest } from './request.ts';

const CHUNK_CHARACTERS = 64 * 1024;
/** Bytes buffered for a follower; one that does not keep up is cut off. */
const BEHIND_BYTES = 64 * 1024 * 1024;
const NOTHING: LogSource = { count: 0, line: () => ({ at: 0, text: '' }) };

/**
 * Answers `pods/NAME/log` as plain text, line by line, so that a log of any size needs no memory.
 * @throws ApiFailure before the first byte, worded as API server and kubelet word it.
 */
export async function sendPodLog(
  world: ClusterWorld,
  request: ResourceRequest,
  response: ServerResponse,
): Promise<void> {
  const { kind, namespace = '', name = '', query } = request;
  const pod = world.store.get(kind.storage, namespace, name);
  if (!pod) throw notFound(kind, name);
  const options = optionsOf(query);
  const container = containerOf(pod, query.get('container'));
  const target = { namespace, pod: name, container, previous: options.previous };
  checkState(pod, target);
  const source = world.logs.read(target) ?? NOTHING;
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
  if (options.follow && !options.previous && stateOf(pod, container)?.running) {
    follow(world, target, source, options, response);
    return;
  }
  await pipeline(
    Readable.from(chunks(source, options, world.clock()), { objectMode: false, highWaterMark: CHUNK_CHARACTERS }),
    response,
  );
}

interface LogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  readonly limitBytes: number | undefined;
  readonly sinceSeconds: number | undefined;
  readonly sinceTime: number | undefined;
}

function optionsOf(query: URLSearchParams): LogOptions {
  const sinceTime = query.get('sinceTime');
  const options = {
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    tailLines: numberOf(query, 'tailLines', 0),
    limitBytes: numberOf(query, 'limitBytes', 1),
    sinceSeconds: numberOf(query, 'sinceSeconds', 1),
    sinceTime: sinceTime ? Date.parse(sinceTime) : undefined,
  };
  if (Number.isNaN(options.sinceTime))
    throw badRequest(
      `parsing time "${sinceTime}" as "2006-01-02T15:04:05Z07:00": cannot parse "${sinceTime}" as "2006"`,
    );
  if (options.sinceTime !== undefined && options.sinceSeconds !== undefined)
    throw invalid('at most one of `sinceTime` or `sinceSeconds` may be specified');
  return options;
}

function numberOf(query: URLSearchParams, name: string, least: number): number | undefined {
  const value = query.get(name);
  if (value === null || value === '') return undefined;
  if (!/^-?\d+$/.test(value)) throw badRequest(`strconv.ParseInt: parsing "${value}": invalid syntax`);
  if (Number(value) < least)
    throw invalid(`${name}: Invalid value: ${value}: must be greater than ${least === 0 ? 'or equal to 0' : '0'}`);
  return Number(value);
}

function invalid(message: string) {
  return badRequest(`PodLogOptions.v1 is invalid: ${message}`);
}

/** The container that was asked for, or the only one. */
function containerOf(pod: KubeObject, asked: string | null): string {
  const containers = names(pod, 'containers');
  const init = [...names(pod, 'initContainers'), ...names(pod, 'ephemeralContainers')];
  if (asked) {
    if ([...containers, ...init].includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${pod.metadata.name}`);
  }
  if (containers.length === 1 && containers[0]) return containers[0];
  const others = init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : '';
  throw badRequest(
    `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${containers.join(' ')}]${others}`,
  );
}

function names(pod: KubeObject, key: string): readonly string[] {
  const containers = dig(pod.spec, key);
  return (Array.isArray(containers) ? containers : []).flatMap((container) => text(container, 'name') ?? []);
}

interface ContainerState {
  readonly running: boolean;
  readonly waiting: string | undefined;
  readonly everEnded: boolean;
}

function stateOf(pod: KubeObject, container: string): ContainerState | undefined {
  const all = [dig(pod.status, 'containerStatuses'), dig(pod.status, 'initContainerStatuses')].flat();
  const status = all.find((one) => text(one, 'name') === container);
  if (!status) return undefined;
  return {
    running: dig(status, 'state', 'running') !== undefined,
    waiting: dig(status, 'state', 'waiting') ? (text(status, 'state', 'waiting', 'reason') ?? '') : undefined,
    everEnded: dig(status, 'lastState', 'terminated') !== undefined,
  };
}

const PULL_TROUBLE: readonly string[] = ['ErrImagePull', 'ImagePullBackOff'];

/** @throws ApiFailure 400 in the words of the kubelet when there can be no log. */
function checkState(pod: KubeObject, { container, previous }: LogTarget): void {
  const name = pod.metadata.name;
  const state = stateOf(pod, container);
  if (previous) {
    if (!state?.everEnded) throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
    return;
  }
  // A pod without a node has no kubelet: the answer is empty.
  if (!state) {
    if (!text(pod.spec, 'nodeName') || text(pod.status, 'phase') !== 'Pending') return;
    throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ContainerCreating`);
  }
  if (state.waiting === undefined || state.everEnded) return;
  const because = PULL_TROUBLE.includes(state.waiting) ? 'trying and failing to pull image' : state.waiting;
  throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ${because}`);
}

function firstIndex(source: LogSource, options: LogOptions, now: number): number {
  const since =
    options.sinceTime ?? (options.sinceSeconds === undefined ? undefined : now - options.sinceSeconds * 1000);
  let first = 0;
  if (since !== undefined) {
    let high = source.count;
    while (first < high) {
      const middle = (first + high) >> 1;
      if (source.line(middle).at < since) first = middle + 1;
      else high = middle;
    }
  }
  return options.tailLines === undefined ? first : Math.max(first, source.count - options.tailLines);
}

function* chunks(source: LogSource, options: LogOptions, now: number): Generator<Buffer> {
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  let gathered = '';
  for (let index = firstIndex(source, options, now); index < source.count && left > 0; index++) {
    gathered += lineText(source.line(index), options);
    if (gathered.length < CHUNK_CHARACTERS && index < source.count - 1) continue;
    const bytes = Buffer.from(gathered);
    gathered = '';
    yield bytes.subarray(0, left);
    left -= bytes.length;
  }
}

function lineText({ at, text: line }: LogLine, { timestamps }: LogOptions): string {
  // Nanoseconds, as the kubelet writes them.
  return timestamps ? `${new Date(at).toISOString().replace('Z', '000000Z')} ${line}\n` : `${line}\n`;
}

function follow(
  world: ClusterWorld,
  target: LogTarget,
  source: LogSource,
  options: LogOptions,
  response: ServerResponse,
): void {
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  const send = (bytes: Buffer) => {
    response.write(bytes.subarray(0, left));
    left -= bytes.length;
    if (left <= 0) response.end();
    else if (response.writableLength > BEHIND_BYTES) response.destroy();
  };
  for (const bytes of chunks(source, { ...options, limitBytes: undefined }, world.clock())) send(bytes);
  const stopLines = world.logs.follow(target, (line) => send(Buffer.from(lineText(line, options))));
  const stopChanges = world.store.listen(({ storage, type, object }) => {
    if (storage !== 'pods' || object.metadata.name !== target.pod || object.metadata.namespace !== target.namespace)
      return;
    // The log ends with its container.
    if (type === 'DELETED' || !stateOf(object, target.container)?.running) response.end();
  });
  response.once('close', () => {
    stopLines();
    stopChanges();
  });
}
