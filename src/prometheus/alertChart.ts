import type { Labels } from '../alerts/alert.ts';
import type { NameProfile } from '../alerts/profile.ts';
import { coerceError } from '../errors.ts';
import type { Evidence } from '../incidents/evidence.ts';
import type { IncidentAlert, IncidentWithAlerts } from '../incidents/incident.ts';
import { namespaceOf, subjectOf } from '../incidents/subject.ts';
import type { Redactor } from '../redaction/redactor.ts';
import { cut } from '../wording/cuts.ts';
import { timeStep } from './chart/axis.ts';
import { type Chart, chartOf } from './chart/chart.ts';
import { altText, currentValues } from './chart/chartText.ts';
import type { Renderer } from './chart/renderer.ts';
import { expressionOf, splitThreshold } from './expression.ts';
import { admitForeign } from './foreignExpression.ts';
import type { ForeignPace } from './foreignPace.ts';
import { type Prometheus, stepMs } from './openPrometheus.ts';
import { redactLabels } from './seriesLabels.ts';
import { unitOf } from './unitOf.ts';

const MINUTE = 60_000;
const MOST_MS = 24 * 60 * MINUTE;
const LEAST_MS = 60 * MINUTE;
const FOREIGN = 'The expression is the one in the alert’s link: Prometheus has no rule of this name.';

/** An alert's own expression: in words, and as a picture where there was something to draw. */
export interface AlertChart {
  /** Current values against the threshold, one or two sentences. */
  readonly words: string;
  readonly file: {
    readonly name: string;
    readonly title: string;
    readonly mime: 'image/png';
    readonly content: Uint8Array;
    readonly altText: string;
  } | null;
  /** The numbers behind it, for the incident's pages. */
  readonly evidence: readonly Evidence[];
  /** What failed or is missing, in words. */
  readonly notes: readonly string[];
  readonly simulated: boolean;
}

export interface AlertChartOptions {
  readonly prometheus: Prometheus;
  readonly renderer: Renderer;
  readonly redactor: Redactor;
  readonly clock: () => number;
  /** The name profile by which the subject of an alert is found. */
  readonly profile: NameProfile;
  /** The rate limit for expressions that come from a sender's link. */
  readonly pace: ForeignPace;
}

/**
 * Draws what the first firing alert of an incident is about: the expression of its rule as Prometheus has it loaded,
 * else of its link within the bounds of `foreign.ts`, since whoever may post an alert chooses that. Null where Prometheus knows none. What fails is in the notes: this never throws but when it is
 * aborted.
 */
export async function chartAlert(
  known: IncidentWithAlerts,
  options: AlertChartOptions,
  signal: AbortSignal,
): Promise<AlertChart | null> {
  const { prometheus, redactor } = options;
  const alert = known.alerts.find(({ status }) => status === 'firing') ?? known.alerts[0];
  if (!alert) return null;
  const simulated = prometheus.simulated;
  const nothing = (note: string): AlertChart => ({
    words: '',
    file: null,
    evidence: [],
    notes: [redactor.redact(note)],
    simulated,
  });
  try {
    const query = await queryOf(alert, options, signal);
    if (query === null) return null;
    options.renderer.warm();
    const measured = await measure(alert, query, options, signal);
    if (measured.chart.lines.length === 0)
      return nothing(`Prometheus has no data for ${cut(measured.chart.expression, 120)}.`);
    return await drawn(alert, measured, options, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    const error = coerceError(thrown);
    return nothing(`No chart. ${[error.message, error.hint].filter(Boolean).join('. ')}`);
  }
}

interface Query {
  readonly expression: string;
  /** Of the rule; 0 when no rule is known. */
  readonly forMs: number;
  /** The expression comes from the alert's link: Prometheus has no rule of the alert's name. */
  readonly foreign: boolean;
}

/** The expression of the loaded rule; without a rule the sender's, when it may be run. Null when there is neither. */
async function queryOf(
  alert: IncidentAlert,
  { prometheus, pace }: AlertChartOptions,
  signal: AbortSignal,
): Promise<Query | null> {
  const linked = expressionOf(alert.generatorUrl);
  const rule = await prometheus.ruleFor(alert.name, alert.labels, signal, linked).catch((thrown: unknown) => {
    // A server that stores series and evaluates no rules answers 404.
    if (coerceError(thrown).code === 'not_found') return null;
    throw thrown;
  });
  if (rule) return { expression: rule.query, forMs: rule.forMs, foreign: false };
  if (linked === null) return null;
  await admitForeign(linked, { prometheus, pace, signal });
  return { expression: linked, forMs: 0, foreign: true };
}

type MeasuredChart = ReturnType<typeof chartOf> & { readonly foreign: boolean };

async function measure(
  alert: IncidentAlert,
  query: Query,
  { prometheus, redactor, clock, profile }: AlertChartOptions,
  signal: AbortSignal,
): Promise<MeasuredChart> {
  const now = clock();
  const to = alert.endsAt === null ? now : Math.min(now, alert.endsAt + 15 * MINUTE);
  const wanted = Math.min(alert.startsAt - query.forMs - 30 * MINUTE, to - LEAST_MS);
  const earliest = Math.max(wanted, to - MOST_MS);
  const step = timeStep(to - earliest);
  const from = Math.floor(earliest / step) * step;
  const { series: expression, threshold, comparison } = splitThreshold(query.expression);
  const [series, alertLabels] = await Promise.all([
    prometheus.range(expression, { from, to, signal }),
    redacted(alert.labels, redactor),
  ]);
  const made = chartOf({
    title: redactor.redact(
      [alert.name, aboutOf({ name: alert.name, labels: alertLabels }, profile)].filter(Boolean).join(' '),
    ),
    expression: redactor.redact(expression.replaceAll(/\s+/g, ' ')),
    unit: unitOf(expression),
    from,
    to,
    stepMs: stepMs(from, to),
    firing: { from: alert.startsAt, to: Math.min(alert.endsAt ?? to, to) },
    threshold,
    comparison,
    series,
    alert: alertLabels,
  });
  return { ...made, foreign: query.foreign };
}

async function drawn(
  alert: IncidentAlert,
  { chart, ranked, foreign }: MeasuredChart,
  { prometheus, renderer, clock }: AlertChartOptions,
  signal: AbortSignal,
): Promise<AlertChart> {
  const words = currentValues(chart, ranked);
  const rows = ranked.map(({ name, series }) => [name, ...series.points.map(([at, value]) => `${at / 1000}=${value}`)]);
  const evidence: Evidence = {
    source: `promtool query range ${prometheus.address} '${chart.expression}'`,
    capturedAt: clock(),
    mime: 'text/plain',
    content: [words, ...(foreign ? [FOREIGN] : []), ...rows.map((row) => row.join(' '))]
      .join('\n')
      .slice(0, 128 * 1024),
    truncated: ranked.length > 99,
  };
  const result = { words, evidence: [evidence], simulated: prometheus.simulated };
  try {
    const content = await renderer.render(chart, signal);
    const name = `${alert.name.replaceAll(/[^\w.-]+/g, '-').slice(0, 60)}.png`;
    const file = { name, title: titleOf(chart), mime: 'image/png', content, altText: altText(chart, ranked) } as const;
    return { ...result, file, notes: [] };
  } catch (thrown) {
    signal.throwIfAborted();
    return { ...result, file: null, notes: [`No chart: ${coerceError(thrown).message}`] };
  }
}

function titleOf(chart: Chart): string {
  return `${chart.title}: ${cut(chart.expression, 120)}`;
}

async function redacted(labels: Labels, redactor: Redactor): Promise<Labels> {
  const [one] = await redactLabels([{ labels }], redactor);
  return one?.labels ?? {};
}

/** What the alert is about, for the title; its namespace, or nothing, where only its name says it. */
function aboutOf(alert: Pick<IncidentAlert, 'name' | 'labels'>, profile: NameProfile): string {
  const subject = subjectOf(alert, profile);
  return subject.kind === 'alert' ? (namespaceOf(alert.labels) ?? '') : subject.name;
}
