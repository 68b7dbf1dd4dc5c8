import { pino } from 'pino';
import { coerceError } from '../../src/errors.ts';
import { openStore } from '../../src/store/open.ts';

/**
 * A process that accepts deliveries until it is killed, or until the store refuses one: it prints the id of each one
 * after it was accepted, then `refused <code>`, and then whether the store still answers.
 */
const [url = '', bodyBytes = '200'] = process.argv.slice(2);
const body = 'x'.repeat(Number(bodyBytes));

async function main(): Promise<void> {
  const store = await openStore(url, { log: pino({ level: 'silent' }) });
  process.stdout.write('opened\n');
  for (let n = 0; ; n += 1) {
    try {
      const accepted = await Promise.all(
        Array.from({ length: 5 }, () =>
          store.deliveries.accept({
            body,
            sender: 's',
            senderCluster: null,
            groupKey: `g${n}`,
            alertCount: 1,
            receivedAt: Date.now(),
          }),
        ),
      );
      process.stdout.write(`${accepted.map(({ id }) => id).join('\n')}\n`);
    } catch (error) {
      const ready = await store.probe().then(
        () => 'ready',
        (failure) => coerceError(failure).code,
      );
      const { received } = await store.accounting();
      process.stdout.write(`refused ${coerceError(error).code}; probe ${ready}; received ${received}\n`);
      return;
    }
  }
}

main().catch((error) => {
  process.stdout.write(`failed ${coerceError(error).code}: ${coerceError(error).message}\n`);
});
