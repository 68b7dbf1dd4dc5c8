import type { ProfileName } from '../../manifests/prometheus/names.ts';
import type { DiagnosticRequest } from '../commands/ports.ts';
import { ResponderError } from '../errors.ts';
import type { DiagnosticResult } from '../incidents/evidence.ts';
import { rowsForPhone } from '../incidents/phoneRows.ts';
import type { Redactor } from '../redaction/redactor.ts';
import { golden } from './golden.ts';
import type { Measured, MetricDiagnostic } from './metricDiagnostic.ts';
import { findPlatform } from './metricNames.ts';
import type { Prometheus } from './openPrometheus.ts';
import { slo } from './slo.ts';

/** Everything that can be asked of Prometheus. */
export const METRIC_DIAGNOSTICS: readonly MetricDiagnostic[] = [slo, golden];

const MAX_EVIDENCE = 256 * 1024;

/** The half of commands' Diagnostics port that Prometheus answers. */
export interface MetricDiagnostics {
  readonly names: readonly string[];
  run(request: DiagnosticRequest): Promise<DiagnosticResult>;
}

/** @param prometheus null: none is configured, and every question is answered with what to set. */
export function createMetricDiagnostics(options: {
  readonly prometheus: Prometheus | null;
  readonly profile: ProfileName;
  readonly redactor: Redactor;
  readonly clock: () => number;
}): MetricDiagnostics {
  return {
    names: METRIC_DIAGNOSTICS.map(({ name }) => name),
    async run(request) {
      const diagnostic = METRIC_DIAGNOSTICS.find(({ name }) => name === request.diagnostic);
      if (!diagnostic) throw new ResponderError('not_found', `there is no diagnostic "${request.diagnostic}"`);
      const { prometheus, clock } = options;
      if (prometheus === null)
        throw new ResponderError('unavailable', `${request.diagnostic} needs Prometheus, and none is configured`, {
          hint: 'Set PROMETHEUS_URL to its address.',
          retryable: false,
        });
      const at = clock();
      const platform = await findPlatform(prometheus, options.profile, { at, signal: request.signal });
      const measured = await diagnostic.collect({ prometheus, platform, request, at });
      return resultOf(diagnostic, measured, { prometheus, request, at, ms: clock() - at }, options.redactor);
    },
  };
}

function resultOf(
  { name, phone }: MetricDiagnostic,
  measured: Measured,
  run: {
    readonly prometheus: Prometheus;
    readonly request: DiagnosticRequest;
    readonly at: number;
    readonly ms: number;
  },
  redactor: Redactor,
): DiagnosticResult {
  const { filter } = run.request;
  const rows = measured.rows
    .map(({ cells, expression }) => [...cells, expression ?? 'no such series'].map((cell) => redactor.redact(cell)))
    .filter((row) => filter === null || row.join(' ').toLowerCase().includes(filter.toLowerCase()));
  const first = measured.rows.find(({ expression }) => expression !== null)?.expression ?? 'up';
  const source = `promtool query instant ${run.prometheus.address} '${first}'`;
  const table = { columns: measured.columns, rows, total: rows.length };
  const content = [measured.columns, ...rows].map((row) => row.join('\t')).join('\n');
  return {
    diagnostic: name,
    kubectl: redactor.redact(source),
    cluster: run.prometheus.address,
    title: measured.title,
    summary: redactor.redact(measured.summary),
    findings: measured.findings.map((finding) => ({
      ...finding,
      conclusion: redactor.redact(finding.conclusion),
      because: finding.because.map((line) => redactor.redact(line).slice(0, 300)),
    })),
    table,
    lines: null,
    phone: rowsForPhone(table, measured.findings, phone),
    evidence: [
      {
        source: redactor.redact(source),
        capturedAt: run.at,
        mime: 'text/plain',
        content: content.slice(0, MAX_EVIDENCE),
        truncated: content.length > MAX_EVIDENCE,
      },
    ],
    notes: measured.notes.map((note) => redactor.redact(note)),
    capturedAt: run.at,
    durationMs: run.ms,
    simulated: run.prometheus.simulated,
  };
}
