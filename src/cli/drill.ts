import { z } from 'zod';
import { columnsOf } from '../commands/columns.ts';
import { nearest } from '../commands/suggest.ts';
import { ResponderError } from '../errors.ts';
import type { CliIo } from './io.ts';
import { connect, parseJson } from './remote.ts';

const listed = z.object({ scenarios: z.array(z.object({ id: z.string(), title: z.string() })) });

/** Base URL of the control API of `npm start` on this machine. */
const LOCAL = (env: CliIo['env']) => `http://127.0.0.1:${env.WORKSPACE_PORT?.trim() || '3000'}/ui/scenarios`;

/** Starts a scenario as a drill at the simulator's control API, or lists what there is. */
export async function runDrill(
  scenario: string | undefined,
  options: { readonly control?: string; readonly speed?: string },
  io: CliIo,
): Promise<number> {
  const given = options.control ?? (io.env.SCENARIO_URL?.trim() || LOCAL(io.env));
  if (!URL.canParse(given))
    throw new ResponderError('config_invalid', `“${given}” is not the address of a simulator’s control API.`, {
      hint: 'Give the one that npm start prints as “scenarios” with --control or SCENARIO_URL.',
    });
  const url = given.replace(/\/+$/, '');
  const control = connect(io, url, null, '--control, SCENARIO_URL or WORKSPACE_PORT');
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
  const wanted = scenario.toLowerCase();
  const chosen = scenarios.find(({ id }) => id.toLowerCase() === wanted || id.toLowerCase().startsWith(`${wanted}-`));
  if (!chosen) {
    // Ids begin with a short one, such as s01; a short typo is compared with those.
    const named = (id: string) => (scenario.includes('-') ? id : (id.split('-')[0] ?? id));
    const names = new Set(scenarios.map(({ id }) => named(id)));
    const near = nearest(scenario, [...names], 3);
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
