import type { ServerResponse } from 'node:http';
import type { ClusterAccess } from '../../src/k8s/client/cluster.ts';
import { type ApiServer, type Asked, failure, json, open, startApiServer } from './servers.ts';
import { unhurried } from './stage.ts';

/** What a hand-made API server holds, by the last words of the list's path: `pods`, `serving.knative.dev/v1/services`. */
export type Holdings = Readonly<Record<string, readonly object[] | number>>;

export interface HandMade {
  readonly server: ApiServer;
  readonly cluster: ClusterAccess;
  close(): Promise<void>;
}

/**
 * A real server that answers lists with the objects it was given, as a Table. A number instead of objects is the status
 * it refuses with; what it was given nothing for is a kind the cluster does not have.
 */
export async function startHandMade(holdings: Holdings, delayMs = 0): Promise<HandMade> {
  const server = await startApiServer((asked, response) => {
    setTimeout(() => answer(holdings, asked, response), delayMs).unref();
  });
  const cluster = open(server.kubeconfig(), { clock: unhurried() });
  return {
    server,
    cluster,
    async close() {
      await cluster.close();
      await server.close();
    },
  };
}

function answer(holdings: Holdings, asked: Asked, response: ServerResponse): void {
  const url = new URL(asked.url, 'http://localhost');
  const path = url.pathname.replace(/\/namespaces\/[^/]+(?=\/)/, '').replace(/^\/apis?\/(v1\/)?/, '');
  const held = holdings[path];
  if (held === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
    return;
  }
  if (typeof held === 'number') {
    failure(response, held, `${path} is refused`);
    return;
  }
  const name = /metadata\.name=([^,]+)/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1];
  const objects = held.filter((one) => name === undefined || nameOf(one) === name);
  if (/as=PartialObjectMetadataList/.test(asked.headers.accept ?? '')) {
    json(response, { kind: 'PartialObjectMetadataList', metadata: {}, items: objects });
    return;
  }
  json(response, {
    kind: 'Table',
    metadata: {},
    columnDefinitions: [{ name: 'Name', type: 'string' }],
    rows: objects.map((object) => ({ cells: [nameOf(object)], object })),
  });
}

function nameOf(object: object): string {
  const { metadata } = object as { metadata?: { name?: string } }; // every object of a test has metadata
  return metadata?.name ?? '';
}
