import type { MetricStore } from '../metrics/store.ts';
import type { PlatformNames } from './names.ts';
import type { EventDraft, KubeObject, ObjectRef, ScenarioWorld, UsageDraft } from './worldPort.ts';

/** An alert of the shipped rules: the scenario says which one and for what, the rule itself supplies the rest. */
export interface ScenarioAlert {
  /** Name of a rule in `manifests/prometheus`. */
  readonly name: string;
  /** The labels its expression yields, such as `namespace` and `pod`. */
  readonly labels: Readonly<Record<string, string>>;
  /** The value of the expression, for annotations that print it. */
  readonly value?: number;
  /** Picks the stage when two rules share the name. */
  readonly severity?: 'critical' | 'warning' | 'info';
  /** Since when the condition holds; the moment of the stage by default. */
  readonly since?: number;
}

/** The actions of a stage on the simulated world, at the moment of the stage. */
export interface Scene {
  readonly names: PlatformNames;
  /** The moment of this stage, epoch milliseconds; `at(-5)` is five seconds of scenario time before it. */
  at(offsetSeconds?: number): number;
  /** The same moment as Kubernetes writes it. */
  time(offsetSeconds?: number): string;
  /** A value that stays the same through the run, such as a Job's name; made on first use. */
  once(key: string, make: () => string): string;
  readonly world: Pick<ScenarioWorld, 'get' | 'list'>;
  apply(object: KubeObject): void;
  /** Merges into the status; nothing happens when the object is gone. */
  status(ref: ObjectRef, status: Readonly<Record<string, unknown>>): void;
  remove(ref: ObjectRef): void;
  event(draft: Omit<EventDraft, 'firstAt' | 'lastAt' | 'count'> & Partial<EventDraft>): void;
  /** Lines with seconds relative to the stage; a plain string is written at the moment of the stage. */
  log(
    from: { readonly namespace: string; readonly pod: string; readonly container: string; readonly previous?: boolean },
    lines: readonly (string | readonly [offsetSeconds: number, text: string])[],
  ): void;
  usage(usage: UsageDraft): void;
  readonly metrics: Pick<MetricStore, 'set' | 'inc' | 'grow' | 'observe' | 'remove' | 'removeMatching'>;
  fire(alert: ScenarioAlert): void;
  /** Resolves the run's alerts of this name, or only those that carry these labels. */
  resolve(name: string, labels?: Readonly<Record<string, string>>): void;
  resolveAll(): void;
}

export interface Stage {
  /** Seconds of scenario time since the fault. */
  readonly at: number;
  /** Description for the person who watches; present tense. */
  readonly what: string;
  readonly play: (scene: Scene) => void;
}

/**
 * One failure to practise on, in one file. `stages` is its course without help; `fix` is the right help, how the world
 * shows that it was given, and the course from then on (seconds counted from the fix).
 */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** What to expect, for the person who starts it, one or two sentences. */
  readonly about: string;
  /** The true cause, in words; what a diagnosis must arrive at. */
  readonly cause: string;
  /** How the diagnosis must end: a cause named, not an incident, or honestly undecided. */
  readonly verdict: 'cause' | 'dismissed' | 'unknown' | 'several';
  /** Profiles in which it can happen; both by default. */
  readonly profiles?: readonly PlatformNames['profile'][];
  readonly stages: (names: PlatformNames) => readonly Stage[];
  readonly fix: Fix;
}

export interface Fix {
  /** What a responder should do, one sentence. */
  readonly what: string;
  /** True once the world shows that it was done; `since` is the moment of the fault. Absent when only the control API heals it. */
  readonly done?: (world: Pick<ScenarioWorld, 'get' | 'list'>, names: PlatformNames, since: number) => boolean;
  readonly stages: (names: PlatformNames) => readonly Stage[];
}
