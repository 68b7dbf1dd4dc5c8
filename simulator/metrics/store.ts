/** Where "now" comes from, in epoch milliseconds. */
export interface Clock {
  now(): number;
}

export type SeriesLabels = Readonly<Record<string, string>>;
export type MetricType = 'counter' | 'gauge' | 'histogram' | 'untyped';

export interface SeriesChange {
  /** When it took effect, epoch milliseconds; now by default. May lie in the past. */
  readonly at?: number;
  /** The value keeps growing (or falling) by this much a second from then on; 0 by default for `set`, unchanged for `inc`. */
  readonly perSecond?: number;
}

/** A series is a list of these in time order: from `at` on the value is `value + perSecond * elapsed`. NaN: the series has ended. */
interface Segment {
  at: number;
  value: number;
  perSecond: number;
}

export interface Series {
  readonly name: string;
  readonly labels: SeriesLabels;
  /** The value at an instant; undefined before the series began and after it ended. */
  valueAt(at: number): number | undefined;
}

export interface MetricFamily {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
}

/**
 * Time series as the scenarios script them. A series is kept as steps and slopes instead of samples, so that hours
 * of history cost a few numbers and the past can be written after the fact.
 */
export interface MetricStore {
  /** Names type and help for the exposition; a family never declared is `untyped`. */
  declare(name: string, type: MetricType, help: string): void;
  set(name: string, labels: SeriesLabels, value: number, change?: SeriesChange): void;
  /** Adds to a counter; later points of the series move with it. A series that does not exist starts at 0 just before. */
  inc(name: string, labels: SeriesLabels, by?: number, change?: SeriesChange): void;
  /** The counter keeps its value and grows at another pace from then on. */
  grow(name: string, labels: SeriesLabels, perSecond: number, at?: number): void;
  /** The value at an instant and its pace; undefined when the series has none then. */
  read(name: string, labels: SeriesLabels, at?: number): { value: number; perSecond: number } | undefined;
  /** One observation of a histogram: buckets, sum and count. */
  observe(
    name: string,
    labels: SeriesLabels,
    value: number,
    options?: { at?: number; buckets?: readonly number[] },
  ): void;
  /** The series ends: no value from then on. */
  remove(name: string, labels: SeriesLabels, at?: number): void;
  /** Ends every series of any name that carries all these labels. */
  removeMatching(labels: SeriesLabels, at?: number): void;
  /** Series of a metric name, or all of them. */
  series(name?: string): readonly Series[];
  names(): readonly string[];
  family(name: string): MetricFamily | undefined;
  families(): readonly MetricFamily[];
}

export const DEFAULT_BUCKETS: readonly number[] = [10, 30, 60, 120, 300, 600, 900, 1200, 1800];
const MAX_SEGMENTS = 4000;

class StoredSeries implements Series {
  readonly name: string;
  readonly labels: SeriesLabels;
  readonly segments: Segment[] = [];

  constructor(name: string, labels: SeriesLabels) {
    this.name = name;
    this.labels = labels;
  }

  valueAt(at: number): number | undefined {
    const segment = this.segments[this.indexAt(at)];
    if (!segment || Number.isNaN(segment.value)) return undefined;
    return segment.value + (segment.perSecond * (at - segment.at)) / 1000;
  }

  /** Index of the last segment that began at or before `at`, -1 when none did. */
  indexAt(at: number): number {
    let low = 0;
    let high = this.segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.segments[middle]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  put(segment: Segment): void {
    const index = this.indexAt(segment.at);
    if (this.segments[index]?.at === segment.at) this.segments[index] = segment;
    else this.segments.splice(index + 1, 0, segment);
    if (this.segments.length > MAX_SEGMENTS) this.segments.splice(0, this.segments.length - MAX_SEGMENTS);
  }

  add(by: number, at: number, perSecond: number | undefined): void {
    const index = this.indexAt(at);
    const before = this.segments[index];
    const slope = perSecond ?? (before && !Number.isNaN(before.value) ? before.perSecond : 0);
    const value = this.valueAt(at);
    // A counter that did not exist starts at 0 a moment earlier: Prometheus sees no increase in a series born at 1.
    if (value === undefined) this.put({ at: at - 60_000, value: 0, perSecond: 0 });
    this.put({ at, value: (value ?? 0) + by, perSecond: slope });
    for (const later of this.segments.slice(this.indexAt(at) + 1)) later.value += by;
  }
}

/** The identity of a label set, for lookups; label order does not matter. */
function keyOf(labels: SeriesLabels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

class Store implements MetricStore {
  readonly #clock: Clock;
  readonly #byName = new Map<string, Map<string, StoredSeries>>();
  readonly #families = new Map<string, MetricFamily>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  declare(name: string, type: MetricType, help: string): void {
    this.#families.set(name, { name, type, help });
  }

  set(name: string, labels: SeriesLabels, value: number, change: SeriesChange = {}): void {
    this.#stored(name, labels).put({
      at: change.at ?? this.#clock.now(),
      value,
      perSecond: change.perSecond ?? 0,
    });
  }

  inc(name: string, labels: SeriesLabels, by = 1, change: SeriesChange = {}): void {
    this.#stored(name, labels).add(by, change.at ?? this.#clock.now(), change.perSecond);
  }

  grow(name: string, labels: SeriesLabels, perSecond: number, at = this.#clock.now()): void {
    const series = this.#stored(name, labels);
    series.put({ at, value: series.valueAt(at) ?? 0, perSecond });
  }

  read(name: string, labels: SeriesLabels, at = this.#clock.now()): { value: number; perSecond: number } | undefined {
    const series = this.#byName.get(name)?.get(keyOf(labels));
    const value = series?.valueAt(at);
    if (!series || value === undefined) return undefined;
    return { value, perSecond: series.segments[series.indexAt(at)]?.perSecond ?? 0 };
  }

  observe(
    name: string,
    labels: SeriesLabels,
    value: number,
    options: { at?: number; buckets?: readonly number[] } = {},
  ): void {
    const change = options.at === undefined ? {} : { at: options.at };
    for (const bound of options.buckets ?? DEFAULT_BUCKETS) {
      this.inc(`${name}_bucket`, { ...labels, le: String(bound) }, value <= bound ? 1 : 0, change);
    }
    this.inc(`${name}_bucket`, { ...labels, le: '+Inf' }, 1, change);
    this.inc(`${name}_sum`, labels, value, change);
    this.inc(`${name}_count`, labels, 1, change);
  }

  remove(name: string, labels: SeriesLabels, at = this.#clock.now()): void {
    this.#byName.get(name)?.get(keyOf(labels))?.put({ at, value: Number.NaN, perSecond: 0 });
  }

  removeMatching(labels: SeriesLabels, at = this.#clock.now()): void {
    const wanted = Object.entries(labels);
    for (const series of this.#byName.values()) {
      for (const one of series.values()) {
        if (wanted.every(([name, value]) => one.labels[name] === value)) {
          one.put({ at, value: Number.NaN, perSecond: 0 });
        }
      }
    }
  }

  series(name?: string): readonly Series[] {
    if (name !== undefined) return [...(this.#byName.get(name)?.values() ?? [])];
    return [...this.#byName.values()].flatMap((series) => [...series.values()]);
  }

  names(): readonly string[] {
    return [...this.#byName.keys()].sort();
  }

  family(name: string): MetricFamily | undefined {
    return this.#families.get(name);
  }

  families(): readonly MetricFamily[] {
    return [...this.#families.values()];
  }

  #stored(name: string, labels: SeriesLabels): StoredSeries {
    const series = this.#byName.get(name) ?? new Map<string, StoredSeries>();
    this.#byName.set(name, series);
    const key = keyOf(labels);
    const found = series.get(key) ?? new StoredSeries(name, { ...labels });
    series.set(key, found);
    return found;
  }
}

/** An empty store whose "now" is the clock's. */
export function createMetricStore(clock: Clock): MetricStore {
  return new Store(clock);
}
