export interface LogLine {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly text: string;
}

export interface LogTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** The log of the container's previous instance. */
  readonly previous?: boolean;
}

/** The lines of one container, oldest first. A generated log makes each line when it is read. */
export interface LogSource {
  readonly count: number;
  line(index: number): LogLine;
}

/** The kubelet rotates a container's log by size; here by lines. */
const MOST_LINES = 50_000;

/** The logs that kubelets keep, and their followers. */
export class LogBook {
  readonly #written = new Map<string, LogLine[]>();
  readonly #generated = new Map<string, LogSource>();
  readonly #followers = new Map<string, Set<(line: LogLine) => void>>();

  write(target: LogTarget, lines: readonly LogLine[]): void {
    const key = keyOf(target);
    const log = this.#written.get(key) ?? [];
    this.#written.set(key, log);
    for (const line of lines) {
      // Lines arrive in order as a rule; one from the past is put where it belongs.
      let index = log.length;
      while (index > 0 && (log[index - 1]?.at ?? 0) > line.at) index--;
      log.splice(index, 0, line);
      if (log.length > MOST_LINES) log.splice(0, MOST_LINES / 10);
      for (const follower of this.#followers.get(key) ?? []) follower(line);
    }
  }

  generate(target: LogTarget, source: LogSource): void {
    this.#generated.set(keyOf(target), source);
  }

  /** Generated lines come first, written ones after them. Undefined when the container never logged. */
  read(target: LogTarget): LogSource | undefined {
    const generated = this.#generated.get(keyOf(target));
    const written = this.#written.get(keyOf(target));
    if (!generated && !written) return undefined;
    const first = generated?.count ?? 0;
    return {
      count: first + (written?.length ?? 0),
      line: (index) => (index < first ? generated?.line(index) : written?.[index - first]) ?? { at: 0, text: '' },
    };
  }

  /** The container starts again: what it logged becomes its previous log. */
  rotate(target: LogTarget): void {
    const key = keyOf({ ...target, previous: false });
    const log = this.#written.get(key);
    if (log) this.#written.set(keyOf({ ...target, previous: true }), log);
    this.#written.delete(key);
  }

  follow(target: LogTarget, listener: (line: LogLine) => void): () => void {
    const key = keyOf(target);
    const followers = this.#followers.get(key) ?? new Set();
    this.#followers.set(key, followers);
    followers.add(listener);
    return () => {
      followers.delete(listener);
      if (followers.size === 0) this.#followers.delete(key);
    };
  }

  /** The pod is gone, and its logs with it. */
  forget(namespace: string, pod: string): void {
    for (const logs of [this.#written, this.#generated]) {
      for (const key of [...logs.keys()]) if (key.startsWith(`${namespace}/${pod}/`)) logs.delete(key);
    }
  }
}

function keyOf({ namespace, pod, container, previous }: LogTarget): string {
  return `${namespace}/${pod}/${container}${previous ? '/previous' : ''}`;
}
