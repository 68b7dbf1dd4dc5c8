import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { createLogger, readableLinesTo } from '../../src/logger.ts';

test('a log on a terminal is one line an event, with an error by what it says, and secrets redacted', async () => {
  const stream = new PassThrough();
  const log = createLogger({
    level: 'info',
    redact: (text) => text.replaceAll('hunter2', '[redacted]'),
    destination: await readableLinesTo(stream, { color: false }),
  });
  log.child({ part: 'slack' }).warn({ err: new Error('the socket broke'), url: 'http://x/hunter2' }, 'not connected');
  log.debug('nothing to see');
  log.info({ delivery: 1 }, 'accepted a delivery');
  stream.end();
  expect((await text(stream)).split('\n')).toEqual([
    expect.stringMatching(
      /^\[\d\d:\d\d:\d\d\] WARN: slack: not connected: the socket broke \{"url":"http:\/\/x\/\[redacted\]"\}$/,
    ),
    expect.stringMatching(/^\[\d\d:\d\d:\d\d\] INFO: accepted a delivery \{"delivery":1\}$/),
    '',
  ]);
});

test('what somebody else wrote neither begins a line of a log on a terminal nor moves its cursor', async () => {
  const stream = new PassThrough();
  const log = createLogger({ level: 'info', destination: await readableLinesTo(stream, { color: false }) });
  log.warn({ err: new Error('no pod\r\n[00:00:00] INFO: all is well'), pod: '\u001b[1Aweb' }, 'not read \u001b[2J');
  stream.end();
  const shown = await text(stream);
  expect(shown.trimEnd()).not.toMatch(/\p{Cc}/u);
  expect(shown).toContain('not read');
});
