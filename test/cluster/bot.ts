import { openDirect } from '../../src/app/direct.ts';
import type { DiagnosticRequest, Diagnostics } from '../../src/commands/ports.ts';
import { loadConfig } from '../../src/config.ts';
import type { DiagnosticResult } from '../../src/incidents/evidence.ts';
import { ROOT } from '../acceptance/program.ts';
import { asking } from '../builders/diagnostics.ts';

/** The product's own reading of a cluster, opened from a kubeconfig as the terminal does. */
export interface Bot {
  readonly diagnostics: Diagnostics;
  /** A diagnostic as a person asks it; what is not said is not asked for. */
  ask(request: Partial<DiagnosticRequest> & { readonly diagnostic: string }): Promise<DiagnosticResult>;
  close(): Promise<void>;
}

/** @param more of the environment, such as RESPONDER_CONFIG */
export async function openBot(kubeconfig: string, more: Readonly<Record<string, string>> = {}): Promise<Bot> {
  const env = { KUBECONFIG: kubeconfig, PROMETHEUS_URL: 'none', SIMULATE: 'workspace', ...more };
  const open = await openDirect(loadConfig(env, { root: ROOT }));
  const { diagnostics } = open.ports;
  return {
    diagnostics,
    ask: (request) => diagnostics.run(asking(request.diagnostic, request)),
    close: open.close,
  };
}
