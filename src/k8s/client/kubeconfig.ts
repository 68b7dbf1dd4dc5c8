import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Cluster, Context, User } from '@kubernetes/client-node';
// Only the part that reads entries: the package as a whole costs a start from a clone 0.3 s and 50 MB.
import { newClusters, newContexts, newUsers } from '@kubernetes/client-node/dist/config_types.js';
import { parse } from 'yaml';
import { z } from 'zod';
import { ResponderError } from '../../errors.ts';

/** Before the address of the API server, when we run in a cluster: its service account proves who we are. */
const IN_CLUSTER = 'in-cluster:';
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The entries are checked by client-node. */
const kubeconfigFile = z.object({
  clusters: z.unknown().optional(),
  contexts: z.unknown().optional(),
  users: z.unknown().optional(),
  'current-context': z.string().nullish(),
});
const userEntries = z.array(
  z.object({ name: z.string(), user: z.object({ tokenFile: z.string().optional() }).nullish() }),
);

/** A resolved context. */
export interface Loaded {
  readonly cluster: Cluster;
  readonly user: User;
  readonly context: Context;
}

interface Entries {
  readonly clusters: readonly Cluster[];
  readonly contexts: readonly Context[];
  readonly users: readonly User[];
  readonly current: string | null;
}

/**
 * Reads a kubeconfig as kubectl does, with what client-node leaves out: `tokenFile` of a user, plain HTTP servers
 * (`kubectl proxy`), a context without a user, exec plugins beside the file, and KUBERNETES_EXEC_INFO for those that ask for it.
 * @param kubeconfig `in-cluster:` and the server's address; the path(s) of KUBECONFIG separated as in PATH; or the YAML itself
 * @param context null: the current one
 * @throws ResponderError config_invalid when it cannot be read, parsed, or names no such context or cluster
 */
export function loadKubeconfig(kubeconfig: string, context: string | null): Loaded {
  const from = kubeconfig.includes('\n') ? 'the text given' : kubeconfig;
  const { clusters, contexts, users, current } = read(kubeconfig, from);
  const known = contexts.map((one) => one.name).join(', ') || 'none';
  const chosen = contexts.find((one) => one.name === (context ?? current));
  if (context !== null && !chosen)
    throw new ResponderError('config_invalid', `KUBECONFIG: no context "${context}" in ${from}`, {
      hint: `There are: ${known}.`,
    });
  const cluster = chosen && clusters.find((one) => one.name === chosen.cluster);
  if (!chosen || !cluster || !URL.canParse(cluster.server)) {
    throw new ResponderError('config_invalid', `KUBECONFIG: ${from} names no cluster with a server address`, {
      hint: `Set current-context, or \`clusters\` in responder.yaml with a context. Contexts: ${known}.`,
    });
  }
  if (/^socks/.test(cluster.proxyUrl ?? ''))
    throw new ResponderError('config_invalid', `KUBECONFIG: ${from}: proxy-url ${cluster.proxyUrl} is not supported`, {
      hint: 'Use an HTTP(S) proxy.',
    });
  const user = users.find((one) => one.name === chosen.user) ?? { name: chosen.user || 'anonymous' };
  // client-node refuses plain HTTP unless TLS is not verified.
  const reachable = cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster;
  return { cluster: reachable, user: withExecInfo(user, reachable), context: { ...chosen, user: user.name } };
}

function read(kubeconfig: string, from: string): Entries {
  try {
    if (kubeconfig.startsWith(IN_CLUSTER)) return serviceAccount(kubeconfig.slice(IN_CLUSTER.length));
    if (kubeconfig.includes('\n')) return readText(kubeconfig, process.cwd());
    const paths = kubeconfig.split(process.platform === 'win32' ? ';' : ':').filter(Boolean);
    const files = paths.map((path) => readText(readFileSync(path, 'utf8'), dirname(resolve(path))));
    // Of two entries of a name the first is looked up, as kubectl does.
    return {
      clusters: files.flatMap((file) => file.clusters),
      contexts: files.flatMap((file) => file.contexts),
      users: files.flatMap((file) => file.users),
      current: files.find((file) => file.current)?.current ?? null,
    };
  } catch (cause) {
    const reason = Error.isError(cause) ? cause.message : String(cause);
    // The parser quotes the file in its message, and the file holds credentials: the first line says enough.
    throw new ResponderError('config_invalid', `KUBECONFIG: ${from} cannot be read: ${reason.split('\n')[0]}`, {
      hint: 'It is the path of a kubeconfig file, as for kubectl.',
    });
  }
}

/** Paths in it are relative to `folder`. */
function readText(text: string, folder: string): Entries {
  const {
    clusters,
    contexts,
    users,
    'current-context': current,
  } = kubeconfigFile.catch({}).parse(parse(text, { merge: true }));
  const tokenFiles = new Map(userEntries.safeParse(users).data?.map((one) => [one.name, one.user?.tokenFile]));
  const at = (path: string | undefined) => (path ? resolve(folder, path) : path);
  return {
    clusters: newClusters(clusters).map((one) => ({ ...one, caFile: at(one.caFile) })),
    contexts: newContexts(contexts),
    users: newUsers(users).map((one) => {
      const tokenFile = at(tokenFiles.get(one.name));
      const paths = { certFile: at(one.certFile), keyFile: at(one.keyFile) };
      return {
        ...one,
        ...paths,
        exec: besideFile(one.exec, folder),
        ...(tokenFile && !one.token ? { authProvider: tokenFileOf(tokenFile) } : {}),
      };
    }),
    current: current ?? null,
  };
}

/**
 * A command with a slash in it is relative to the file, a bare name is looked up in PATH:
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
function besideFile(exec: unknown, folder: string): unknown {
  const parsed = z.looseObject({ command: z.string() }).safeParse(exec).data;
  if (!parsed || parsed.command === '' || basename(parsed.command) === parsed.command) return exec;
  return { ...parsed, command: resolve(folder, parsed.command) };
}

/** The install hint of this user's plugin, as the kubeconfig gives it; null without a plugin or a hint. */
export function installHintOf(user: User): string | null {
  const hint = z.object({ installHint: z.string() }).safeParse(user.exec).data?.installHint;
  // It is shown in terminals and in Slack.
  return (
    hint
      ?.replaceAll(/[^\P{C}\n]+/gu, ' ')
      .trim()
      .slice(0, 500) || null
  );
}

/** As client-node writes it. A token file is read again while it is used, because whoever writes it rotates it. */
function tokenFileOf(tokenFile: string) {
  return { name: 'tokenFile', config: { tokenFile } };
}

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
function serviceAccount(server: string): Entries {
  const name = 'in-cluster';
  return {
    clusters: [{ name, server, caFile: `${SERVICE_ACCOUNT}/ca.crt`, skipTLSVerify: false }],
    contexts: [{ name, cluster: name, user: name }],
    users: [{ name, authProvider: tokenFileOf(`${SERVICE_ACCOUNT}/token`) }],
    current: name,
  };
}

/**
 * KUBERNETES_EXEC_INFO as kubectl sets it for an exec plugin:
 * https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
 */
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
