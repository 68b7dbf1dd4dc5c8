import type { Kind } from '../kind.ts';
import type { KubeObject } from '../object.ts';
import type { ClusterWorld } from '../world.ts';
import { badRequest, expired } from './failure.ts';
import type { ResourceRequest } from './request.ts';
import { fieldSelector, labelSelector, type Selects } from './selectors.ts';
import { columnDefinitions, type Form, formOf, listHead, partial, presented, tableRow } from './table.ts';

interface Page {
  readonly objects: readonly KubeObject[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Both selectors of a request. @throws ApiFailure 400 when one does not parse. */
export function selectorOf(kind: Kind, query: URLSearchParams): Selects {
  const byLabel = labelSelector(query.get('labelSelector'));
  const byField = fieldSelector(kind, query.get('fieldSelector'));
  return (object) => byLabel(object) && byField(object);
}

/**
 * A list as JSON text, in pieces, so that a large one is never whole in memory.
 * @throws ApiFailure before the first piece.
 */
export function listing(world: ClusterWorld, request: ResourceRequest): { count: number; pieces: Iterable<string> } {
  const page = pageOf(world, request);
  const form = formOf(request.accept);
  return { count: page.objects.length, pieces: pieces(request, page, form, world.clock()) };
}

function pageOf(world: ClusterWorld, { kind, namespace, query }: ResourceRequest): Page {
  const selects = selectorOf(kind, query);
  const limit = limitOf(query);
  const start = readToken(world, query.get('continue'));
  const revision = start?.revision ?? world.store.revision;
  const objects: KubeObject[] = [];
  let last = '';
  let more = false;
  for (const { key, object, born } of world.store.scan(kind.storage, namespace, start?.after)) {
    // A later page shows nothing that was created after the first one.
    if (born > revision || !selects(object)) continue;
    if (objects.length === limit) {
      more = true;
      break;
    }
    objects.push(object);
    last = key;
  }
  const metadata: Record<string, unknown> = { resourceVersion: String(revision) };
  if (more) {
    metadata.continue = writeToken(revision, last);
    // An estimate, as on a real server: what was created meanwhile is counted too.
    if (!isSelective(query)) metadata.remainingItemCount = world.store.countAfter(kind.storage, namespace, last);
  }
  return { objects, metadata };
}

function isSelective(query: URLSearchParams): boolean {
  return Boolean(query.get('labelSelector') || query.get('fieldSelector'));
}

function limitOf(query: URLSearchParams): number {
  const limit = query.get('limit');
  if (limit === null || limit === '' || limit === '0') return Number.POSITIVE_INFINITY;
  if (!/^\d+$/.test(limit)) throw badRequest(`strconv.ParseInt: parsing "${limit}": invalid syntax`);
  return Number(limit);
}

function writeToken(revision: number, after: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${after}\u0000` })).toString(
    'base64url',
  );
}

function readToken(world: ClusterWorld, token: string | null): { revision: number; after: string } | undefined {
  if (!token) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    throw badRequest('continue key is not valid: invalid character');
  }
  if (parsed === null || typeof parsed !== 'object' || !('rv' in parsed) || !('start' in parsed))
    throw badRequest('continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  const after = String(parsed.start).split('\u0000')[0] ?? '';
  // -1 is what the server hands out to go on after an expired token, without the promise of one consistent list.
  const revision = Number(parsed.rv) === -1 ? world.store.revision : Number(parsed.rv);
  if (revision >= world.store.compacted) return { revision, after };
  throw expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    { continue: writeToken(-1, after) },
  );
}

function* pieces({ kind, query }: ResourceRequest, page: Page, form: Form, now: number): Generator<string> {
  const include = query.get('includeObject');
  const { objects, metadata } = page;
  if (form === 'table') {
    const head = { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions: columnDefinitions(kind) };
    yield* withArray(head, 'rows', objects, (object) => tableRow(kind, presented(kind, object, now), now, include));
  } else if (form === 'metadata') {
    const head = { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata };
    yield* withArray(head, 'items', objects, partial);
  } else {
    // Items of a list of built-in kinds carry neither kind nor apiVersion; those of custom resources do.
    yield* withArray({ ...listHead(kind), metadata }, 'items', objects, (object) => {
      const shown = presented(kind, object, now);
      if (kind.custom) return shown;
      const { kind: _kind, apiVersion: _apiVersion, ...rest } = shown;
      return rest;
    });
  }
}

const BATCH = 100;

function* withArray(
  head: object,
  name: string,
  objects: readonly KubeObject[],
  show: (object: KubeObject) => unknown,
): Generator<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"${name}":[`;
  for (let from = 0; from < objects.length; from += BATCH) {
    const texts = objects.slice(from, from + BATCH).map((object) => JSON.stringify(show(object)));
    yield (from === 0 ? '' : ',') + texts.join(',');
  }
  yield ']}\n';
}
