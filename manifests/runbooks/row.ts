/** A line of a runbook: what to think of, or to do, and what to run for it: a diagnostic (`diag ...`), or a line for a shell. */
export type Line = string | readonly [text: string, run: string];

/** A runbook for one alert of others, in the words of somebody on call. Its first steps and its end come with its family. */
export interface RunbookRow {
  readonly alert: string;
  /** Of the rule as published: critical is sev2, warning sev3, info and none sev4. */
  readonly severity: 'sev2' | 'sev3' | 'sev4';
  readonly title: string;
  readonly meaning: string;
  readonly impact: string;
  /** What it may be, and how one tells. */
  readonly diagnosis: readonly Line[];
  readonly mitigation: readonly Line[];
}

/** What the runbooks of one component have in common. */
export interface Family {
  readonly rows: readonly RunbookRow[];
  /** The folder of the component among the published runbooks of prometheus-operator; null where it has none. */
  readonly published: string | null;
  /** The questions of the first five minutes; their diagnostics run by themselves. */
  readonly first: readonly (readonly [question: string, run: string])[];
  readonly verification: Line;
  readonly rollback: string;
  readonly escalation: string;
}
