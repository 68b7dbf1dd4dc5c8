import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';

const PROMTOOL = '/usr/bin/promtool';

/** Runs promtool; throws with how to install it when it is missing. */
export async function promtool(args: readonly string[]): Promise<{ ok: boolean; output: string }> {
  if (!existsSync(PROMTOOL)) throw new Error(`${PROMTOOL} is missing: install the Debian package "prometheus"`);
  return new Promise((resolve) => {
    execFile(PROMTOOL, [...args], { timeout: 280_000, maxBuffer: 32 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ ok: error === null, output: `${stdout}${stderr}` });
    });
  });
}
