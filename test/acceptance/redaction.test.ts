import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { installPlatform } from '../../simulator/cluster/healthyPlatform.ts';
import { startCluster } from '../../simulator/cluster/start.ts';
import { alert, delivery, shown, startProduct, until } from './product.ts';

/** What must not be found anywhere outside the cluster; each is written as a program would print it. */
const SECRETS = {
  'password=Tr0ub4dor-and-3': 'Tr0ub4dor-and-3',
  '{"api_key": "q9W8e7R6t5Y4u3I2"}': 'q9W8e7R6t5Y4u3I2',
  'connecting to postgres://app:c0rrectHorse@db:5432/shop': 'c0rrectHorse',
  'using ghp_R4nd0mT0k3nR4nd0mT0k3nR4nd0mT0k3n12': 'R4nd0mT0k3nR4nd0mT0k3n',
  'Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJlc2lnbmF0dXJl': 'eyJzdWIiOiJhbmEifQ',
  'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYzEXAMPLEKEY1': 'wJalrXUtnFEMIK7MDENG',
  'MINIO_ROOT_PASSWORD: sup3r-minio': 'sup3r-minio',
} as const;

test('a secret in logs, events and object status reaches neither Slack nor the store, the log or the API', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'redaction-'));
  const cluster = await startCluster();
  const world = cluster.world;
  installPlatform(world, { profile: 'builder', now: Date.now() });
  const kubeconfig = join(folder, 'config');
  writeFileSync(kubeconfig, cluster.kubeconfig());
  const pod = 'leaky-0';
  const namespace = 'knative-lambda';
  const now = new Date().toISOString();
  world.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod, namespace, labels: { app: 'leaky' } },
    spec: { nodeName: 'node-a', containers: [{ name: 'main', image: 'leaky:1' }] },
    status: {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'main',
          ready: false,
          restartCount: 3,
          image: 'leaky:1',
          state: { waiting: { reason: 'CrashLoopBackOff', message: Object.keys(SECRETS)[0] } },
          lastState: { terminated: { exitCode: 1, message: Object.keys(SECRETS)[2], finishedAt: now } },
        },
      ],
    },
  });
  const at = Date.now() - 1_000;
  world.log({
    namespace,
    pod,
    container: 'main',
    lines: Object.keys(SECRETS).map((text, index) => ({ at: at + index, text })),
  });
  world.event({
    type: 'Warning',
    reason: 'BackOff',
    message: Object.keys(SECRETS)[1] ?? '',
    regarding: { apiVersion: 'v1', kind: 'Pod', namespace, name: pod },
    source: 'kubelet',
    firstAt: at,
    lastAt: at,
    count: 1,
  });
  const product = await startProduct({
    KUBECONFIG: kubeconfig,
    DATABASE_URL: `sqlite:${join(folder, 'responder.db')}`,
  });
  try {
    await product.deliver(delivery([alert('Leaky', { pod, namespace })]));
    const card = await until('the card', async () =>
      (await product.workspace.messages('#incidents')).find((message) => shown(message).includes('Leaky')),
    );
    const thread = () => product.workspace.messages('#incidents', { thread: card.ts });
    await until('the first look', async () => (await thread()).some((message) => /First look/.test(shown(message))));
    for (const command of ['diag logs leaky-0', 'diag events', 'diag pods', 'postmortem 1']) {
      const before = (await thread()).length;
      await product.workspace.command({ user: 'ana', channel: '#incidents', text: `/lambda ${command}` });
      await until(`the answer of ${command}`, async () => (await thread()).length > before);
    }
    const messages = await thread();
    const auth = { headers: { authorization: 'Bearer xoxb-simulated' } };
    const files = await Promise.all(
      messages
        .flatMap((message) => message.files ?? [])
        .map(async (file) => (await fetch(file.url_private, auth)).text()),
    );
    const places = {
      Slack: JSON.stringify(messages) + JSON.stringify(await product.workspace.ephemerals('ana')),
      files: files.join('\n'),
      API: await (await product.api('/api/incidents/1')).text(),
      'post-mortem': await (await product.api('/api/incidents/1/postmortem')).text(),
      log: product.log(),
      store: ['', '-wal'].map((suffix) => readFileSync(join(folder, `responder.db${suffix}`), 'latin1')).join(''),
    };
    expect(places.Slack + places.files).toContain('[redacted]');
    for (const [place, text] of Object.entries(places)) {
      expect({ place, found: Object.values(SECRETS).filter((secret) => text.includes(secret)) }).toEqual({
        place,
        found: [],
      });
    }
  } finally {
    await product.close();
    await cluster.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
