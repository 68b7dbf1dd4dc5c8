import type { LabelMatchers } from '../incidents/matchers.ts';

/** A `/lambda` command line of a runbook, with its `{{ labels.x }}` places still open. */
export interface PlaybookCommand {
  /** Line in the file, 1-based. */
  readonly line: number;
  /** Without the leading `/lambda`. */
  readonly template: string;
  /** Run by itself when an incident opens (` ```lambda automatic `). */
  readonly automatic: boolean;
}

export interface PlaybookStep {
  readonly line: number;
  /** Heading of the section it stands in: `First five minutes`. */
  readonly section: string;
  /** Plain text with its places still open; code stays in backticks. */
  readonly text: string;
  readonly commands: readonly PlaybookCommand[];
  /** Its other code blocks, such as what to type into a terminal, with their places still open. */
  readonly snippets: readonly PlaybookSnippet[];
}

export interface PlaybookSnippet {
  readonly line: number;
  readonly template: string;
}

export interface PlaybookLink {
  readonly line: number;
  readonly target: string;
}

/** A parsed runbook. */
export interface Playbook {
  /** Path under its folder, without `.md`: `knative-lambda/KnativeLambdaBuildOOMKilled`. */
  readonly id: string;
  readonly file: string;
  readonly title: string;
  readonly alerts: readonly string[];
  /** Any of these fits: label matchers, the last way to find a runbook. */
  readonly match: readonly LabelMatchers[];
  readonly owner: string | null;
  /** `sev1`..`sev4`; used when the alert says nothing itself. */
  readonly severityHint: string | null;
  /** Where people read it, when that is not under the configured base URL. */
  readonly url: string | null;
  /**
   * A runbook in a format of others: named by its file or heading, its steps taken from the sections that say what to
   * do.
   */
  readonly isForeign: boolean;
  /** Its text on meaning and impact, shortened; null when there is none. */
  readonly explanation: string | null;
  /** What it means to users, in a few words: the front matter's `impact`, else the first sentence under “Impact”; null when it says nothing. */
  readonly impact: string | null;
  readonly sections: readonly string[];
  readonly steps: readonly PlaybookStep[];
  readonly links: readonly PlaybookLink[];
  /** What a link may point at within the file: headings, as code hosts name them. */
  readonly anchors: readonly string[];
}

/** A problem of a runbook file, with what to do about it. */
export interface PlaybookProblem {
  readonly file: string;
  /** 1-based; 0 when it is about the whole file or folder. */
  readonly line: number;
  readonly problem: string;
  readonly hint: string;
}
