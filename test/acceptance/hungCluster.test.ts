import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { alert, delivery, type Product, shown, startProduct, until } from './product.ts';

/** Takes connections and never says a word. */
async function startMute(): Promise<{ readonly port: number; readonly asked: () => number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    asked: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function kubeconfig(port: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'mute', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'mute', user: {} }],
    contexts: [{ name: 'mute', context: { cluster: 'mute', user: 'mute' } }],
    'current-context': 'mute',
  });
}

const cardOf = (product: Product, name: string) =>
  until('the card', async () =>
    (await product.workspace.messages('#incidents')).find((message) => shown(message).includes(name)),
  );
/** When the first diagnostic of the crowd was answered; null while none is. */
async function firstAnswer(product: Product): Promise<number | null> {
  const answers = (await product.workspace.ephemerals('jun')).filter(({ text }) => !text.includes('Running'));
  return answers.length === 0 ? null : Math.min(...answers.map(({ ts }) => Number(ts)));
}

test('a cluster that never answers holds up neither a sev1 nor a person’s click', async () => {
  const mute = await startMute();
  const folder = mkdtempSync(join(tmpdir(), 'mute-'));
  writeFileSync(join(folder, 'kubeconfig'), kubeconfig(mute.port));
  const product = await startProduct({ KUBECONFIG: join(folder, 'kubeconfig') });
  try {
    for (let index = 0; index < 12; index += 1)
      await product.workspace.command({ user: 'jun', channel: '#incidents', text: '/lambda diag jobs' });
    await until('the cluster to be asked', async () => mute.asked() > 0);
    await product.deliver(delivery([alert('Grave', { incident_severity: 'sev1' })]));
    const card = await cardOf(product, 'Grave');
    await product.workspace.click({ user: 'ana', channel: card.channel, ts: card.ts, actionId: 'lambda:ack' });
    await until('the acknowledgement', async () =>
      /Ana/i.test(JSON.stringify((await cardOf(product, 'Grave')).blocks)),
    );
    const acknowledged = Date.now() / 1000;
    const answered = await until('the first answer about the cluster', () => firstAnswer(product), 40);
    expect(Number(card.ts)).toBeLessThan(answered);
    expect(acknowledged).toBeLessThan(answered);
  } finally {
    await product.close();
    await mute.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
