import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { type ApiClient, createApiClient, type KubeObject } from './apiClient.ts';
import { type BotAccount, openBotAccount } from './botAccount.ts';
import { startControlPlane } from './controlPlane.ts';
import { startKubelet } from './kubelet.ts';
import { type Told, tellKubelet } from './kubeletDoor.ts';
import { registerMetrics } from './metricsServer.ts';

/** A real Kubernetes that runs in some process of ours, as the tests use it. */
export interface TestCluster {
  /** As its `/version` says: `v1.34.4`. */
  readonly version: string;
  readonly server: string;
  readonly ca: string;
  readonly admin: ApiClient;
  /** A kubeconfig file of cluster-admin, for kubectl. */
  readonly adminKubeconfig: string;
  readonly bot: BotAccount;
  /** A JSON object a line, as the API server writes it. */
  readonly auditLog: string;
  /** PEM of the key that ServiceAccounts' tokens are signed with. */
  readonly signingKey: string;
  /** Where its etcd answers, `http://127.0.0.1:PORT`. */
  readonly etcd: string;
  /** SIGSTOP to the API server: it keeps its connections and answers nothing, until it is thawed. */
  freeze(): void;
  thaw(): void;
  /** Log lines, measured usage, nodes that fall silent. */
  tell(told: Told): Promise<void>;
  close(): Promise<void>;
}

/** What is started once and left running: by the tests' set-up, or by hand (`up.ts`). */
export interface Started {
  readonly version: string;
  readonly server: string;
  /** A kubeconfig file of cluster-admin; beside it lies what the tests need to know more (`cluster.json`). */
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

interface Beside {
  readonly apiServerPid: number;
  readonly auditLog: string;
  readonly etcd: string;
}

/** The nodes of every cluster of ours: pods go to both; the tests may make the second ill. */
export const NODES = ['worker-1', 'worker-2'];
/** Which minor version is tested; `.ci/run` sets it. */
export const minorUnderTest = () => process.env.KUBERNETES_TEST_MINOR || '1.34';

/** Starts a control plane, two nodes and metrics.k8s.io. */
export async function startTestCluster(minor = minorUnderTest()): Promise<Started> {
  const own = await startControlPlane({ minor });
  try {
    const kubelet = await startKubelet(own.admin, NODES);
    await registerMetrics(own.admin, kubelet.port);
    const kubeconfig = join(own.folder, 'admin.kubeconfig');
    writeFileSync(kubeconfig, own.kubeconfig(own.adminToken), { mode: 0o600 });
    const beside: Beside = { apiServerPid: own.apiServer.pid, auditLog: own.auditLog, etcd: own.etcd };
    writeFileSync(join(own.folder, 'cluster.json'), JSON.stringify(beside));
    return {
      version: await versionOf(own.admin),
      server: own.server,
      kubeconfig,
      async stop() {
        // One that a test left stopped would not hear that it should end.
        own.apiServer.thaw();
        await kubelet.close();
        await own.stop();
      },
    };
  } catch (thrown) {
    await own.stop();
    throw thrown;
  }
}

/**
 * Opens the cluster whose kubeconfig KUBECONFIG_TEST names: the tests' set-up started it, or `node test/cluster/up.ts`.
 * @throws Error when there is none, or it is not one of ours: the tests play its kubelets
 */
export async function openTestCluster(): Promise<TestCluster> {
  const path = process.env.KUBECONFIG_TEST;
  if (!path || !existsSync(path)) throw new Error(`KUBECONFIG_TEST: there is no file ${path ?? '(it is not set)'}`);
  const { clusters, users } = parse(readFileSync(path, 'utf8'));
  const server: string = clusters?.[0]?.cluster?.server;
  const ca = Buffer.from(clusters?.[0]?.cluster?.['certificate-authority-data'] ?? '', 'base64').toString();
  const token: string | undefined = users?.[0]?.user?.token;
  const more = join(dirname(path), 'cluster.json');
  if (!server || !ca || !token || !existsSync(more))
    throw new Error(`KUBECONFIG_TEST: ${path} is not the file of a cluster that \`node test/cluster/up.ts\` started`);
  const beside: Beside = JSON.parse(readFileSync(more, 'utf8'));
  const admin = createApiClient(server, token, ca);
  const node = await admin.json<KubeObject>('GET', `/api/v1/nodes/${NODES[0]}`);
  const port: number = node.status.daemonEndpoints.kubeletEndpoint.Port;
  const bot = await openBotAccount(admin, server, ca);
  return {
    version: await versionOf(admin),
    server,
    ca,
    admin,
    adminKubeconfig: path,
    bot,
    auditLog: beside.auditLog,
    etcd: beside.etcd,
    signingKey: readFileSync(join(dirname(path), 'service-account.key'), 'utf8'),
    freeze: () => void process.kill(beside.apiServerPid, 'SIGSTOP'),
    thaw: () => void process.kill(beside.apiServerPid, 'SIGCONT'),
    tell: (told) => tellKubelet(port, told),
    async close() {
      bot.close();
      await admin.close();
    },
  };
}

async function versionOf(admin: ApiClient): Promise<string> {
  return (await admin.json<{ gitVersion: string }>('GET', '/version')).gitVersion;
}
