import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { ROOT } from '../acceptance/program.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';
const BODY = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [] });
const DIGEST = `sha256:${createHash('sha256').update(BODY).digest('hex')}`;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A registry on loopback; answers its host and port. */
async function registry(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on TCP
}

function resolve(image: string): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return new Promise((done) =>
    execFile(process.execPath, [join(ROOT, 'scripts/baseImage.mjs'), image], (error, out, err) =>
      done({ code: error ? Number(error.code) : 0, out, err }),
    ),
  );
}

test('the base image is printed with the digest of what the registry sent, asked with the token it grants', async () => {
  const asked: string[] = [];
  const host = await registry((request, response) => {
    asked.push(request.url ?? '');
    if (request.url?.startsWith('/token')) return response.end(JSON.stringify({ token: 'read-only-1' }));
    if (request.headers.authorization !== 'Bearer read-only-1') {
      const realm = `http://${request.headers.host}/token`;
      const scope = 'repository:team/node:pull';
      response.writeHead(401, {
        'www-authenticate': `Bearer realm="${realm}",service="registry.test",scope="${scope}"`,
      });
      return response.end();
    }
    response.writeHead(200, { 'content-type': INDEX, 'docker-content-digest': DIGEST }).end(BODY);
  });
  expect(await resolve(`${host}/team/node:26-slim`)).toEqual({
    code: 0,
    out: `${host}/team/node:26-slim@${DIGEST}\n`,
    err: '',
  });
  expect(asked).toEqual([
    '/v2/team/node/manifests/26-slim',
    '/token?service=registry.test&scope=repository%3Ateam%2Fnode%3Apull',
    '/v2/team/node/manifests/26-slim',
  ]);
});

test.each<[string, RequestListener, string]>([
  [
    'another digest than was sent',
    (_, response) =>
      response.writeHead(200, { 'content-type': INDEX, 'docker-content-digest': `sha256:${'0'.repeat(64)}` }).end(BODY),
    'nothing is to be built on that',
  ],
  ['no such tag', (_, response) => response.writeHead(404).end(), 'answered 404'],
  [
    'a login page',
    (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    'which is no image',
  ],
  [
    'a password to be asked for',
    (_, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end(),
    'wants credentials',
  ],
])('nothing is printed but the error where the registry has %s', async (_, answer, error) => {
  const host = await registry(answer);
  const { code, out, err } = await resolve(`${host}/node:26`);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain(error);
  expect(err).not.toMatch(/^\s+at /m);
});

test('a registry that cannot be reached, or a name that is none, is said', async () => {
  expect(await resolve('127.0.0.1:1/node:26')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('127.0.0.1:1 cannot be reached'),
  });
  expect(await resolve('No Image')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('not the name of an image'),
  });
});

test('both stages are built on the image of the build argument, and no digest that nobody resolved is written down', () => {
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  expect(dockerfile.match(/^FROM .*$/gm)).toEqual(['FROM $' + '{NODE_IMAGE} AS build', 'FROM $' + '{NODE_IMAGE}']);
  expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:26-bookworm-slim$/m);
  const manifests = globSync('manifests/{base,overlays}/**/*.yaml', { cwd: ROOT });
  expect(manifests.length).toBeGreaterThan(8);
  for (const file of ['Dockerfile', ...manifests])
    expect(readFileSync(join(ROOT, file), 'utf8')).not.toMatch(/sha256:/);
});
