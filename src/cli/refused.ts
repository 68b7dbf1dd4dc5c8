import { z } from 'zod';
import { loadConfig } from '../config.ts';
import { ResponderError } from '../errors.ts';
import type { CliIo } from './io.ts';
import { parseJson, remoteOf } from './remote.ts';

const MOST = 20;
const HEAD = 400;

const listed = z.object({
  refused: z.array(
    z.object({
      id: z.number(),
      sender: z.string(),
      size: z.number(),
      reason: z.string(),
      head: z.string(),
      at: z.number(),
    }),
  ),
});
type Refused = z.output<typeof listed>['refused'][number];

/** Shows what was refused for good, newest first: from the responder of RESPONDER_URL, else from the store itself. */
export async function runRefused(io: CliIo): Promise<number> {
  const refused = await read(io);
  if (refused.length === 0) io.stdout.write('No delivery was refused.\n');
  for (const one of refused) io.stdout.write(`${shown(one)}\n`);
  return 0;
}

async function read(io: CliIo): Promise<readonly Refused[]> {
  const remote = remoteOf(io);
  if (remote) {
    const answer = listed.safeParse(parseJson(await remote.send('GET', '/api/refused')));
    if (answer.success) return answer.data.refused;
    throw new ResponderError('bad_input', `What ${remote.url} answered is no list of refused deliveries.`, {
      hint: 'RESPONDER_URL must name the responder itself, of this release.',
    });
  }
  const { openTerminalStore } = await import('../app/terminalStore.ts');
  const store = await openTerminalStore(loadConfig(io.env, { root: io.root }));
  try {
    return await store.refused.list(MOST);
  } finally {
    await store.close();
  }
}

function shown(one: Refused): string {
  // The head is a stranger's text: control characters are removed, so that it cannot control the terminal.
  const head = one.head.slice(0, HEAD).replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');
  return `${new Date(one.at).toISOString()}  ${one.sender}  ${one.size} bytes: ${one.reason}\n    ${head}`;
}
