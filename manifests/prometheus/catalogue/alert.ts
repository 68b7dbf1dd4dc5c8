import type { Names } from '../names.ts';

export const AREAS = ['knative-lambda', 'knative-serving', 'knative-operator', 'responder'] as const;
export type Area = (typeof AREAS)[number];

/**
 * One alerting rule of the catalogue. Two rules may share a name when the second is the graver stage of the same
 * symptom: they share the runbook. Both fire; who wants the graver one to mute the other in Alertmanager finds how in
 * `manifests/alertmanager/inhibition.example.yaml`.
 */
export interface AlertRule {
  readonly name: string;
  /** Folder of its runbook: `runbooks/<area>/<name>.md`. */
  readonly area: Area;
  readonly severity: 'critical' | 'warning' | 'info';
  /** How grave it is for people (docs/platform.md#priorities); absent for what is no incident, such as Watchdog. */
  readonly priority?: 'P0' | 'P1' | 'P2' | 'P3';
  /**
   * What the name alone says, in the words of the severity matrix: then the priority holds for every rule of this name,
   * whatever label `severity` it adds (where two rules share the name, for a critical one that of the graver). Absent
   * where a rule that states no priority is believed its label `severity`.
   */
  readonly condition?: string;
  /**
   * Three subjects within half an hour make it one step graver, and this is what is said of them. The responder counts
   * them: then the rule does not state the priority as a label, because a stated one is taken as it is.
   */
  readonly countsUp?: string;
  readonly component: string;
  /** Prometheus duration; `0m` fires at once, which is right for objects that live for minutes only. */
  readonly for: string;
  /** PromQL for an installation; null where it has no such thing. */
  readonly expr: (names: Names) => string | null;
  /** Go templates, as Prometheus expands them. */
  readonly summary: string;
  readonly description: string;
  readonly test: RuleTest;
}

/**
 * A rule's story for promtool: it is quiet, then it fires, then it resolves. `series` maps a series to promtool's
 * value notation, one value a minute (`interval` says otherwise).
 */
export interface RuleTest {
  readonly series: (names: Names) => Readonly<Record<string, string>>;
  readonly interval?: string;
  /** Instants to ask at; those of `story.ts` by default. null where the rule never is in that state. */
  readonly quietAt?: string | null;
  readonly firesAt?: string;
  readonly resolvedAt?: string | null;
  /** Labels of each alert that fires, beyond those the rule adds. */
  readonly labels: (names: Names) => readonly Readonly<Record<string, string>>[];
  /**
   * What is odd and healthy, by its name in plain words: 80 minutes in which the rule must never fire. Beside these every rule is
   * held to a healthy hour with one sample missing, and to no data at all.
   */
  readonly odd?: Readonly<Record<string, (names: Names) => Readonly<Record<string, string>>>>;
  /** true for a rule about data that is missing: without any it fires. */
  readonly firesWithoutData?: true;
}
