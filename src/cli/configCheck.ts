import { stat } from 'node:fs/promises';
import { type Config, describeConfig, loadConfig } from '../config.ts';
import { coerceError, ResponderError } from '../errors.ts';
import type { CliIo } from './io.ts';
import type { AlertmanagerFlags } from './routesCheck.ts';

export type ConfigCheckFlags = Partial<AlertmanagerFlags>;

/**
 * `config check`: reads what a start would read, and calls nobody; with `--alertmanager` also a configuration of Alertmanager.
 * @throws ResponderError config_invalid naming file, line and key, or the variable.
 */
export async function runConfigCheck(flags: ConfigCheckFlags, io: CliIo): Promise<number> {
  const config = loadConfig(io.env, { root: io.root });
  await checkFolders(config);
  const { checkClusters } = await import('../app/configChecks.ts');
  await checkClusters(config);
  io.stdout.write(`The configuration is good${io.env.RESPONDER_CONFIG ? ` (${io.env.RESPONDER_CONFIG})` : ''}.\n`);
  const { aboutChannels, realOrSimulated } = await import('../app/configChecks.ts');
  for (const line of realOrSimulated(config)) io.stdout.write(`${line}\n`);
  const note = aboutChannels(config);
  if (note !== null) io.stdout.write(`${note}\n`);
  const { alertmanager } = flags;
  if (alertmanager === undefined) {
    const alone = Object.keys(flags)[0];
    if (alone === undefined) return 0;
    throw new ResponderError('bad_input', `--${alone} is for --alertmanager FILE`);
  }
  const { checkAlertmanager } = await import('./routesCheck.ts');
  return await checkAlertmanager(config, { ...flags, alertmanager }, io);
}

/** `config show`: the effective configuration, secrets masked. */
export async function runConfigShow(io: CliIo): Promise<number> {
  io.stdout.write(`${describeConfig(loadConfig(io.env, { root: io.root }))}\n`);
  return 0;
}

async function checkFolders(config: Config): Promise<void> {
  for (const folder of config.runbooks.folders) {
    const found = await stat(folder).catch((thrown: unknown) => coerceError(thrown));
    if (!Error.isError(found) && found.isDirectory()) continue;
    const why = Error.isError(found) ? found.message : 'it is not a folder';
    throw new ResponderError('config_invalid', `runbooks.folders: ${folder}: ${why}`, {
      hint: 'Name folders of Markdown files; a relative path starts at responder.yaml.',
    });
  }
}
