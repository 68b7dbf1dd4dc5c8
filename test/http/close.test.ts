import { connect } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { closeAll, DELIVERY, post, start } from './harness.ts';

afterEach(closeAll);

test('closes as soon as what is in flight has ended, and leaves none of it without an answer', async () => {
  const harness = await start();
  let open: () => void = () => {};
  harness.gate = new Promise((resolve) => {
    open = resolve;
  });
  const answer = post(harness, '/webhooks/alertmanager', DELIVERY);
  await new Promise((wake) => setTimeout(wake, 200));
  let closed = false;
  const closing = harness.server.close().then(() => {
    closed = true;
  });
  await new Promise((wake) => setTimeout(wake, 200));
  expect(closed).toBe(false);
  open();
  expect((await answer).status).toBe(200);
  await closing;
});

test.each([
  ['has not sent anything yet', ''],
  ['has sent half a request', 'POST /webhooks/alertmanager HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{'],
  ['has had its answer', 'GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n'],
])('closes although a client that %s keeps its connection', async (_, bytes) => {
  const harness = await start();
  const socket = connect(harness.server.port, '127.0.0.1').on('error', () => {});
  await new Promise((connected) => socket.once('connect', connected));
  if (bytes) socket.write(bytes);
  await new Promise((wake) => setTimeout(wake, 100));
  // Left to its client the connection stays for ever (or for the 60 s a request may take).
  await harness.server.close();
  socket.destroy();
});
