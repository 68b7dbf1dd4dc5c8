import type { Clock, MetricStore, SeriesLabels } from '../metrics/store.ts';
import { fingerprint } from './alerting/fingerprint.ts';
import type { PostedAlert, RuleContext } from './alerting/shippedAlert.ts';
import { shippedAlert } from './alerting/shippedAlert.ts';
import type { AlertSink } from './alerting/sink.ts';
import type { PlatformNames } from './names.ts';
import type { Scene } from './scenario.ts';
import type { KubeObject, ObjectRef, ScenarioWorld } from './worldPort.ts';
import { refOf } from './worldPort.ts';

/** The surroundings of a run: cluster, metrics, alerts and clock. */
export interface RunParts {
  readonly world: ScenarioWorld;
  readonly metrics: MetricStore;
  readonly sink: AlertSink;
  readonly clock: Clock;
  readonly names: PlatformNames;
  readonly rules: RuleContext;
}

/** The scene of one run: gives stages a view of their moment, and records what to restore. */
export interface RunScene {
  at(moment: number, speed: number): Scene;
  firing(): number;
  /** Resolves what fires, restores or removes objects and series. Logs and events stay, as they do in a cluster. */
  undo(now: number): void;
}

export function createScene(parts: Omit<RunParts, 'clock'>, options: { drill: boolean }): RunScene {
  const firing = new Map<string, { name: string; alert: PostedAlert }>();
  const named = new Map<string, string>();
  const objects = rememberedObjects(parts);
  const metrics = rememberedMetrics(parts.metrics);
  const extra: Record<string, string> = options.drill ? { drill: 'true' } : {};

  const resolve = (moment: number, matches: (name: string, alert: PostedAlert) => boolean) => {
    for (const [id, { name, alert }] of [...firing]) {
      if (!matches(name, alert)) continue;
      firing.delete(id);
      parts.sink.put({ ...alert, endsAt: Math.max(moment, alert.startsAt) });
    }
  };

  const at = (moment: number, speed: number): Scene => {
    const momentAt = (offset = 0) => moment + (offset / speed) * 1000;
    return {
      names: parts.names,
      at: momentAt,
      time: (offset) => rfc3339(momentAt(offset)),
      once(key, make) {
        const found = named.get(key) ?? make();
        named.set(key, found);
        return found;
      },
      world: parts.world,
      apply: objects.apply,
      status: objects.status,
      remove: objects.remove,
      event: (draft) => parts.world.event({ firstAt: moment, lastAt: moment, count: 1, ...draft }),
      log(from, lines) {
        const stamped = lines.map((line) =>
          typeof line === 'string' ? { at: moment, text: line } : { at: momentAt(line[0]), text: line[1] },
        );
        parts.world.log({ ...from, lines: stamped });
      },
      usage: (usage) => parts.world.usage(usage),
      metrics: metrics.at(moment),
      fire(wanted) {
        const alert = shippedAlert(
          { ...wanted, labels: { ...wanted.labels, ...extra } },
          wanted.since ?? moment,
          parts.rules,
        );
        firing.set(fingerprint(alert.labels), { name: wanted.name, alert });
        parts.sink.put(alert);
      },
      resolve: (name, labels = {}) =>
        resolve(
          moment,
          (one, alert) => one === name && Object.entries(labels).every(([key, value]) => alert.labels[key] === value),
        ),
      resolveAll: () => resolve(moment, () => true),
    };
  };

  return {
    at,
    firing: () => firing.size,
    undo(now) {
      resolve(now, () => true);
      objects.undo();
      metrics.undo(now);
    },
  };
}

/** Seconds precision, as the API server writes times. */
export function rfc3339(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function rememberedObjects({ world }: Pick<RunParts, 'world'>) {
  const before = new Map<string, { ref: ObjectRef; object: KubeObject | undefined }>();
  const remember = (ref: ObjectRef) => {
    const key = `${ref.apiVersion}/${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;
    if (!before.has(key)) before.set(key, { ref, object: structuredClone(world.get(ref)) });
  };
  return {
    apply(object: KubeObject) {
      remember(refOf(object));
      world.apply(object);
    },
    status(ref: ObjectRef, status: Readonly<Record<string, unknown>>) {
      if (!world.get(ref)) return;
      remember(ref);
      world.patchStatus(ref, status);
    },
    remove(ref: ObjectRef) {
      remember(ref);
      world.remove(ref);
    },
    undo() {
      for (const { ref, object } of [...before.values()].reverse()) {
        if (object) world.apply(object);
        else if (world.get(ref)) world.remove(ref);
      }
      before.clear();
    },
  };
}

const COUNTER = /_(total|count|sum|bucket)$/;

function rememberedMetrics(store: MetricStore) {
  type Touched = { name: string; labels: SeriesLabels; was: { value: number; perSecond: number } | undefined };
  const touched = new Map<string, Touched>();
  const remember = (name: string, labels: SeriesLabels, moment: number) => {
    const key = `${name}${JSON.stringify(labels)}`;
    if (!touched.has(key)) touched.set(key, { name, labels, was: store.read(name, labels, moment - 1) });
  };
  return {
    at(moment: number): Scene['metrics'] {
      return {
        set(name, labels, value, change) {
          remember(name, labels, moment);
          store.set(name, labels, value, { at: moment, ...change });
        },
        grow(name, labels, perSecond, when = moment) {
          remember(name, labels, moment);
          store.grow(name, labels, perSecond, when);
        },
        inc: (name, labels, by, change) => store.inc(name, labels, by, { at: moment, ...change }),
        observe: (name, labels, value, change) => store.observe(name, labels, value, { at: moment, ...change }),
        remove(name, labels, when = moment) {
          remember(name, labels, moment);
          store.remove(name, labels, when);
        },
        removeMatching: (labels, when = moment) => store.removeMatching(labels, when),
      };
    },
    undo(now: number) {
      for (const { name, labels, was } of touched.values()) {
        // A counter never goes back; it goes on at its old pace.
        const value = COUNTER.test(name) ? (store.read(name, labels, now)?.value ?? was?.value) : was?.value;
        if (was === undefined || value === undefined) store.remove(name, labels, now);
        else store.set(name, labels, value, { at: now, perSecond: was.perSecond });
      }
      touched.clear();
    },
  };
}
