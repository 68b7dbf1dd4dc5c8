import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { alert, delivery, startProduct, until } from './product.ts';

let closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(() => new Promise<void>((done) => server.close(() => done())));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Takes every mail; what it was given stands in the second part. */
async function mailServer(): Promise<{ readonly url: string; readonly mails: string[] }> {
  const mails: string[] = [];
  const server = createTcpServer((socket) => {
    let data: string | null = null;
    socket.setEncoding('utf8').write('220 test\r\n');
    socket.on('data', (text: string) => {
      if (data !== null) {
        data += text;
        if (!data.endsWith('\r\n.\r\n')) return;
        mails.push(data);
        data = null;
        socket.write('250 taken\r\n');
      } else if (/^DATA/i.test(text)) {
        data = '';
        socket.write('354 go on\r\n');
      } else socket.write(/^QUIT/i.test(text) ? '221 bye\r\n' : '250 ok\r\n');
    });
    socket.on('error', () => {});
  });
  return { url: `smtp://127.0.0.1:${await listen(server)}`, mails };
}

function settings(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'fallback-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'responder.yaml'), text);
  return join(folder, 'responder.yaml');
}

/** Takes posts; the first one is refused. */
async function hook(): Promise<{
  readonly url: string;
  readonly posts: { readonly id: string; readonly text: string }[];
}> {
  const posts: { readonly id: string; readonly text: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => {
      posts.push({ id: String(request.headers['idempotency-key']), text: JSON.parse(body).text });
      response.writeHead(posts.length === 1 ? 503 : 200).end();
    });
  });
  return { url: `http://127.0.0.1:${await listen(server)}/hook`, posts };
}

const SEV1 = alert('Down', { incident_severity: 'sev1', deployment: 'checkout' });
const SEV2 = alert('Slow', { severity: 'critical', namespace: 'cart', deployment: 'cart' });

test('a sev1 that Slack does not take is told by webhook once, tried again when that fails; sev2 is not', async () => {
  const { url, posts } = await hook();
  const product = await startProduct({
    RESPONDER_CONFIG: settings('fallback: {after: 1s, webhookVariable: HOOK}\n'),
    HOOK: url,
  });
  closers.push(() => product.close());
  await product.workspace.fault({ kind: 'down', method: 'chat.postMessage' });
  expect(await product.deliver(delivery([SEV1, SEV2]))).toBe(200);
  await until('the webhook', async () => posts.length >= 2, 40);
  expect(posts[1]?.text).toMatch(/SEV1 #\d+ Down/);
  expect(posts[1]?.id).toBe(posts[0]?.id);
  const told = await until('the timeline', async () => {
    const { incidents }: { incidents: { number: number; severity: string }[] } = await (
      await product.api('/api/incidents')
    ).json();
    const sev1 = incidents.find(({ severity }) => severity === 'sev1');
    const found = await product.api(`/api/incidents/${sev1?.number}`);
    const { timeline }: { timeline: { text: string }[] } = await found.json();
    return timeline.find(({ text }) => text.includes('sent by webhook 127.0.0.1'));
  });
  expect(told.text).toContain('Slack could not be reached');
  await product.workspace.clearFaults();
  // What was handed to a Slack that broke the connection may still come, so it is waited for.
  const carded = async () =>
    (await product.workspace.messages('#incidents')).some(({ text }) => /SEV1 #\d+ Down/.test(text));
  await until('the card', carded, 80);
  await new Promise((wake) => setTimeout(wake, 6_000));
  expect(posts).toHaveLength(2);
}, 360_000);

test('a sev1 that Slack does not take is told by e-mail', async () => {
  const mail = await mailServer();
  const product = await startProduct({
    RESPONDER_CONFIG: settings(
      'fallback: {after: 1s, email: {urlVariable: SMTP, from: bot@example.com, to: [oncall@example.com]}}\n',
    ),
    SMTP: mail.url,
  });
  closers.push(() => product.close());
  await product.workspace.fault({ kind: 'down', method: 'chat.postMessage' });
  expect(await product.deliver(delivery([SEV1]))).toBe(200);
  const [message] = await until('the mail', async () => mail.mails.length > 0 && mail.mails, 40);
  expect(message).toMatch(/^Subject: .*SEV1.*Down/m);
  expect(message).toMatch(/^To: oncall@example\.com/m);
  expect(message).toMatch(/^Message-ID: <.+@lambda-responder>/im);
}, 240_000);

test('a sev1 whose card is posted is told by Slack alone', async () => {
  const { url, posts } = await hook();
  const product = await startProduct({
    RESPONDER_CONFIG: settings('fallback: {after: 1s, webhookVariable: HOOK}\n'),
    HOOK: url,
  });
  closers.push(() => product.close());
  expect(await product.deliver(delivery([SEV1]))).toBe(200);
  await new Promise((wake) => setTimeout(wake, 8_000));
  expect(posts).toEqual([]);
}, 180_000);

test('a sev2 that rises to sev1 while Slack takes no message is told by webhook, though it has a card', async () => {
  const { url, posts } = await hook();
  const product = await startProduct({
    RESPONDER_CONFIG: settings('fallback: {after: 1s, webhookVariable: HOOK}\n'),
    HOOK: url,
  });
  closers.push(() => product.close());
  const labels = { namespace: 'cart', deployment: 'cart' };
  expect(await product.deliver(delivery([alert('Slow', { ...labels, severity: 'critical' })]))).toBe(200);
  await until('the card', async () =>
    (await product.workspace.messages('#incidents')).some(({ text }) => /SEV2 #\d+ Slow/.test(text)),
  );
  await product.workspace.fault({ kind: 'down', method: 'chat.postMessage' });
  expect(await product.deliver(delivery([alert('Slow', { ...labels, incident_severity: 'sev1' })]))).toBe(200);
  await until('the webhook', async () => posts.length >= 2, 40);
  expect(posts[1]?.text).toMatch(/SEV1 #\d+ Slow/);
  expect(posts[1]?.text).toContain('Raised to SEV1');
  expect(posts[1]?.id).toBe(posts[0]?.id);
}, 240_000);
