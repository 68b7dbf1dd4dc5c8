// Asks the registry which image a tag names today and prints it with its digest, for the Dockerfile's NODE_IMAGE:
//   docker build --build-arg NODE_IMAGE="$(node scripts/baseImage.mjs)" .
// Without an argument the image is the Dockerfile's. On any doubt nothing is printed but the error, and the exit code is 1.
// https://distribution.github.io/distribution/spec/api/ · https://github.com/opencontainers/distribution-spec
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';

const KINDS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const TIMEOUT_MS = 30_000;
const MAX_BYTES = 4 * 1024 * 1024;

// HTTPS_PROXY and NO_PROXY, as docker itself would take them.
http.setGlobalProxyFromEnv?.();

try {
  const image = process.argv[2] ?? imageOfDockerfile();
  process.stdout.write(`${image}@${await digestOf(image)}\n`);
} catch (error) {
  process.stderr.write(`${error.message}${error.cause ? `: ${error.cause.message ?? error.cause}` : ''}\n`);
  process.exitCode = 1;
}

function imageOfDockerfile() {
  const text = readFileSync(join(import.meta.dirname, '../Dockerfile'), 'utf8');
  const image = /^ARG NODE_IMAGE=(\S+)$/m.exec(text)?.[1];
  if (!image) throw new Error('the Dockerfile has no line ARG NODE_IMAGE=...');
  return image;
}

/** The digest of the bytes the registry sent, which is what a later pull is checked against. */
async function digestOf(image) {
  const { base, repository, tag } = place(image);
  const url = `${base}/v2/${repository}/manifests/${tag}`;
  let answer = await ask(url, {});
  if (answer.status === 401) answer = await ask(url, { authorization: await authorization(answer) });
  if (!answer.ok) throw new Error(`${image}: ${url} answered ${answer.status}`);
  const body = Buffer.from(await answer.arrayBuffer());
  if (body.length > MAX_BYTES) throw new Error(`${image}: ${url} sent more than ${MAX_BYTES / 1024 / 1024} MiB`);
  const kind = mediaTypeOf(body) ?? answer.headers.get('content-type')?.split(';')[0];
  if (!KINDS.includes(kind)) throw new Error(`${image}: ${url} sent ${kind ?? 'something'}, which is no image`);
  const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
  const said = answer.headers.get('docker-content-digest');
  if (said !== null && said !== digest)
    throw new Error(
      `${image}: the registry says ${said}, and what it sent is ${digest}: nothing is to be built on that`,
    );
  return digest;
}

/** `node:26`, `ghcr.io/owner/name:tag`, `127.0.0.1:5000/name:tag`: the first part is a registry when it looks like a host. */
function place(image) {
  if (image.includes('@')) throw new Error(`${image} has a digest already`);
  const [, name, tag = 'latest'] = /^(.+?)(?::([\w][\w.-]{0,127}))?$/.exec(image) ?? [];
  const [first, ...rest] = (name ?? '').split('/');
  const hosted = rest.length > 0 && /[.:]|^localhost$/.test(first);
  const repository = hosted ? rest.join('/') : rest.length > 0 ? name : `library/${name}`;
  if (!/^[a-z0-9]+([._/-]+[a-z0-9]+)*$/.test(repository)) throw new Error(`${image} is not the name of an image`);
  const host = hosted && first !== 'docker.io' ? first : 'registry-1.docker.io';
  // As docker has it: a registry on this machine may do without TLS.
  const scheme = /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(host) ? 'http' : 'https';
  return { base: `${scheme}://${host}`, repository, tag };
}

/** A token for reading, from where the registry's answer sends us: https://distribution.github.io/distribution/spec/auth/token/ */
async function authorization(answer) {
  const challenge = answer.headers.get('www-authenticate') ?? '';
  const parts = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
  if (!/^bearer /i.test(challenge) || !URL.canParse(parts.realm ?? ''))
    throw new Error(`the registry wants credentials that this script has not (${challenge || 'no challenge'})`);
  const url = new URL(parts.realm);
  for (const key of ['service', 'scope']) if (parts[key]) url.searchParams.set(key, parts[key]);
  const granted = await ask(url.href, {});
  if (!granted.ok) throw new Error(`${url.host} answered ${granted.status} when asked for a token`);
  const { token, access_token: other } = await granted.json();
  return `Bearer ${token ?? other}`;
}

async function ask(url, headers) {
  try {
    const accept = KINDS.join(', ');
    return await fetch(url, { headers: { accept, ...headers }, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw new Error(`${new URL(url).host} cannot be reached`, { cause: cause.cause ?? cause });
  }
}

function mediaTypeOf(body) {
  try {
    const { mediaType, manifests, config } = JSON.parse(body.toString('utf8'));
    if (mediaType) return mediaType;
    // OCI leaves the field to whoever writes it.
    return Array.isArray(manifests) ? KINDS[0] : config ? KINDS[2] : null;
  } catch {
    return null;
  }
}
