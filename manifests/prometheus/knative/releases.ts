import table from './metrics.json' with { type: 'json' };

/** An installed Knative; `patch` is null where only the minor version is known. */
export interface KnativeVersion {
  readonly minor: number;
  readonly patch: number | null;
}

interface KnownRelease extends KnativeVersion {
  readonly patch: number;
  /** The release whose names it has in the table. */
  readonly names: string;
}

const MODULES: ReadonlySet<string> = new Set(['serving', 'eventing', 'pkg']);
const METRICS = new Map(table.metrics.map((metric) => [metric.name, metric]));
const READ = new Map(
  table.releases.map(({ release, serving, eventing, pkg }) => [
    release,
    new Set([serving && 'serving', eventing && 'eventing', pkg && 'pkg']),
  ]),
);
const RELEASES: readonly KnownRelease[] = [
  ...table.releases.map(({ release }) => ({ release, names: release })),
  ...Object.entries(table.sameNames).map(([release, names]) => ({ release, names })),
]
  .flatMap(({ release, names }) => {
    const version = knativeVersion(release);
    return version?.patch == null ? [] : [{ minor: version.minor, patch: version.patch, names }];
  })
  .toSorted((a, b) => a.minor - b.minor || a.patch - b.patch);

/** Reads `1.20.1`, `1.20`, `v1.20.1` or `knative-v1.20.1`; null for what is no version from 1.17 on. */
export function knativeVersion(text: string): KnativeVersion | null {
  const [, minor, patch] = /^(?:knative-)?v?1\.(\d{2})(?:\.(\d{1,3}))?$/.exec(text) ?? [];
  if (minor === undefined || Number(minor) < 17) return null;
  return { minor: Number(minor), patch: patch === undefined ? null : Number(patch) };
}

/** The metric a series belongs to: a histogram's series have suffixes. Null for one that no release of Knative exports. */
export function knativeMetric(series: string): string | null {
  if (METRICS.has(series)) return series;
  const base = series.replace(/_(bucket|sum|count)$/, '');
  return METRICS.get(base)?.kind === 'histogram' ? base : null;
}

/** The first and the last release that is known to export a metric. */
export function knativeSpan(metric: string): readonly [first: string, last: string] | null {
  const releases = METRICS.get(metric)?.releases ?? [];
  const [first, last] = [releases[0], releases.at(-1)];
  return first === undefined || last === undefined ? null : [first, last];
}

/**
 * Whether a version is known not to export a metric: no release that was read and can be it does. Between two that were read
 * either may be it; false also where nothing was read.
 */
export function lacksMetric(version: KnativeVersion, metric: string): boolean {
  const known = METRICS.get(metric);
  const module = known?.files[0]?.split('/')[0] ?? '';
  if (!known || !MODULES.has(module)) return false;
  const candidates = candidatesOf(
    version,
    RELEASES.filter(({ names }) => READ.get(names)?.has(module)),
  );
  return candidates.length > 0 && candidates.every(({ names }) => !known.releases.includes(names));
}

function candidatesOf({ minor, patch }: KnativeVersion, releases: readonly KnownRelease[]): readonly KnownRelease[] {
  const same = releases.filter((one) => one.minor === minor);
  if (same.length === 0)
    return [releases.findLast((one) => one.minor < minor), releases.find((one) => one.minor > minor)].filter(
      (one) => one !== undefined,
    );
  if (patch === null) return same;
  const exact = same.find((one) => one.patch === patch);
  if (exact) return [exact];
  return [same.findLast((one) => one.patch < patch), same.find((one) => one.patch > patch)].filter(
    (one) => one !== undefined,
  );
}
