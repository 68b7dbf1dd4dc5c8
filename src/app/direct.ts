import type { CommandPorts } from '../commands/ports.ts';
import type { Config } from '../config.ts';
import { ResponderError } from '../errors.ts';
import type { ClusterAccess } from '../k8s/client/cluster.ts';
import { createLogger, linesTo } from '../logger.ts';
import { loadPlaybooks } from '../playbooks/load.ts';
import { createRunbooks } from '../playbooks/runbooks.ts';
import { createRedactor } from '../redaction/redactor.ts';
import { openClusters } from './clusters.ts';
import { openMetering } from './metering.ts';

/** What read-only commands need when no responder runs: the cluster, and no incidents. */
export interface Direct {
  readonly ports: CommandPorts;
  close(): Promise<void>;
}

/** What stands in for the configured cluster, or between it and who reads. */
export interface DirectOptions {
  readonly clock?: () => number;
  readonly instead?: ClusterAccess;
  readonly through?: (cluster: ClusterAccess) => ClusterAccess;
}

/** Opens the configured cluster for a terminal without RESPONDER_URL. @throws ResponderError config_invalid when none is configured. */
export async function openDirect(config: Config, options: DirectOptions = {}): Promise<Direct> {
  if (config.kubeconfig === null && !options.instead)
    throw new ResponderError('config_invalid', 'There is neither a responder nor a cluster to ask.', {
      hint: 'Set RESPONDER_URL to a running responder, or KUBECONFIG to read the cluster directly.',
    });
  const redactor = createRedactor();
  const log = createLogger({ level: 'warn', redact: redactor.redact, destination: linesTo(process.stderr) });
  const { clock = Date.now, ...how } = options;
  const outside = await openClusters({ config, simulator: null, redactor, log, clock, ...how });
  const metering = openMetering({ config, simulator: null, redactor, log, clock });
  const { playbooks } = loadPlaybooks(config.runbooks.folders);
  return {
    async close() {
      await metering.close();
      await outside.close();
    },
    ports: {
      diagnostics: metering.diagnostics(outside.diagnostics),
      incidents: { find: async () => null, at: async () => null, list: async () => [], timeline: async () => [] },
      changes: { apply: noStore, declare: noStore, made: noStore, record: noStore },
      runbooks: createRunbooks(playbooks, { baseUrl: config.runbooks.baseUrl }),
      settings: {
        profile: config.policy.profile,
        namespaces: config.access.namespaces,
        allowAllNamespaces: config.access.allNamespaces,
        clusters: outside.names,
        publicUrl: config.publicUrl,
        escalation: config.policy.escalation,
        reopenWindowMs: config.policy.correlation.reopenWindowMs,
      },
      now: clock,
    },
  };
}

async function noStore(): Promise<never> {
  throw new ResponderError('unavailable', 'Incidents are kept by the responder.', {
    hint: 'Set RESPONDER_URL to a running one.',
    retryable: false,
  });
}
