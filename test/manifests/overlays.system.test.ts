import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { fileSchema } from '../../src/config/fileSchema.ts';
import { ROOT } from '../acceptance/program.ts';

const named = z.object({ name: z.string() });
const container = z.object({
  env: z.array(z.object({ name: z.string(), value: z.string().optional(), valueFrom: z.unknown().optional() })),
  envFrom: z.unknown().optional(),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() })),
});
const deployment = z.object({
  kind: z.literal('Deployment'),
  spec: z.object({
    replicas: z.number(),
    strategy: z.object({ type: z.string() }),
    template: z.object({
      spec: z.object({
        containers: z.tuple([container]),
        volumes: z.array(
          named.extend({ secret: z.object({ secretName: z.string(), defaultMode: z.number() }).optional() }),
        ),
      }),
    }),
  }),
});
const settings = z.object({ kind: z.literal('ConfigMap'), data: z.object({ 'responder.yaml': z.string() }) });
const peers = z.array(
  z.object({
    namespaceSelector: z.object({ matchLabels: z.record(z.string(), z.string()) }).optional(),
    ipBlock: z.object({ cidr: z.string(), except: z.array(z.string()).optional() }).optional(),
  }),
);
const policy = z.object({
  kind: z.literal('NetworkPolicy'),
  spec: z.object({
    policyTypes: z.array(z.string()),
    ingress: z.array(z.object({ from: peers })),
    egress: z.array(z.object({ to: peers.optional(), ports: z.array(z.object({ port: z.number() })) })),
  }),
});

/** What `kubectl apply -k` would send. */
function built(folder: string) {
  const text = execFileSync('kubectl', ['kustomize', join(ROOT, 'manifests', folder)], { encoding: 'utf8' });
  const objects = parseAllDocuments(text).map((one): unknown => one.toJS());
  const only = <T>(shape: z.ZodType<T>): T => {
    const found = objects.flatMap((one) => shape.safeParse(one).data ?? []);
    if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} of a kind in ${folder}`);
    return found[0];
  };
  const { spec } = only(deployment);
  const { containers, volumes } = spec.template.spec;
  return {
    spec,
    volumes,
    pod: containers[0],
    policy: only(policy).spec,
    settings: only(settings).data['responder.yaml'],
    kinds: objects.map((one) => z.looseObject({ kind: z.string() }).parse(one).kind),
  };
}

/** Whether the pod may open a connection to a port of a namespace, or of any address outside. */
function reaches({ egress }: ReturnType<typeof built>['policy'], port: number, namespace: string | null): boolean {
  return egress.some(
    ({ to, ports }) =>
      ports.some((one) => one.port === port) &&
      (to ?? [{ ipBlock: { cidr: '0.0.0.0/0' }, namespaceSelector: undefined }]).some(
        ({ namespaceSelector, ipBlock }) =>
          namespace === null
            ? ipBlock?.cidr === '0.0.0.0/0'
            : ipBlock?.cidr === '0.0.0.0/0' ||
              namespaceSelector?.matchLabels['kubernetes.io/metadata.name'] === namespace,
      ),
  );
}

const FOLDERS = ['socket-mode', 'http-mode', 'postgres', 'git-sync', 'runbooks'].map((name) => `overlays/${name}`);

describe.each(['base', ...FOLDERS])('manifests/%s', (folder) => {
  const { pod, volumes, policy: network } = built(folder);

  test('mounts its secrets as files and puts none into the environment', () => {
    expect(pod.envFrom).toBeUndefined();
    expect(pod.env.filter(({ valueFrom }) => valueFrom !== undefined)).toEqual([]);
    const where = pod.env.find(({ name }) => name === 'RESPONDER_SECRETS')?.value;
    const mounted = pod.volumeMounts.find(({ mountPath }) => mountPath === where);
    expect(mounted).toMatchObject({ readOnly: true });
    // 0440: the group is the pod's fsGroup.
    expect(volumes.find(({ name }) => name === mounted?.name)?.secret).toEqual({
      secretName: 'lambda-responder',
      defaultMode: 0o440,
    });
  });

  test('lets the pod call what its configuration names, Slack, the API server and DNS, and nothing else', () => {
    expect(network.policyTypes).toEqual(['Ingress', 'Egress']);
    for (const { value = '' } of pod.env.filter(({ name }) => /_URL$/.test(name) && name !== 'DATABASE_URL')) {
      const { hostname, port } = new URL(value);
      expect([value, reaches(network, Number(port), hostname.split('.')[1] ?? '')]).toEqual([value, true]);
    }
    expect([443, 6443].filter((port) => !reaches(network, port, null))).toEqual([]);
    expect(reaches(network, 53, 'kube-system')).toBe(true);
    expect([22, 80, 25, 8080, 10250].filter((port) => reaches(network, port, null))).toEqual([]);
    const open = network.egress
      .flatMap(({ to }) => to ?? [])
      .flatMap(({ ipBlock }) => (ipBlock?.cidr === '0.0.0.0/0' ? [ipBlock] : []));
    expect(open).toEqual([{ cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] }]);
  });
});

test('manifests/overlays/postgres reaches PostgreSQL, whose address is in the Secret, and keeps nothing on a disk', () => {
  const { spec, pod, volumes, policy: network, kinds } = built('overlays/postgres');
  expect(spec).toMatchObject({ replicas: 2, strategy: { type: 'RollingUpdate' } });
  expect(reaches(network, 5432, null)).toBe(true);
  expect(reaches(built('base').policy, 5432, null)).toBe(false);
  expect(pod.env.map(({ name }) => name)).not.toContain('DATABASE_URL');
  expect([...volumes, ...pod.volumeMounts].map(({ name }) => name)).not.toContain('store');
  expect(kinds).not.toContain('PersistentVolumeClaim');
});

test('manifests/overlays/http-mode lets the ingress in, the others only the monitoring', () => {
  const from = (folder: string) =>
    built(folder).policy.ingress.flatMap((one) =>
      one.from.map(({ namespaceSelector }) => namespaceSelector?.matchLabels['kubernetes.io/metadata.name']),
    );
  expect(from('overlays/http-mode')).toEqual(['monitoring', 'ingress-nginx']);
  expect(from('overlays/socket-mode')).toEqual(['monitoring']);
});

test.each([
  ['git-sync', '/var/lib/runbooks/current/runbooks'],
  ['runbooks', '/var/lib/runbooks'],
])('manifests/overlays/%s shows the responder the folder of runbooks that its settings name', (name, folder) => {
  const { pod, volumes, settings } = built(`overlays/${name}`);
  expect(fileSchema.parse(parse(settings)).runbooks.folders).toEqual([folder]);
  const mounted = pod.volumeMounts.find(({ mountPath }) => folder.startsWith(mountPath));
  expect(mounted).toMatchObject({ mountPath: '/var/lib/runbooks', readOnly: true });
  expect(volumes.map((volume) => volume.name)).toContain(mounted?.name);
});
