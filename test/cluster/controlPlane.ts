import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiClient, createApiClient } from './apiClient.ts';
import { findBinaries } from './binaries.ts';
import {
  apiServerFlags,
  CONTROLLERS,
  controllerManagerFlags,
  etcdFlags,
  kwokFlags,
  planned,
  schedulerFlags,
} from './controlPlanePlan.ts';
import { type Program, startProgram } from './program.ts';

/** A running control plane: the real API server over etcd, with its controllers and scheduler, on loopback. */
export interface ControlPlane {
  /** `1.34`. */
  readonly minor: string;
  readonly server: string;
  /** PEM: what a client has to trust. */
  readonly ca: string;
  /** Everything it writes lies here, and is removed when it stops. */
  readonly folder: string;
  /** One JSON object a line: who did what, at level Metadata. */
  readonly auditLog: string;
  /** `http://127.0.0.1:PORT`. */
  readonly etcd: string;
  readonly apiServer: Program;
  /** cluster-admin. */
  readonly admin: ApiClient;
  readonly adminToken: string;
  /** A user of a static token that was named at the start (`userTokens`). */
  tokenOf(user: string): string;
  /** A kubeconfig as YAML for any token. */
  kubeconfig(token: string): string;
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  readonly minor: string;
  /** Users with a token of their own, and their groups: `{ 'system:node:worker-1': ['system:nodes'] }`. */
  readonly users?: Readonly<Record<string, readonly string[]>>;
  /** Seconds after which events are gone; the API server's own default is an hour. */
  readonly eventTtlSeconds?: number;
}

/** Starts etcd, kube-apiserver, kube-controller-manager, kube-scheduler and KWOK. @throws Error with the output of what did not start */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const binaries = findBinaries(options.minor);
  const plan = await planned(options);
  const { folder, server, authority, tokenOf } = plan;
  const programs: Program[] = [];
  const run = (name: string, path: string, args: readonly string[]) => {
    const program = startProgram(name, path, args, join(folder, `${name}.log`));
    programs.push(program);
    return program;
  };
  const admin = createApiClient(server, tokenOf('admin'), authority.ca);
  const stop = async () => {
    await admin.close();
    // Clients before servers: etcd is the last.
    for (const program of programs.toReversed()) await program.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    run('etcd', binaries.etcd, etcdFlags(plan));
    const apiServer = run('kube-apiserver', binaries.kubeApiserver, apiServerFlags(plan));
    await eventually(`${server}/readyz`, programs, async () => (await admin.call('GET', '/readyz')).status === 200);
    // Before it starts: a controller manager without rights leaves Warning events for an hour.
    await bindToClusterAdmin(admin, CONTROLLERS);
    run('kube-controller-manager', binaries.kubeControllerManager, controllerManagerFlags(plan));
    run('kube-scheduler', binaries.kubeScheduler, schedulerFlags(plan));
    run('kwok', binaries.kwok, kwokFlags(plan));
    // Without this account no pod can be created.
    const account = '/api/v1/namespaces/default/serviceaccounts/default';
    await eventually(account, programs, async () => (await admin.call('GET', account)).status === 200);
    return {
      minor: options.minor,
      server,
      ca: authority.ca,
      folder,
      auditLog: plan.auditLog,
      etcd: plan.etcd,
      apiServer,
      admin,
      adminToken: tokenOf('admin'),
      tokenOf,
      kubeconfig: plan.kubeconfig,
      stop,
    };
  } catch (thrown) {
    const output = programs.map((one) => `--- ${one.name}\n${one.output().slice(-2_500)}`).join('\n');
    await stop();
    throw new Error(`Kubernetes ${options.minor} did not start: ${String(thrown)}\n${output}`, { cause: thrown });
  }
}

function bindToClusterAdmin(admin: ApiClient, user: string): Promise<unknown> {
  return admin.json('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: user.replaceAll(':', '-') },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
  });
}

async function eventually(what: string, programs: readonly Program[], look: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 90_000;
  while (Date.now() < end) {
    const ended = programs.find((one) => !one.runs());
    if (ended) throw new Error(`${ended.name} ended`);
    if (await look().catch(() => false)) return;
    await new Promise((wake) => setTimeout(wake, 100));
  }
  throw new Error(`${what}: not within 90 s`);
}
