import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Cluster, User } from '@kubernetes/client-node';
import type { Dispatcher } from 'undici';
import { ResponderError } from '../../errors.ts';
import { dispatcherThrough } from '../../network/dispatcher.ts';
import type { ProxyFor } from '../../network/proxies.ts';
import { installHintOf, type Loaded, loadKubeconfig } from './kubeconfig.ts';
import type { Resolved } from './pluginCredentials.ts';

/** The dispatcher of a request, and the headers that authenticate it. */
export interface Credentials {
  readonly dispatcher: Dispatcher;
  readonly headers: Readonly<Record<string, string>>;
}

/** Address and credentials of one API server. */
export interface Access {
  readonly server: string;
  /** Resolved for each request, because tokens and certificates of exec plugins and files expire. */
  credentials(): Promise<Credentials>;
  /** Drops the credentials in use and reads the kubeconfig again, after the server refused them. */
  renew(): void;
  close(): Promise<void>;
}

/** Milliseconds for which credentials are used before the kubeconfig's user is read again. */
const FRESH_MS = 10_000;

/**
 * @param kubeconfig as `loadKubeconfig` takes it
 * @param proxyFor of the environment; a cluster's own `proxy-url` counts before it
 * @throws ResponderError config_invalid when it cannot be used
 */
export function openAccess(kubeconfig: string, context: string | null, proxyFor: ProxyFor | null): Access {
  let loaded = loadKubeconfig(kubeconfig, context);
  let resolveCredentials = credentialsOf(loaded);
  let dispatcher: { readonly key: string; readonly agent: Dispatcher } | null = null;
  let current: { readonly credentials: Promise<Credentials>; readonly until: number } | null = null;
  const resolve = async (): Promise<Credentials> => {
    const { key, connect, headers } = await identify(loaded, await resolveCredentials());
    if (dispatcher?.key !== key) {
      const old = dispatcher?.agent;
      dispatcher = { key, agent: createDispatcher(loaded.cluster, connect, proxyFor) };
      // Reads in flight on the old dispatcher end by themselves.
      void old?.close();
    }
    return { dispatcher: dispatcher.agent, headers };
  };
  return {
    server: loaded.cluster.server.replace(/\/+$/, ''),
    credentials() {
      // Concurrent requests share one run of the plugin.
      if (!current || current.until < Date.now()) {
        const credentials = resolve().catch((thrown: unknown) => {
          current = null;
          throw notObtained(thrown, loaded.user);
        });
        current = { credentials, until: Date.now() + FRESH_MS };
      }
      return current.credentials;
    },
    renew() {
      current = null;
      try {
        loaded = loadKubeconfig(kubeconfig, context);
        resolveCredentials = credentialsOf(loaded);
      } catch {
        // The file was read while it was being rewritten: the present credentials are used once more.
      }
    },
    close: async () => {
      await dispatcher?.agent.destroy();
    },
  };
}

/** Certificates and headers of the moment; `key` changes when a new connection is needed for them. */
function identify({ cluster, user }: Loaded, { ca, cert, key, servername, ...resolved }: Resolved) {
  const connect = { ca, cert, key, servername, ...(cluster.skipTLSVerify ? { rejectUnauthorized: false } : {}) };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(resolved.headers ?? {})) headers[name] = String(value).trim();
  if (user.username)
    headers.Authorization = `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}`;
  const identity = createHash('sha256').update([ca, cert, key, servername].map(String).join('|')).digest('hex');
  return { key: identity, connect, headers };
}

/** What a kubeconfig says itself is taken as it stands; exec plugins and identity providers are client-node's. */
function credentialsOf(loaded: Loaded): () => Promise<Resolved> {
  const { cluster, user } = loaded;
  const tokenFile: unknown = user.authProvider?.config?.tokenFile;
  if (user.exec || (user.authProvider && !tokenFile)) {
    let resolve: Promise<() => Promise<Resolved>> | null = null;
    return async () => {
      resolve ??= import('./pluginCredentials.ts').then((plugin) => plugin.pluginCredentials(loaded));
      return (await resolve)();
    };
  }
  return async () => {
    const token = user.token ?? (typeof tokenFile === 'string' ? readFileSync(tokenFile, 'utf8') : null);
    return {
      ca: bytes(cluster.caFile, cluster.caData),
      cert: bytes(user.certFile, user.certData),
      key: bytes(user.keyFile, user.keyData),
      servername: cluster.tlsServerName,
      headers: {
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(user.impersonateUser ? { 'Impersonate-User': user.impersonateUser } : {}),
      },
    };
  };
}

function bytes(file: string | undefined, base64: string | undefined): Buffer | undefined {
  if (file) return readFileSync(file);
  return base64 ? Buffer.from(base64, 'base64') : undefined;
}

function createDispatcher({ proxyUrl }: Cluster, tls: object, proxyFor: ProxyFor | null): Dispatcher {
  const limits = { connections: 16, keepAliveTimeout: 60_000, bodyTimeout: 30_000, headersTimeout: 30_000 };
  return dispatcherThrough(proxyUrl ? () => proxyUrl : proxyFor, { ...limits, tls });
}

function notObtained(thrown: unknown, user: User): ResponderError {
  const reason = Error.isError(thrown) ? thrown.message : String(thrown);
  const message = `the kubeconfig's credentials cannot be obtained: ${reason.slice(0, 300)}`;
  const missing = Error.isError(thrown) && 'syscall' in thrown && String(thrown.syscall).startsWith('spawn');
  return new ResponderError('unauthorized', message, {
    cause: thrown,
    hint:
      (missing ? installHintOf(user) : null) ??
      'Its exec plugin, token file or certificate failed: try the same with kubectl, as the user the responder runs as.',
  });
}
