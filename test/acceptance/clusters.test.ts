import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { installPlatform } from '../../simulator/cluster/healthyPlatform.ts';
import { startCluster } from '../../simulator/cluster/start.ts';
import { alert, delivery, shown, startProduct, until } from './product.ts';

test('two clusters: an alert is looked at in its own, and one that is down changes nothing for the other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clusters-'));
  const west = await startCluster({ name: 'west' });
  const east = await startCluster({ name: 'east' });
  for (const { world } of [west, east]) installPlatform(world, { profile: 'builder', now: Date.now() });
  const clusters = [west, east].map((cluster) => {
    const path = join(folder, cluster.name);
    writeFileSync(path, cluster.kubeconfig());
    const context: string = parse(cluster.kubeconfig())['current-context'];
    return { name: cluster.name, kubeconfig: path, context };
  });
  const config = join(folder, 'responder.yaml');
  writeFileSync(config, JSON.stringify({ cluster: 'west', clusters }));
  const product = await startProduct({ KUBECONFIG: clusters[0]?.kubeconfig ?? '', RESPONDER_CONFIG: config });
  try {
    east.world.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'only-east-0', namespace: 'knative-lambda', labels: { app: 'only-east' } },
      spec: { containers: [{ name: 'main', image: 'x' }] },
      status: {
        phase: 'Running',
        containerStatuses: [
          { name: 'main', ready: false, restartCount: 9, state: { waiting: { reason: 'CrashLoopBackOff' } } },
        ],
      },
    });
    west.world.fault({ kind: 'status', code: 503 });
    await product.deliver(
      delivery([alert('East', { pod: 'only-east-0', namespace: 'knative-lambda', cluster: 'east' })]),
    );
    const card = await until('the card', async () =>
      (await product.workspace.messages('#incidents')).find((message) => shown(message).includes('East')),
    );
    await until('what the east cluster shows', async () =>
      (await product.workspace.messages('#incidents', { thread: card.ts })).some((message) =>
        /crashes again and again/.test(shown(message)),
      ),
    );
    await product.workspace.command({
      user: 'ana',
      channel: '#incidents',
      text: '/lambda diag pods -n knative-lambda --cluster west',
    });
    await until('the reason of the west cluster', async () => {
      const seen = [
        ...(await product.workspace.ephemerals('ana')),
        ...(await product.workspace.messages('#incidents', { thread: card.ts })),
      ];
      return seen.some((message) => /API server is failing|circuit open|503/.test(shown(message)));
    });
    const detail = await (await fetch(`${product.app.url}/readyz`)).json();
    expect(detail).toMatchObject({
      ready: true,
      clusters: [
        { name: 'west', reachable: false, state: 'unavailable', since: expect.any(Number) },
        { name: 'east', reachable: true, state: 'ok', since: expect.any(Number), leftAlone: false },
      ],
      alertmanager: { configured: false, state: 'unknown' },
    });
  } finally {
    await product.close();
    await Promise.all([west.close(), east.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
});
