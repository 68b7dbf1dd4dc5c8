import { randomUUID } from 'node:crypto';
import type { Scenario, Stage } from './scenario.ts';
import { createScene, type RunParts, type RunScene } from './scene.ts';

export type RunState = 'running' | 'healing' | 'healed' | 'ended';

/** A started scenario, as the control API shows it. */
export interface RunView {
  readonly id: string;
  readonly scenario: string;
  readonly title: string;
  readonly state: RunState;
  readonly drill: boolean;
  /** Seconds of scenario time that pass in a second. */
  readonly speed: number;
  /** Epoch milliseconds of the fault. */
  readonly startedAt: number;
  /** Seconds of scenario time since the fault, or since the fix when healing. */
  readonly position: number;
  readonly firing: number;
  readonly fix: string;
  readonly history: readonly { readonly at: number; readonly what: string }[];
  readonly problem: string | null;
}

/**
 * Plays the stages of one scenario when their time has come. Time inside a scenario is seconds since the fault (or
 * since the fix); `speed` stretches it onto the clock. Nothing runs by itself: `play` is called when time has passed.
 */
export class Run {
  readonly id = randomUUID().slice(0, 8);
  readonly scenario: Scenario;
  readonly startedAt: number;
  readonly #parts: RunParts;
  readonly #scene: RunScene;
  readonly #drill: boolean;
  readonly #history: { at: number; what: string }[] = [];
  #stages: readonly Stage[];
  #next = 0;
  #state: RunState = 'running';
  #speed: number;
  /** The clock's time and the scenario's position that belong together. */
  #anchor: { at: number; position: number };
  #problem: string | null = null;

  constructor(
    scenario: Scenario,
    parts: RunParts,
    options: { drill: boolean; speed: number; startedAgoSeconds: number },
  ) {
    this.scenario = scenario;
    this.#parts = parts;
    this.#drill = options.drill;
    this.#speed = options.speed;
    this.startedAt = parts.clock.now() - options.startedAgoSeconds * 1000;
    this.#anchor = { at: this.startedAt, position: 0 };
    this.#stages = inOrder(scenario.stages(parts.names));
    this.#scene = createScene(parts, { drill: options.drill });
  }

  get active(): boolean {
    return this.#state === 'running' || this.#state === 'healing';
  }

  /** Plays every stage that is due. A stage that throws ends the run with the problem shown, and nothing else. */
  play(): void {
    if (this.#state === 'ended' || this.#state === 'healed') return;
    this.#playDue();
    const done = this.scenario.fix.done;
    if (this.#state === 'running' && this.#next > 0 && done?.(this.#parts.world, this.#parts.names, this.startedAt))
      this.heal();
    if (this.#state === 'healing' && this.#next >= this.#stages.length) this.#state = 'healed';
  }

  /** Milliseconds of the clock until the next stage; null when only an outside change can bring one. */
  dueInMs(): number | null {
    if (!this.active) return null;
    const stage = this.#stages[this.#next];
    const waits = stage ? Math.max(0, this.#moment(stage.at) - this.#parts.clock.now()) : null;
    if (this.#state === 'running' && this.scenario.fix.done) return Math.min(waits ?? 1000, 1000);
    return waits;
  }

  /** The right fix was given: the rest of the failure no longer happens. */
  heal(): void {
    if (this.#state !== 'running') return;
    this.#state = 'healing';
    this.#anchor = { at: this.#parts.clock.now(), position: 0 };
    this.#history.push({ at: this.#anchor.at, what: `fixed: ${this.scenario.fix.what}` });
    this.#stages = inOrder(this.scenario.fix.stages(this.#parts.names));
    this.#next = 0;
    this.play();
  }

  /** Resolves what fires and puts back what the run changed. */
  end(): void {
    if (this.#state === 'ended') return;
    this.#scene.undo(this.#parts.clock.now());
    this.#state = 'ended';
  }

  set speed(factor: number) {
    const now = this.#parts.clock.now();
    this.#anchor = { at: now, position: this.#position(now) };
    this.#speed = factor;
  }

  view(): RunView {
    return {
      id: this.id,
      scenario: this.scenario.id,
      title: this.scenario.title,
      state: this.#state,
      drill: this.#drill,
      speed: this.#speed,
      startedAt: this.startedAt,
      position: Math.round(this.#position(this.#parts.clock.now())),
      firing: this.#scene.firing(),
      fix: this.scenario.fix.what,
      history: [...this.#history],
      problem: this.#problem,
    };
  }

  #playDue(): void {
    for (let stage = this.#stages[this.#next]; stage; stage = this.#stages[this.#next]) {
      const moment = this.#moment(stage.at);
      if (moment > this.#parts.clock.now()) return;
      this.#next += 1;
      this.#history.push({ at: moment, what: stage.what });
      try {
        stage.play(this.#scene.at(moment, this.#speed));
      } catch (thrown) {
        this.#problem = `${stage.what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
      }
    }
  }

  #moment(position: number): number {
    return this.#anchor.at + ((position - this.#anchor.position) / this.#speed) * 1000;
  }

  #position(now: number): number {
    return this.#anchor.position + ((now - this.#anchor.at) / 1000) * this.#speed;
  }
}

function inOrder(stages: readonly Stage[]): readonly Stage[] {
  return [...stages].sort((a, b) => a.at - b.at);
}
