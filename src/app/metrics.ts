import type { Simulator } from '../../simulator/start.ts';
import type { Diagnostics } from '../commands/ports.ts';
import type { Config } from '../config.ts';
import type { ErrorCode } from '../errors.ts';
import type { IncidentWithAlerts } from '../incidents/incident.ts';
import type { Logger } from '../logger.ts';
import { chartAlert } from '../prometheus/alertChart.ts';
import { createRenderer } from '../prometheus/chart/renderer.ts';
import { createMetricDiagnostics } from '../prometheus/diagnostics.ts';
import { openPrometheus, type Prometheus } from '../prometheus/open.ts';
import type { Redactor } from '../redaction/redactor.ts';
import type { Measure } from '../triage/measure.ts';

/** How long a rule is remembered: Prometheus evaluates what it has loaded, and people reload it rarely. */
const RULE_MS = 60_000;
const CHECK_MS = 30_000;

/** Prometheus, as the rest of the product uses it; without one everything answers, and says that there is none. */
export interface Metering {
  /** Without credentials, for people; `none` without a Prometheus. */
  readonly address: string;
  /** Diagnostics of the cluster and of Prometheus behind the one port of commands. */
  diagnostics(cluster: Diagnostics): Diagnostics;
  /** The alert's own expression as numbers and a picture. */
  readonly measure: Measure;
  /** The `for` of the rule behind an incident's first alert, milliseconds; null when it is not known. Never throws. */
  ruleFor(known: IncidentWithAlerts, signal: AbortSignal): Promise<number | null>;
  /** For /readyz: whether the last call was answered, and since when that holds. Never part of being ready. */
  detail(): MeteringDetail;
  close(): Promise<void>;
}

export interface MeteringDetail {
  readonly configured: boolean;
  readonly simulated: boolean;
  /** `ok`, the code of the last error, `unknown` before the first call. */
  readonly state: 'ok' | 'unknown' | ErrorCode;
  /** Epoch milliseconds; null before the first call. */
  readonly since: number | null;
}

export interface MeteringParts {
  readonly config: Config;
  readonly simulator: Simulator | null;
  readonly redactor: Redactor;
  readonly log: Logger;
  readonly clock: () => number;
  readonly onCall?: (outcome: string, ms: number) => void;
  readonly onBreaker?: (open: boolean) => void;
}

/** Opens what PROMETHEUS_URL names, or the simulated one. Makes no call that anything waits for. */
export function openMetering(parts: MeteringParts): Metering {
  const { config, simulator, redactor, clock } = parts;
  const log = parts.log.child({ part: 'prometheus' });
  const url = config.prometheusUrl === 'none' ? null : (config.prometheusUrl ?? simulator?.metrics?.url ?? null);
  let state: MeteringDetail['state'] = 'unknown';
  let since: number | null = null;
  let checkedAt = Number.NEGATIVE_INFINITY;
  const stopped = new AbortController();
  const onOutcome = (outcome: 'ok' | ErrorCode, ms: number) => {
    parts.onCall?.(outcome, ms);
    checkedAt = clock();
    // A query that is wrong says nothing about the server.
    const next = outcome === 'bad_input' || outcome === 'not_found' ? 'ok' : outcome;
    if (next === 'cancelled' || next === state) return;
    if (next !== 'ok') log.warn({ code: next }, 'Prometheus does not answer as it should; charts and SLOs are missing');
    else if (state !== 'unknown') log.info('Prometheus answers again');
    state = next;
    since = checkedAt;
  };
  const prometheus =
    url === null
      ? null
      : openPrometheus({
          url,
          simulated: config.prometheusUrl === null,
          log,
          redactor,
          onOutcome,
          ...(parts.onBreaker ? { onBreaker: parts.onBreaker } : {}),
        });
  const metrics = createMetricDiagnostics({ prometheus, profile: config.policy.profile.name, redactor, clock });
  const renderer = createRenderer({ log });
  return {
    measure: async (known, signal) =>
      prometheus && chartAlert(known, { prometheus, renderer, redactor, clock }, signal),
    address: prometheus?.address ?? 'none',
    diagnostics: (cluster) => ({
      run: (request) => (metrics.names.includes(request.diagnostic) ? metrics.run(request) : cluster.run(request)),
      names: (kind, namespace, signal) => cluster.names(kind, namespace, signal),
    }),
    ruleFor: rememberedRules(prometheus, clock),
    detail() {
      if (prometheus && clock() - checkedAt > CHECK_MS) {
        checkedAt = clock();
        // Nobody waits for it: the next question has its answer. What it failed with is told to onOutcome.
        prometheus.status(stopped.signal).catch(() => {});
      }
      return { configured: prometheus !== null, simulated: prometheus?.simulated ?? false, state, since };
    },
    async close() {
      stopped.abort();
      await renderer.close();
    },
  };
}

function rememberedRules(prometheus: Prometheus | null, clock: () => number): Metering['ruleFor'] {
  const known = new Map<string, { readonly at: number; readonly forMs: number | null }>();
  return async ({ alerts }, signal) => {
    const alert = alerts.find(({ status }) => status === 'firing') ?? alerts[0];
    if (prometheus === null || !alert) return null;
    const key = `${alert.cluster}/${alert.fingerprint}`;
    const before = known.get(key);
    if (before && clock() - before.at < RULE_MS) return before.forMs;
    const rule = await prometheus.ruleFor(alert.name, alert.labels, signal).catch(() => undefined);
    if (rule === undefined) return null;
    if (known.size > 500) known.clear();
    const forMs = rule?.forMs ?? null;
    known.set(key, { at: clock(), forMs });
    return forMs;
  };
}
