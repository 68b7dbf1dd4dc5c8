import type { Simulator } from '../../simulator/start.ts';
import { alertIdentity } from '../alerts/identity.ts';
import type { Diagnostics } from '../commands/ports.ts';
import type { Config } from '../config.ts';
import type { IncidentWithAlerts } from '../incidents/incident.ts';
import type { PostMortem } from '../incidents/postmortem/postmortem.ts';
import type { Pending } from '../incidents/postmortem/postmortemFigures.ts';
import type { Picture } from '../incidents/postmortem/postmortemPictures.ts';
import { speaker } from '../incidents/said.ts';
import type { Measure } from '../jobs/measure.ts';
import type { Metrics, Queues } from '../k8s/facts/ports.ts';
import type { Logger } from '../logger.ts';
import { proxyChooser } from '../network/proxies.ts';
import { createReach, type Reach, type ReachDetail } from '../network/reach.ts';
import { incidentPicture } from '../prometheus/chart/incidentPicture.ts';
import { createRenderer } from '../prometheus/chart/renderer.ts';
import { foreignPace } from '../prometheus/foreignPace.ts';
import { queueDepths, throttling } from '../prometheus/measuredSaturation.ts';
import { createMetricDiagnostics } from '../prometheus/metricDiagnostics.ts';
import { openPrometheus, type Prometheus } from '../prometheus/openPrometheus.ts';
import { pendingOf } from '../prometheus/pendingAlert.ts';
import { requestsServed } from '../prometheus/served.ts';
import type { Redactor } from '../redaction/redactor.ts';

/** How long a rule is remembered: Prometheus evaluates what it has loaded, and people reload it rarely. */
const RULE_MS = 60_000;
/** Pause, milliseconds, after which Prometheus is asked how it is, when nothing else was asked of it. */
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
  /** How long the earliest alert of an incident was pending before it fired; null when nobody can say. Never throws. */
  pendingOf(known: IncidentWithAlerts, signal: AbortSignal): Promise<Pending | null>;
  /** What a diagnosis needs beyond objects; null without a Prometheus. */
  readonly measured: { readonly metrics: Metrics; readonly queues: Queues } | null;
  /** The course of an incident as PNG. @throws ResponderError as `Renderer.render`. */
  draw(pm: PostMortem, signal: AbortSignal): Promise<Picture>;
  detail(): MeteringDetail;
  close(): Promise<void>;
}

export interface MeteringDetail extends ReachDetail {
  readonly configured: boolean;
  readonly simulated: boolean;
}

export interface MeteringParts {
  readonly config: Config;
  readonly simulator: Simulator | null;
  readonly redactor: Redactor;
  readonly log: Logger;
  readonly clock: () => number;
  readonly onCall?: (outcome: string, ms: number) => void;
  /** How often it is asked how it is, milliseconds; 30 s. */
  readonly checkMs?: number;
  /** Told at once that Prometheus is not left alone, and of each change; never without a Prometheus. */
  readonly onBreaker?: (open: boolean) => void;
}

/** Opens what PROMETHEUS_URL names, or the simulated one. No call is made yet. */
export function openMetering(parts: MeteringParts): Metering {
  const { config, simulator, redactor, clock } = parts;
  const log = parts.log.child({ part: 'prometheus' });
  const url = config.prometheusUrl === 'none' ? null : (config.prometheusUrl ?? simulator?.metrics?.url ?? null);
  const { prometheus, reach, stop } = openWatched(url, log, parts);
  const metrics = createMetricDiagnostics({ prometheus, profile: config.policy.profile.name, redactor, clock });
  const renderer = createRenderer({ log });
  const pace = foreignPace(clock);
  const ruleFor = rememberedRules(prometheus, clock);
  return {
    async measure(known, signal) {
      if (prometheus === null) return null;
      // The parser of PromQL is loaded with it: nothing else of a running responder reads expressions.
      const { chartAlert } = await import('../prometheus/alertChart.ts');
      const { profile } = config.policy;
      return await chartAlert(known, { prometheus, renderer, redactor, clock, pace, profile }, signal);
    },
    address: prometheus?.address ?? 'none',
    diagnostics: (cluster) => ({
      run: (request) => (metrics.names.includes(request.diagnostic) ? metrics.run(request) : cluster.run(request)),
      names: (kind, namespace, signal) => cluster.names(kind, namespace, signal),
    }),
    ruleFor,
    pendingOf: (known, signal) => pendingOf(prometheus, ruleFor, known, signal),
    measured: prometheus && {
      metrics: {
        throttling: (namespace, signal) => throttling(prometheus, namespace, signal),
        requests: (namespace, agoMs, signal) => requestsServed(prometheus, namespace, agoMs, signal),
      },
      queues: { depths: (signal) => queueDepths(prometheus, signal) },
    },
    async draw(pm, signal) {
      const { svg, alt } = incidentPicture(pm);
      return { alt, png: Buffer.from(await renderer.render(svg, signal)).toString('base64') };
    },
    detail: () => ({
      configured: prometheus !== null,
      simulated: prometheus?.simulated ?? false,
      ...reach.detail(),
    }),
    async close() {
      stop();
      await renderer.close();
    },
  };
}

/** Prometheus, what is known of its state, and what ends the check that keeps it known. */
interface Watched {
  /** Null without a URL. */
  readonly prometheus: Prometheus | null;
  readonly reach: Reach;
  stop(): void;
}

/** Opens the Prometheus at the URL, and asks it for its status once nothing else has asked it for a while. */
function openWatched(url: string | null, log: Logger, parts: MeteringParts): Watched {
  const { config, redactor, clock, checkMs = CHECK_MS } = parts;
  const reach = createReach(clock, (state, before) => {
    if (state !== 'ok')
      log.warn({ code: state }, 'Prometheus does not answer as it should; charts and SLOs are missing');
    else if (before !== 'unknown') log.info('Prometheus answers again');
  });
  if (url === null) return { prometheus: null, reach, stop: () => {} };
  let askedAt = Number.NEGATIVE_INFINITY;
  const onBreaker = (open: boolean) => {
    parts.onBreaker?.(open);
    reach.breaker(open);
  };
  const prometheus = openPrometheus({
    url,
    simulated: config.prometheusUrl === null,
    log,
    redactor,
    proxyFor: proxyChooser(config.proxies),
    onOutcome(outcome, ms) {
      parts.onCall?.(outcome, ms);
      askedAt = clock();
      reach.outcome(outcome);
    },
    onBreaker,
  });
  onBreaker(false);
  const stopped = new AbortController();
  const check = setInterval(() => {
    // What it failed with is told to onOutcome.
    if (clock() - askedAt >= checkMs) prometheus.status(stopped.signal).catch(() => {});
  }, checkMs).unref();
  return {
    prometheus,
    reach,
    stop() {
      clearInterval(check);
      stopped.abort();
    },
  };
}

function rememberedRules(prometheus: Prometheus | null, clock: () => number): Metering['ruleFor'] {
  const known = new Map<string, { readonly at: number; readonly forMs: number | null }>();
  return async ({ alerts }, signal) => {
    const alert = speaker(alerts);
    if (prometheus === null || !alert) return null;
    const key = alertIdentity(alert);
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
