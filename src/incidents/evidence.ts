/** How bad a finding is for the subject. `ok` states that something was looked at and is healthy (it excludes a cause). */
export type FindingLevel = 'critical' | 'warning' | 'notice' | 'ok';

/** `confirmed`: the evidence decides it. `likely`: it points there. `unknown`: looked, and it does not decide. `excluded`: ruled out. */
export type Confidence = 'confirmed' | 'likely' | 'unknown' | 'excluded';

/** A Kubernetes object, as kubectl would name it. */
export interface ObjectName {
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
}

/** What a finding is to the alert: why, perhaps why, what follows from it, or of something else. */
export type FindingRole = 'cause' | 'undecided' | 'symptom' | 'elsewhere';

/** A conclusion a diagnostic draws. Deterministic: the same evidence gives the same finding, word for word. */
export interface Finding {
  /** Stable identifier of the rule that concluded it, such as `build-oom-killed`; also used to see repeats. */
  readonly code: string;
  readonly level: FindingLevel;
  readonly confidence: Confidence;
  readonly subject: ObjectName;
  /** How many objects share this cause, `subject` being the first. 1 normally. */
  readonly count: number;
  /** One sentence: what is the case. */
  readonly conclusion: string;
  /** The lines or fields that decided it, already redacted, each at most 300 characters. */
  readonly because: readonly string[];
  /** What to do next, one sentence; null when nothing. */
  readonly nextStep: string | null;
  /** What its sentence was made from: `{container, image, ...}`; absent in findings of 0.1.0. */
  readonly parts?: Readonly<Record<string, string>> | undefined;
  /** Where the diagnosis ranked it; absent in findings of a list and of 0.1.0. */
  readonly role?: FindingRole | undefined;
  /** A few words that name object and version, for the incident's sentence; absent in findings of 0.1.0. */
  readonly brief?: string | undefined;
  /** The one thing to do about it, in a few words: `Roll back to v1.9.4`; absent when there is no such thing. */
  readonly act?: string | undefined;
  /** From cause to symptom in one line: `quota compute is full -> ReplicaSet cannot create -> 0 of 3 available`; absent when there is one step. */
  readonly path?: string | undefined;
}

/** Raw excerpt behind findings: size-limited, redacted, stamped with when it was captured. */
export interface Evidence {
  /** What it is: `kubectl logs image-resizer-build-1761132332-x7k2p -c kaniko --tail=100`. */
  readonly source: string;
  readonly capturedAt: number;
  readonly mime: 'text/plain' | 'application/json' | 'image/png';
  /** Text, or base64 for image/png. At most 256 KiB. */
  readonly content: string;
  /** True when a bound cut it. */
  readonly truncated: boolean;
}

/** A table as the API server printed it (`as=Table`): the columns are kubectl's own. */
export interface ReplyTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Rows before any cut. */
  readonly total: number;
}

/** What a phone shows of an answer instead of its table and its lines; the file has all of them. */
export interface PhoneForm {
  /** One line a row, the worst first; null: there is no table. */
  readonly rows: readonly string[] | null;
  /** In place of `lines`, as many and in their order. */
  readonly lines: readonly string[] | null;
  /** What is left out, in words: `9 healthy not shown`. */
  readonly left: string | null;
}

/** What a read-only collection returned. `lines` is text in order (log lines, oldest first). */
export interface DiagnosticResult {
  /** Name in the diagnostics table: `jobs`, `logs`, `top pods` ... */
  readonly diagnostic: string;
  /** The kubectl command a person would type for the same. */
  readonly kubectl: string;
  readonly cluster: string;
  readonly title: string;
  /** One sentence that sums it up: `3 of 12 Jobs failed, the last 4 minutes ago`. */
  readonly summary: string;
  readonly findings: readonly Finding[];
  readonly table: ReplyTable | null;
  readonly lines: readonly string[] | null;
  /** Absent in answers that 0.1.0 kept. */
  readonly phone?: PhoneForm | undefined;
  /** The objects as they were asked for with `-o`; null: nobody asked. */
  readonly document?: { readonly ending: string; readonly mime: string; readonly content: string } | null | undefined;
  readonly evidence: readonly Evidence[];
  /** What a bound cut or a failure left out, in words: `stopped at 500 events`, `pods of node-b: forbidden`. */
  readonly notes: readonly string[];
  readonly capturedAt: number;
  readonly durationMs: number;
  /** True when the cluster is our simulator. */
  readonly simulated: boolean;
}

/** What one collection of the cluster left behind. */
export interface CollectedEvidence {
  readonly diagnostic: string;
  readonly findings: readonly Finding[];
  readonly evidence: readonly Evidence[];
  readonly capturedAt: number;
}
