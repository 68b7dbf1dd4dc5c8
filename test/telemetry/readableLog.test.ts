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
