import { z } from 'zod';
import type { CliIo } from '../cli.ts';
import { nearest } from '../commands/suggest.ts';
import { columnsOf } from '../commands/table.ts';
import { ResponderError } from '../errors.ts';
import { connect, parseJson } from './remote.ts';

const listed = z.object({ scenarios: z.array(z.object({ id: z.string(), title: z.string() })) });

/** Starts a scenario as a drill at the simulator's control API, or lists what there is. */
export async function runDrill(
  scenario: string | undefined,
  options: { readonly control?: string; readonly speed?: string },
  io: CliIo,
): Promise<number> {
  const url = (options.control ?? io.env.SCENARIO_URL ?? '').replace(/\/+$/, '');
  if (!URL.canParse(url))
    throw new ResponderError('config_invalid', 'A drill needs the address of a simulator’s control API.', {
      hint: 'Give it with --control or SCENARIO_URL; npm start prints it.',
    });
  const control = connect(io, url, null, '--control or SCENARIO_URL');
  const answer = listed.safeParse(parseJson(await control.send('GET', '/scenarios')));
  if (!answer.success) throw new ResponderError('bad_input', `${url} is not a simulator’s control API.`);
  const { scenarios } = answer.data;
  if (scenario === undefined) {
    io.stdout.write(
      `${columnsOf(
        ['SCENARIO', 'TITLE'],
        scenarios.map((one) => [one.id, one.title]),
      ).join('\n')}\n`,
    );
    return 0;
  }
  const chosen = scenarios.find((one) => one.id.toLowerCase() === scenario.toLowerCase());
  if (!chosen) {
    const near = nearest(
      scenario,
      scenarios.map((one) => one.id),
      3,
    );
    throw new ResponderError('not_found', `There is no scenario “${scenario}”.`, {
      hint: near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'List them: lambda-responder drill',
    });
  }
  const speed = options.speed === undefined ? undefined : Number(options.speed);
  if (speed !== undefined && !(speed > 0)) throw new ResponderError('bad_input', '--speed needs a number above 0.');
  await control.send('POST', `/scenarios/${encodeURIComponent(chosen.id)}/start`, {
    drill: true,
    ...(speed === undefined ? {} : { speed }),
  });
  io.stdout.write(`DRILL ${chosen.id} has begun: ${chosen.title}\n`);
  return 0;
}
