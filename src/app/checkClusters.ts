import type { Config } from '../config.ts';
import { createLogger } from '../logger.ts';
import { createRedactor } from '../redaction/redactor.ts';
import { openClusters } from './clusters.ts';

/**
 * Reads every kubeconfig and finds its context, and calls no cluster; a simulated one has none.
 * @throws ResponderError config_invalid naming the file.
 */
export async function checkClusters(config: Config): Promise<void> {
  if (config.kubeconfig === null) return;
  const redactor = createRedactor();
  const log = createLogger({ level: 'silent', redact: redactor.redact });
  const opened = await openClusters({ config, simulator: null, redactor, log, clock: Date.now });
  await opened.close();
}
