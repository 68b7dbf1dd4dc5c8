import { execFileSync } from 'node:child_process';
import { createSign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { ResponderError } from '../../src/errors.ts';
import { closeAll, type Harness, start } from './harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'sns-'));
let key = '';
let certificate = '';
beforeAll(() => {
  const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = ['-subj', '/CN=sns.amazonaws.com', '-days', '30', '-nodes', '-newkey', 'rsa:2048'];
  execFileSync('openssl', ['req', '-x509', ...subject, '-keyout', keyFile, '-out', certificateFile], {
    stdio: 'ignore',
  });
  [key, certificate] = [readFileSync(keyFile, 'utf8'), readFileSync(certificateFile, 'utf8')];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(closeAll);

const AMAZON = 'https://sns.eu-west-1.amazonaws.com';
const TOKEN = 'a-token-of-sns';

/** A message as SNS posts it, signed with our own key. */
function signed(over: Record<string, string> = {}): Record<string, string> {
  const message: Record<string, string> = {
    Type: 'Notification',
    MessageId: 'm-1',
    TopicArn: 'arn:aws:sns:eu-west-1:1:alerts',
    Subject: '[FIRING:1] HighCpu',
    Message: JSON.stringify({ alerts: [{ labels: { alertname: 'HighCpu' } }] }),
    Timestamp: '2026-03-01T12:00:00.000Z',
    SignatureVersion: '2',
    SigningCertURL: `${AMAZON}/SimpleNotificationService-0123456789abcdef.pem`,
    ...over,
  };
  const names =
    message.Type === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const text = names.flatMap((name) => (name in message ? [`${name}\n${message[name]}\n`] : [])).join('');
  const sign = createSign(message.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256').update(text);
  return { Signature: sign.sign(key, 'base64'), ...message };
}

let asked: string[] = [];
function withAmazon(answer: () => string = () => certificate): Promise<Harness> {
  asked = [];
  return start({
    tokens: [TOKEN],
    clock: () => Date.now(),
    readAmazon: async (url) => {
      asked.push(url.href);
      return answer();
    },
  });
}

async function post(harness: Harness, message: unknown, authorization?: string): Promise<Response> {
  const basic = `Basic ${Buffer.from(`sns:${TOKEN}`).toString('base64')}`;
  return fetch(`${harness.server.url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=UTF-8', authorization: authorization ?? basic },
    body: JSON.stringify(message),
  });
}

test.each(['1', '2'])(
  'a notification of SNS with signature version %s is a delivery, with user and password',
  async (version) => {
    const harness = await withAmazon();
    expect((await post(harness, signed({ SignatureVersion: version }))).status).toBe(200);
    expect(JSON.parse(harness.accepted[0]?.body ?? '')).toEqual({ alerts: [{ labels: { alertname: 'HighCpu' } }] });
  },
);

test('without the token nothing is read, and both ways to bring it are named', async () => {
  const harness = await withAmazon();
  const refused = await post(harness, signed(), `Basic ${Buffer.from('sns:wrong').toString('base64')}`);
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
    401,
    'Bearer realm="lambda-responder", Basic realm="lambda-responder"',
  ]);
  expect(asked).toEqual([]);
});

test('a subscription is confirmed at Amazon and opens nothing', async () => {
  const harness = await withAmazon();
  const subscription = signed({
    Type: 'SubscriptionConfirmation',
    Token: 't',
    SubscribeURL: `${AMAZON}/?Action=ConfirmSubscription&Token=t`,
  });
  expect((await post(harness, subscription)).status).toBe(200);
  expect(asked).toContain(`${AMAZON}/?Action=ConfirmSubscription&Token=t`);
  expect([harness.accepted, harness.refused]).toEqual([[], []]);
});

test.each([
  ['changed after it was signed', () => ({ ...signed(), Message: 'other' }), /signature/],
  ['with a certificate from elsewhere', () => signed({ SigningCertURL: 'https://evil.test/x.pem' }), /SigningCertURL/],
  [
    'with a host that only looks like Amazon’s',
    () =>
      signed({
        SigningCertURL: 'https://sns.eu-west-1.amazonaws.com.evil.test/SimpleNotificationService-0123456789.pem',
      }),
    /SigningCertURL/,
  ],
  [
    'that would have us ask another host',
    () => signed({ Type: 'SubscriptionConfirmation', Token: 't', SubscribeURL: 'http://169.254.169.254/' }),
    /SubscribeURL/,
  ],
  ['without a signature', () => ({ ...signed(), Signature: undefined }), /Signature/],
])('a message %s is refused for good, with a record', async (_what, message, reason) => {
  const harness = await withAmazon();
  const answer = await post(harness, message());
  expect([answer.status, (await answer.json()).error]).toEqual([400, expect.stringMatching(reason)]);
  expect(harness.refused).toHaveLength(1);
  expect(asked.filter((url) => !url.startsWith(AMAZON))).toEqual([]);
});

test('while the certificate cannot be read, SNS is asked to send it again', async () => {
  const harness = await withAmazon(() => {
    throw new ResponderError('unavailable', 'sns.eu-west-1.amazonaws.com does not answer');
  });
  expect((await post(harness, signed())).status).toBe(503);
  expect(harness.refused).toEqual([]);
});

test('a Prometheus that takes the responder for an Alertmanager is answered where it posts', async () => {
  const harness = await withAmazon();
  for (const path of ['/api/v2/alerts', '/webhooks/alertmanager/api/v2/alerts']) {
    const answer = await fetch(`${harness.server.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
      body: '[{"labels":{"alertname":"A"}}]',
    });
    expect([answer.status, (await answer.json()).error]).toEqual([400, expect.stringContaining('Put an Alertmanager')]);
  }
});

test('the tenant of Mimir comes with the header of Mimir or in the address', async () => {
  const harness = await withAmazon();
  const send = (query: string, headers: Record<string, string>) =>
    fetch(`${harness.server.url}/webhooks/alertmanager${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      body: JSON.stringify({ alerts: [{ labels: { alertname: 'A' } }] }),
    });
  await send('', { 'x-scope-orgid': 'team-a' });
  await send('?tenant=team-b', {});
  expect(harness.accepted.map(({ body }) => JSON.parse(body).tenant)).toEqual(['team-a', 'team-b']);
});
