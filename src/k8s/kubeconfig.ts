import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Cluster, KubeConfig, type User } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { z } from 'zod';
import { ResponderError } from '../errors.ts';

const userEntries = z.object({
  users: z
    .array(z.object({ name: z.string(), user: z.object({ tokenFile: z.string().optional() }).nullish() }))
    .nullish(),
});

export interface Loaded {
  readonly config: KubeConfig;
  readonly cluster: Cluster;
}

/**
 * Reads a kubeconfig as kubectl does, with what client-node leaves out: `tokenFile` of a user, plain HTTP servers
 * (`kubectl proxy`), a context without a user, and KUBERNETES_EXEC_INFO for exec plugins that ask for it.
 * @param kubeconfig `in-cluster`; the path(s) of KUBECONFIG separated as in PATH; or the YAML itself
 * @param context null: the current one
 * @throws ResponderError config_invalid when it cannot be read, parsed, or names no such context or cluster
 */
export function loadKubeconfig(kubeconfig: string, context: string | null): Loaded {
  const from = kubeconfig.includes('\n') ? 'the text given' : kubeconfig;
  const config = read(kubeconfig, from);
  const known = config.contexts.map((one) => one.name).join(', ') || 'none';
  if (context !== null) {
    if (!config.getContextObject(context))
      throw new ResponderError('config_invalid', `KUBECONFIG: no context "${context}" in ${from}`, {
        hint: `There are: ${known}.`,
      });
    config.setCurrentContext(context);
  }
  const chosen = config.getContextObject(config.getCurrentContext());
  const cluster = chosen && config.getCluster(chosen.cluster);
  if (!chosen || !cluster?.server || !URL.canParse(cluster.server)) {
    throw new ResponderError('config_invalid', `KUBECONFIG: ${from} names no cluster with a server address`, {
      hint: `Set current-context, or \`clusters\` in responder.yaml with a context. Contexts: ${known}.`,
    });
  }
  if (/^socks/.test(cluster.proxyUrl ?? ''))
    throw new ResponderError('config_invalid', `KUBECONFIG: ${from}: proxy-url ${cluster.proxyUrl} is not supported`, {
      hint: 'Use an HTTP(S) proxy.',
    });
  const user = config.getUser(chosen.user) ?? { name: chosen.user || 'anonymous' };
  // client-node refuses plain HTTP unless TLS is not verified, and drops the authority of a context without a user.
  const reachable = cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster;
  config.loadFromOptions({
    clusters: [reachable],
    users: [withExecInfo(user, reachable)],
    contexts: [{ ...chosen, user: user.name }],
    currentContext: chosen.name,
  });
  return { config, cluster: reachable };
}

function read(kubeconfig: string, from: string): KubeConfig {
  const config = new KubeConfig();
  try {
    if (kubeconfig === 'in-cluster') config.loadFromCluster();
    else if (kubeconfig.includes('\n')) {
      config.loadFromString(kubeconfig);
      addTokenFiles(config, kubeconfig, process.cwd());
    } else {
      const [first = '', ...others] = kubeconfig.split(process.platform === 'win32' ? ';' : ':').filter(Boolean);
      readFile(config, first);
      for (const path of others) {
        const other = new KubeConfig();
        readFile(other, path);
        config.mergeConfig(other, Boolean(config.currentContext));
      }
    }
  } catch (cause) {
    const reason = Error.isError(cause) ? cause.message : String(cause);
    // The parser quotes the file in its message, and the file holds credentials: the first line says enough.
    throw new ResponderError('config_invalid', `KUBECONFIG: ${from} cannot be read: ${reason.split('\n')[0]}`, {
      hint: 'It is the path of a kubeconfig file, as for kubectl.',
    });
  }
  return config;
}

function readFile(config: KubeConfig, path: string): void {
  config.loadFromFile(path);
  addTokenFiles(config, readFileSync(path, 'utf8'), dirname(resolve(path)));
}

/** A token file is read again while it is used, because whoever writes it rotates it. */
function addTokenFiles(config: KubeConfig, text: string, folder: string): void {
  for (const entry of userEntries.safeParse(parse(text)).data?.users ?? []) {
    const file = entry.user?.tokenFile;
    const index = config.users.findIndex((user) => user.name === entry.name);
    const user = config.users[index];
    if (!file || !user || user.token) continue;
    const authProvider = { name: 'tokenFile', config: { tokenFile: resolve(folder, file) } };
    config.users[index] = { ...user, authProvider };
  }
}

/** What kubectl hands to an exec plugin: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/ */
function withExecInfo(user: User, cluster: Cluster): User {
  const exec: unknown = user.exec;
  if (exec === null || typeof exec !== 'object') return user;
  const parsed = z
    .looseObject({
      apiVersion: z.string().catch('client.authentication.k8s.io/v1'),
      env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
      provideClusterInfo: z.boolean().nullish(),
    })
    .safeParse(exec).data;
  if (!parsed) return user;
  const about = {
    server: cluster.server,
    'certificate-authority-data': cluster.caData,
    'insecure-skip-tls-verify': cluster.skipTLSVerify || undefined,
    'tls-server-name': cluster.tlsServerName,
  };
  const spec = { interactive: false, ...(parsed.provideClusterInfo ? { cluster: about } : {}) };
  const value = JSON.stringify({ apiVersion: parsed.apiVersion, kind: 'ExecCredential', spec });
  return { ...user, exec: { ...exec, env: [{ name: 'KUBERNETES_EXEC_INFO', value }, ...(parsed.env ?? [])] } };
}
