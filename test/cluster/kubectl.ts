import { execFile } from 'node:child_process';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The machine's own kubectl with a kubeconfig; never throws for an exit code. */
export function kubectlOf(
  kubeconfig: string,
  more: Readonly<Record<string, string>> = {},
): (...args: readonly string[]) => Promise<Ran> {
  const env = { ...process.env, ...more, KUBECONFIG: kubeconfig };
  const options = { env, maxBuffer: 512 * 1024 * 1024, timeout: 120_000 };
  return (...args) =>
    new Promise((resolve) => {
      execFile('kubectl', [...args], options, (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
        resolve({ code, stdout, stderr });
      });
    });
}
