import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A registry of images on loopback, as far as resolving a tag to a digest asks: https://distribution.github.io/distribution/spec/api/ */
export interface ImageRegistry {
  /** `127.0.0.1:PORT`, the first part of an image's name. */
  readonly host: string;
  close(): Promise<void>;
}

const MANIFEST = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: `sha256:${'0'.repeat(64)}`, size: 2 },
  layers: [],
});
const DIGEST = `sha256:${createHash('sha256').update(MANIFEST).digest('hex')}`;

/** Has the tags it is given, such as `fn/hello:1`; every other is 404, and what is under `private/` is 401. */
export async function startImageRegistry(tags: readonly string[]): Promise<ImageRegistry> {
  const server = createServer((request, response) => {
    const say = (status: number, body: string, headers = {}) =>
      response
        .writeHead(status, {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...headers,
        })
        .end(request.method === 'HEAD' ? undefined : body);
    const fails = (status: number, code: string, message: string) =>
      say(status, JSON.stringify({ errors: [{ code, message }] }));
    if (request.url === '/v2/') return say(200, '{}');
    const [, name, tag] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(request.url ?? '') ?? [];
    if (name?.startsWith('private/')) return fails(401, 'UNAUTHORIZED', 'authentication required');
    if (!tags.includes(`${name}:${tag}`)) return fails(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
    return say(200, MANIFEST, {
      'content-type': 'application/vnd.oci.image.manifest.v1+json',
      'docker-content-digest': DIGEST,
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return {
    host: `127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
