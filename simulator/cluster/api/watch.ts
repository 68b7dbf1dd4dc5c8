import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KubeObject } from '../object.ts';
import type { Change } from '../store.ts';
import type { ClusterWorld } from '../world.ts';
import { expired } from './failure.ts';
import { selectorOf } from './list.ts';
import { isTrue, type ResourceRequest } from './request.ts';
import { columnDefinitions, formOf, partial, presented, tableRow } from './table.ts';

const BOOKMARK_MS = 60_000;
const BEHIND_BYTES = 64 * 1024 * 1024;

/** Streams changes until the client goes, `timeoutSeconds` pass, or the server closes. */
export function watch(
  world: ClusterWorld,
  request: ResourceRequest,
  http: { readonly incoming: IncomingMessage; readonly response: ServerResponse },
): void {
  const { kind, namespace, name, query } = request;
  const selected = selectorOf(kind, query);
  const selects = (object: KubeObject) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    (name === undefined || object.metadata.name === name) &&
    selected(object);
  const { response } = http;
  const show = shower(world, request);
  const send = (type: string, object: unknown) => {
    response.write(`${JSON.stringify({ type, object })}\n`);
    // A client that does not keep up is cut off, as by the real server, and has to list again.
    if (response.writableLength > BEHIND_BYTES) response.destroy();
  };
  const sendChange = (change: Change) => {
    if (change.storage !== kind.storage) return;
    const now = change.type !== 'DELETED' && selects(change.object);
    const before = change.before !== undefined && selects(change.before);
    // For a watch with a selector, an object that starts to match appears and one that ceases to match goes.
    if (now) send(before ? 'MODIFIED' : 'ADDED', show(change.object));
    else if (before) send('DELETED', show(change.object));
  };
  const bookmark = (annotations?: Record<string, string>) => send('BOOKMARK', bookmarkOf(world, request, annotations));

  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  response.flushHeaders();
  const from = query.get('resourceVersion');
  if (!from || from === '0' || isTrue(query.get('sendInitialEvents'))) {
    for (const { object } of world.store.scan(kind.storage, namespace))
      if (selects(object)) send('ADDED', show(object));
    if (isTrue(query.get('sendInitialEvents'))) bookmark({ 'k8s.io/initial-events-end': 'true' });
  } else {
    const missed = world.store.changesSince(Number(from));
    if (!missed) {
      const { compacted } = world.store;
      send('ERROR', expired(`too old resource version: ${from} (${compacted})`).toStatus());
      response.end();
      return;
    }
    for (const change of missed) sendChange(change);
  }
  const stop = world.store.listen(sendChange);
  const bookmarks = isTrue(query.get('allowWatchBookmarks')) ? setInterval(() => bookmark(), BOOKMARK_MS) : undefined;
  const end = setTimeout(() => response.end(), timeoutOf(query));
  response.once('close', () => {
    stop();
    clearInterval(bookmarks);
    clearTimeout(end);
  });
}

function timeoutOf(query: URLSearchParams): number {
  const seconds = Number(query.get('timeoutSeconds') ?? 0);
  return (seconds > 0 ? Math.min(seconds, 86_400) : 1800) * 1000;
}

/** The form the client asked for. Columns are sent with the first table only, as the API server does. */
function shower(world: ClusterWorld, { kind, accept, query }: ResourceRequest): (object: KubeObject) => unknown {
  const form = formOf(accept);
  let first = true;
  return (stored) => {
    const object = presented(kind, stored, world.clock());
    if (form === 'metadata') return partial(object);
    if (form === 'object') return object;
    const table = {
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: object.metadata.resourceVersion },
      columnDefinitions: first ? columnDefinitions(kind) : null,
      rows: [tableRow(kind, object, world.clock(), query.get('includeObject'))],
    };
    first = false;
    return table;
  };
}

function bookmarkOf(
  world: ClusterWorld,
  { kind, accept }: ResourceRequest,
  annotations: Record<string, string> | undefined,
): unknown {
  const metadata = {
    resourceVersion: String(world.store.revision),
    creationTimestamp: null,
    ...(annotations ? { annotations } : {}),
  };
  const object = { kind: kind.kind, apiVersion: kind.group ? `${kind.group}/${kind.version}` : kind.version, metadata };
  switch (formOf(accept)) {
    case 'table':
      return {
        kind: 'Table',
        apiVersion: 'meta.k8s.io/v1',
        metadata: { resourceVersion: metadata.resourceVersion },
        columnDefinitions: null,
        rows: [{ cells: [], object: { ...object, kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' } }],
      };
    case 'metadata':
      return { ...object, kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };
    default:
      return object;
  }
}
