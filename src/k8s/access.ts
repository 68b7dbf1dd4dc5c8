import { createHash } from 'node:crypto';
import { type Cluster, KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { ResponderError } from '../errors.ts';

/** What a request carries: where it goes through, and headers that prove who we are. */
export interface Credentials {
  readonly dispatcher: Dispatcher;
  readonly headers: Readonly<Record<string, string>>;
}

/** Address and credentials of one API server. */
export interface Access {
  readonly server: string;
  /** Asked for each request, because tokens and certificates of exec plugins and files expire. */
  credentials(): Promise<Credentials>;
  close(): Promise<void>;
}

/** How long credentials are used before the kubeconfig's user is asked again. */
const FRESH_MS = 10_000;

/**
 * @param kubeconfig `in-cluster`, or the path(s) of KUBECONFIG separated by `:`
 * @param context null: the current one
 * @throws ResponderError config_invalid when it cannot be read, parsed, or names no such context
 */
export function openAccess(kubeconfig: string, context: string | null): Access {
  const config = load(kubeconfig);
  if (context !== null) {
    if (!config.getContextObject(context)) {
      const known = config.contexts.map((one) => one.name).join(', ');
      throw new ResponderError('config_invalid', `KUBECONFIG: no context "${context}"`, {
        hint: `There are: ${known || 'none'}.`,
      });
    }
    config.setCurrentContext(context);
  }
  const cluster = config.getCurrentCluster();
  if (!cluster?.server || !URL.canParse(cluster.server)) {
    throw new ResponderError('config_invalid', `KUBECONFIG: ${kubeconfig} names no cluster with a server address`, {
      hint: 'Set current-context, or `clusters` in responder.yaml with a context.',
    });
  }
  const provider = createProvider(config, cluster);
  return { server: cluster.server.replace(/\/+$/, ''), credentials: provider.get, close: provider.close };
}

interface Resolved {
  readonly ca?: unknown;
  readonly cert?: unknown;
  readonly key?: unknown;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly auth?: string;
}

/** One dispatcher a cluster, so that connections are kept and shared by all reads; a new one only for a new certificate. */
function createProvider(config: KubeConfig, cluster: Cluster) {
  let dispatcher: { readonly key: string; readonly agent: Dispatcher } | null = null;
  let current: { readonly credentials: Credentials; readonly until: number } | null = null;
  const resolve = async (): Promise<Credentials> => {
    const options: Resolved & Parameters<KubeConfig['applyToHTTPSOptions']>[0] = {};
    await config.applyToHTTPSOptions(options);
    const { ca, cert, key, servername, rejectUnauthorized } = options as Resolved; // what client-node sets
    const connect = {
      ca,
      cert,
      key,
      servername,
      ...(rejectUnauthorized === false || cluster.skipTLSVerify ? { rejectUnauthorized: false } : {}),
    };
    const identity = createHash('sha256').update([ca, cert, key, servername].map(String).join('|')).digest('hex');
    if (dispatcher?.key !== identity) {
      const old = dispatcher?.agent;
      dispatcher = { key: identity, agent: createDispatcher(cluster, connect) };
      // Reads under way on the old one end by themselves.
      void old?.close();
    }
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = String(value);
    const { auth } = options as Resolved; // user and password of a kubeconfig
    if (auth) headers.Authorization = `Basic ${Buffer.from(auth).toString('base64')}`;
    return { dispatcher: dispatcher.agent, headers };
  };
  return {
    async get(): Promise<Credentials> {
      if (!current || current.until < Date.now())
        current = { credentials: await resolve(), until: Date.now() + FRESH_MS };
      return current.credentials;
    },
    close: async () => {
      await dispatcher?.agent.destroy();
    },
  };
}

function createDispatcher(cluster: Cluster, connect: object): Dispatcher {
  const limits = { connections: 16, keepAliveTimeout: 60_000, bodyTimeout: 30_000, headersTimeout: 30_000 };
  if (cluster.proxyUrl) return new ProxyAgent({ uri: cluster.proxyUrl, requestTls: connect, ...limits });
  return new Agent({ ...limits, connect });
}

function load(kubeconfig: string): KubeConfig {
  const config = new KubeConfig();
  try {
    if (kubeconfig === 'in-cluster') config.loadFromCluster();
    else {
      const [first = '', ...others] = kubeconfig.split(process.platform === 'win32' ? ';' : ':').filter(Boolean);
      config.loadFromFile(first);
      for (const path of others) {
        const other = new KubeConfig();
        other.loadFromFile(path);
        config.mergeConfig(other, true);
      }
    }
  } catch (cause) {
    const reason = Error.isError(cause) ? cause.message : String(cause);
    throw new ResponderError('config_invalid', `KUBECONFIG: ${kubeconfig} cannot be read: ${reason}`, {
      cause,
      hint: 'It is the path of a kubeconfig file, as for kubectl.',
    });
  }
  return config;
}
