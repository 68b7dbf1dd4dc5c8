import type { DiagnosticRequest } from '../commands/ports.ts';
import type { Finding } from '../incidents/evidence.ts';
import type { PhoneRows } from '../incidents/phoneRows.ts';
import type { Platform } from './metricNames.ts';
import type { Prometheus } from './openPrometheus.ts';
import { type Reading, shown } from './reading.ts';
import type { Unit } from './units.ts';

/** What a diagnostic of the metrics works with. */
export interface MetricCollection {
  readonly prometheus: Prometheus;
  readonly platform: Platform;
  readonly request: DiagnosticRequest;
  /** Epoch milliseconds the numbers are for. */
  readonly at: number;
}

/** One line of the table: a number, what it is about, and the expression behind it. */
export interface Row {
  readonly cells: readonly string[];
  /** Null: no series it could be computed from exist. */
  readonly expression: string | null;
}

export interface Measured {
  readonly title: string;
  readonly summary: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
}

/** A named read-only collection of numbers; one file each. */
export interface MetricDiagnostic {
  readonly name: 'slo' | 'golden';
  /** How a phone shows its rows. */
  readonly phone: PhoneRows;
  collect(collection: MetricCollection): Promise<Measured>;
}

/** A line that shows one reading as it is. */
export function rowOf(name: string, reading: Reading, unit: Unit, expression: string | null): Row {
  return { cells: [name, shown(reading, unit)], expression };
}

/** The readings that could not be made, in words, each problem once. */
export function failures(readings: Readonly<Record<string, Reading>>): readonly string[] {
  const messages = Object.values(readings).flatMap((reading) => (reading.kind === 'failed' ? [reading.message] : []));
  return [...new Set(messages)].slice(0, 3);
}

/** `90m` as PromQL writes a time span. */
export function windowText(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  if (minutes % 1440 === 0) return `${minutes / 1440}d`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}

export function metricFinding(parts: Pick<Finding, 'code' | 'level' | 'conclusion'> & Partial<Finding>): Finding {
  return {
    confidence: 'confirmed',
    subject: { kind: 'Platform', namespace: null, name: 'knative-lambda' },
    count: 1,
    because: [],
    nextStep: null,
    ...parts,
  };
}
