import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Authority, makeAuthority } from '../../simulator/cluster/tls/authority.ts';

/** Folder, ports, users and certificates of one control plane, and the flags of its programs that follow from them. */
export interface Plan {
  readonly minor: string;
  readonly folder: string;
  readonly server: string;
  readonly auditLog: string;
  readonly authority: Authority;
  readonly ports: Ports;
  /** `http://127.0.0.1:PORT`. */
  readonly etcd: string;
  readonly eventTtlSeconds: number;
  readonly users: Readonly<Record<string, readonly string[]>>;
  tokenOf(user: string): string;
  kubeconfig(token: string): string;
  /** Writes a file of the folder, readable for us alone; answers its path. */
  file(name: string, text: string): string;
}

interface Ports {
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly api: number;
  readonly manager: number;
  readonly scheduler: number;
}

/** The user of the controller manager; it has no rights of its own before it is bound to them. */
export const CONTROLLERS = 'system:kube-controller-manager';
const SCHEDULER = 'system:kube-scheduler';
const KWOK = 'kwok';
/** Alpha in the older versions: a Job whose status a test writes (`managedBy`). */
const GATES: Readonly<Record<string, readonly string[]>> = { '1.31': ['--feature-gates=JobManagedBy=true'] };
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
};

export async function planned(options: {
  readonly minor: string;
  readonly users?: Plan['users'];
  readonly eventTtlSeconds?: number;
}): Promise<Plan> {
  const folder = mkdtempSync(join(tmpdir(), `control-plane-${options.minor}-`));
  chmodSync(folder, 0o700);
  const users: Plan['users'] = {
    admin: ['system:masters'],
    [CONTROLLERS]: [],
    [SCHEDULER]: [],
    [KWOK]: ['system:masters'],
    ...options.users,
  };
  const tokens = new Map(Object.keys(users).map((user) => [user, randomBytes(16).toString('hex')]));
  const [etcd = 0, etcdPeer = 0, api = 0, manager = 0, scheduler = 0] = await freePorts(5);
  const ports: Ports = { etcd, etcdPeer, api, manager, scheduler };
  const server = `https://127.0.0.1:${ports.api}`;
  const authority = makeAuthority('127.0.0.1');
  return {
    minor: options.minor,
    folder,
    server,
    auditLog: join(folder, 'audit.log'),
    authority,
    ports,
    etcd: `http://127.0.0.1:${ports.etcd}`,
    eventTtlSeconds: options.eventTtlSeconds ?? 3600,
    users,
    tokenOf(user) {
      const token = tokens.get(user);
      if (!token) throw new Error(`no user ${user}: there are ${[...tokens.keys()].join(', ')}`);
      return token;
    },
    kubeconfig: (token) => kubeconfigOf(server, authority.ca, token),
    file(name, text) {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    },
  };
}

export function etcdFlags({ folder, ports, etcd: client }: Plan): readonly string[] {
  mkdirSync(join(folder, 'etcd'), { mode: 0o700 });
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    // What it keeps is thrown away with the test.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

export function apiServerFlags({ folder, ports, authority, users, file, ...plan }: Plan): readonly string[] {
  const keys = serviceAccountKeys();
  const tokens = Object.entries(users).map(([user, groups]) => {
    const list = groups.length > 0 ? `,"${groups.join(',')}"` : '';
    return `${plan.tokenOf(user)},${user},${user}${list}`;
  });
  return [
    `--etcd-servers=${plan.etcd}`,
    `--secure-port=${ports.api}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--cert-dir=${folder}`,
    `--tls-cert-file=${file('apiserver.crt', authority.certificate)}`,
    `--tls-private-key-file=${file('apiserver.key', authority.key)}`,
    `--token-auth-file=${file('tokens.csv', `${tokens.join('\n')}\n`)}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction,ResourceQuota,LimitRanger,PodSecurity',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-signing-key-file=${file('service-account.key', keys.privateKey)}`,
    `--service-account-key-file=${file('service-account.pub', keys.publicKey)}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--audit-policy-file=${file('audit-policy.yaml', stringify(AUDIT_POLICY))}`,
    `--audit-log-path=${plan.auditLog}`,
    // Pages of a list expire within a minute, not within ten.
    '--etcd-compaction-interval=20s',
    `--event-ttl=${plan.eventTtlSeconds}s`,
    '--profiling=false',
    ...(GATES[plan.minor] ?? []),
  ];
}

/** In PEM; the API server signs tokens with the one and checks them with the other. */
function serviceAccountKeys() {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
}

/** The API server's files have to be written before. */
export function controllerManagerFlags(plan: Plan): readonly string[] {
  return [
    ...clientFlags(plan, CONTROLLERS, 'controller-manager', plan.ports.manager),
    '--controllers=*',
    `--service-account-private-key-file=${join(plan.folder, 'service-account.key')}`,
    `--root-ca-file=${plan.file('ca.crt', plan.authority.ca)}`,
    ...(GATES[plan.minor] ?? []),
  ];
}

export function schedulerFlags(plan: Plan): readonly string[] {
  return clientFlags(plan, SCHEDULER, 'scheduler', plan.ports.scheduler);
}

/** It plays the nodes with its annotation only; the others are our own kubelet's. */
export function kwokFlags(plan: Plan): readonly string[] {
  return [
    `--kubeconfig=${plan.file('kwok.kubeconfig', plan.kubeconfig(plan.tokenOf(KWOK)))}`,
    '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
  ];
}

function clientFlags(plan: Plan, user: string, name: string, port: number): readonly string[] {
  return [
    `--kubeconfig=${plan.file(`${name}.kubeconfig`, plan.kubeconfig(plan.tokenOf(user)))}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${join(plan.folder, name)}`,
    '--leader-elect=false',
    '--kube-api-qps=300',
    '--kube-api-burst=600',
  ];
}

/** So many ports nobody listens on now. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held: Server[] = [];
  // Held until all are found, so that no two are the same.
  for (let index = 0; index < count; index += 1) {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    held.push(server);
  }
  const ports = held.map((server) => (server.address() as AddressInfo).port); // It listens on TCP.
  for (const server of held) await new Promise((closed) => server.close(closed));
  return ports;
}

function kubeconfigOf(server: string, ca: string, token: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'user', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'user' } }],
    'current-context': 'test',
  });
}
