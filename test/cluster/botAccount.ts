import { execFileSync } from 'node:child_process';
import { sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { APPLY, type ApiClient, type KubeObject } from './apiClient.ts';

const MANIFESTS = resolve(import.meta.dirname, '../../manifests');
const ACCOUNT = '/api/v1/namespaces/lambda-responder/serviceaccounts/lambda-responder';

/** The bot's own ServiceAccount with the role it ships with, used as in a pod: a token file that somebody renews. */
export interface BotAccount {
  /** A kubeconfig file that names the token file. */
  readonly kubeconfig: string;
  /** Writes a new token into the file; the one before stays valid until it expires. @param seconds at least 600 */
  renew(seconds?: number): Promise<string>;
  /** Writes any text into the token file. */
  writeToken(token: string): void;
  /** Deletes the ServiceAccount: its tokens are refused from then on. */
  remove(): Promise<void>;
  /** Creates it again, with a new uid. */
  restore(): Promise<void>;
  close(): void;
}

/** Applies the account and its RBAC from the manifests as shipped, and opens it. */
export async function openBotAccount(admin: ApiClient, server: string, ca: string): Promise<BotAccount> {
  for (const object of shippedAccount()) await applyObject(admin, object);
  const folder = mkdtempSync(join(tmpdir(), 'bot-account-'));
  const tokenFile = join(folder, 'token');
  const writeToken = (token: string) => writeFileSync(tokenFile, token, { mode: 0o600 });
  const renew = async (seconds = 3600) => {
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: seconds },
    };
    const { status } = await admin.json<{ status: { token: string } }>('POST', `${ACCOUNT}/token`, request);
    writeToken(status.token);
    return status.token;
  };
  await renew();
  const kubeconfig = join(folder, 'kubeconfig');
  const cluster = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  writeFileSync(
    kubeconfig,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster }],
      users: [{ name: 'lambda-responder', user: { tokenFile } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'lambda-responder' } }],
      'current-context': 'test',
    }),
    { mode: 0o600 },
  );
  return {
    kubeconfig,
    renew,
    writeToken,
    remove: async () => void (await admin.json('DELETE', ACCOUNT)),
    restore: async () => {
      const account = shippedAccount().find((one) => one.kind === 'ServiceAccount');
      if (account) await applyObject(admin, account);
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The same token with its time over, as the API server itself would have signed it two hours ago. */
export function expiredToken(token: string, signingKey: string): string {
  const [header = '', claims = ''] = token.split('.');
  const { iat, nbf, exp, ...rest } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const ago = 7_200 + (exp - iat);
  const past = { ...rest, iat: iat - ago, nbf: nbf - ago, exp: exp - ago };
  const signed = `${header}.${Buffer.from(JSON.stringify(past)).toString('base64url')}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), signingKey).toString('base64url')}`;
}

/** Namespace, ServiceAccount and RBAC of the overlay that people install first. */
function shippedAccount(): readonly KubeObject[] {
  const wanted = /^(Namespace|ServiceAccount|(Cluster)?Role(Binding)?)$/;
  return builtManifests(join(MANIFESTS, 'overlays/socket-mode')).filter(({ kind }) => wanted.test(kind));
}

/** What `kubectl kustomize` makes of a folder. */
export function builtManifests(folder: string): readonly KubeObject[] {
  const built = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  // Kustomize writes whole objects.
  return parseAllDocuments(built).map((document) => document.toJS() as KubeObject);
}

/** Server-side apply with strict validation of fields. */
export async function applyObject(admin: ApiClient, object: KubeObject): Promise<KubeObject> {
  const path = await pathOf(admin, object);
  const query = 'fieldManager=test&force=true&fieldValidation=Strict';
  return admin.json('PATCH', `${path}/${object.metadata.name}?${query}`, object, APPLY);
}

const resources = new WeakMap<ApiClient, Map<string, { name: string; namespaced: boolean }>>();

/** The collection's path of the object's kind, by the server's own discovery. */
export async function pathOf(
  admin: ApiClient,
  object: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>,
): Promise<string> {
  const { apiVersion, kind, metadata } = object;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const known = resources.get(admin) ?? new Map();
  resources.set(admin, known);
  const key = `${apiVersion} ${kind}`;
  if (!known.has(key)) {
    const list = await admin.json<{ resources: { name: string; kind: string; namespaced: boolean }[] }>('GET', root);
    const found = list.resources.find((one) => one.kind === kind && !one.name.includes('/'));
    if (!found) throw new Error(`${root} serves no ${kind}`);
    known.set(key, found);
  }
  const { name, namespaced } = known.get(key);
  return namespaced ? `${root}/namespaces/${metadata.namespace ?? 'default'}/${name}` : `${root}/${name}`;
}
