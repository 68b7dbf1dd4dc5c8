import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Simulator } from '../../simulator/start.ts';
import type { Config } from '../config.ts';
import { coerceError, ResponderError } from '../errors.ts';

/**
 * Starts what stands in for the parts that are not configured, through the one dynamic import of the simulator: it is
 * not part of the image.
 * @returns null when every part is real.
 * @throws ResponderError conflict naming the variable of a port in use, or config_invalid where there is no simulator.
 */
export async function startSimulators(config: Config, root: string): Promise<Simulator | null> {
  const parts = [
    config.slack ? null : ('workspace' as const),
    config.kubeconfig ? null : ('cluster' as const),
    config.prometheusUrl ? null : ('metrics' as const),
  ].filter((part) => part !== null);
  if (parts.length === 0) return null;
  const { startSimulator } = await loadSimulator(root);
  try {
    return await startSimulator({
      parts,
      host: '127.0.0.1',
      ports: config.ports,
      profile: config.policy.profile.name,
    });
  } catch (thrown) {
    const error = coerceError(thrown);
    if (/^[A-Z_]+_PORT: /.test(error.message)) throw new ResponderError('conflict', error.message, { cause: thrown });
    throw error;
  }
}

async function loadSimulator(root: string): Promise<typeof import('../../simulator/start.ts')> {
  const file = join(root, 'simulator', 'start.ts');
  if (existsSync(file)) return import(pathToFileURL(file).href);
  throw new ResponderError('config_invalid', 'nothing can be simulated here: this installation has no simulator', {
    hint: 'Set SLACK_BOT_TOKEN, KUBECONFIG and PROMETHEUS_URL, or run from a clone of the repository.',
  });
}
