// Reads which metrics Knative's releases export from the sources of its Go modules, and writes
// manifests/prometheus/knative/metrics.json and docs/knative-metrics.md. Needs Go and its module proxy; nothing else of the
// project does. Run: node scripts/knativeMetrics.ts [--check]; `--check` writes nothing and exits with 1 when they are out of date.
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type GoMetric, openCensusMetrics, openTelemetryMetrics } from '../manifests/prometheus/knative/goMetrics.ts';
import { metricsPage } from '../manifests/prometheus/knative/page.ts';

/**
 * Releases and the version of the Go module at the same commit (Knative tags both: `knative-v1.20.1` is `v0.47.1`). Those the
 * proxy serves; null: it does not have that version of the module.
 */
const RELEASES: readonly (readonly [release: string, serving: string, eventing: string | null])[] = [
  ['1.17.0', 'v0.44.0', 'v0.44.0'],
  ['1.18.0', 'v0.45.0', 'v0.45.0'],
  ['1.19.0', 'v0.46.0', 'v0.46.0'],
  ['1.19.7', 'v0.46.7', null],
  ['1.20.0', 'v0.47.0', 'v0.47.0'],
  ['1.20.1', 'v0.47.1', null],
  ['1.21.0', 'v0.48.0', null],
  ['1.22.0', 'v0.49.0', null],
  ['1.24.0', 'v0.51.0', null],
];

/** Releases that are not served and have the names of another: the queue-proxy's new names were put into both at once. */
const SAME_NAMES = { '1.19.8': '1.20.1' };

/** Commits of knative.dev/pkg the proxy does not serve. */
const PKG_NOT_SERVED = ['v0.0.0-20251022154045-7da1174b871b', 'v0.0.0-20261026113028-cfa0ac991c5a'];

/** Up to 1.18 the exporter puts the component before each name: `prom.Options{Namespace: config.component}` in knative.dev/pkg. */
const COMPONENTS: readonly (readonly [folder: RegExp, components: readonly string[]])[] = [
  [/^serving\/pkg\/queue\//, ['revision']],
  [/^serving\/pkg\/activator\//, ['activator']],
  [/^serving\/pkg\/(autoscaler|reconciler\/autoscaling)\//, ['autoscaler']],
  [/^eventing\/pkg\/broker\/ingress\//, ['mt_broker_ingress']],
  [/^eventing\/pkg\/broker\/filter\//, ['mt_broker_filter']],
  [/^eventing\/pkg\/channel\//, ['inmemorychannel_dispatcher']],
  [/^pkg\/webhook\//, ['webhook', 'eventing_webhook', 'operator_webhook']],
  // Every process with reconcilers. The operator's module is not served; its component is its deployment's name.
  [
    /^pkg\/(controller|metrics)\//,
    ['controller', 'autoscaler', 'hpaautoscaler', 'webhook', 'mt_broker_controller', 'knative_operator'],
  ],
];
const LEFT_OUT = /_test\.go$|\/(vendor|third_party|test|testing)\/|\/metricstest\/|\/metrics\/memstats\.go$/;

interface Found extends GoMetric {
  readonly file: string;
}

const work = mkdtempSync(join(tmpdir(), 'knative-'));
writeFileSync(join(work, 'go.mod'), 'module names\n\ngo 1.24\n');

function download(module: string, version: string): string {
  const out = execFileSync('go', ['mod', 'download', '-json', `knative.dev/${module}@${version}`], {
    cwd: work,
    encoding: 'utf8',
  });
  return (JSON.parse(out) as { Dir: string }).Dir; // Go's documented answer.
}

function metricsOf(module: string, folder: string): readonly Found[] {
  const files = globSync('{pkg,cmd,webhook,controller,metrics,observability}/**/*.go', { cwd: folder })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => !LEFT_OUT.test(`/${name}`))
    .toSorted();
  const texts = new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  const workQueues = `${texts.get('metrics/workqueue.go') ?? ''}${texts.get('metrics/client.go') ?? ''}`;
  return files.flatMap((file) => {
    const text = texts.get(file) ?? '';
    const path = `${module}/${file}`;
    const components = COMPONENTS.find(([inside]) => inside.test(path))?.[1] ?? [];
    const prefixed = openCensusMetrics(text, workQueues).flatMap((one) =>
      components.map((component) => ({ ...one, name: `${component}_${one.name}`, file: path })),
    );
    return [...prefixed, ...openTelemetryMetrics(text).map((one) => ({ ...one, file: path }))];
  });
}

const releases = RELEASES.map(([release, serving, eventing]) => {
  const folder = download('serving', serving);
  const wanted = /knative\.dev\/pkg (\S+)/.exec(readFileSync(join(folder, 'go.mod'), 'utf8'))?.[1] ?? '';
  const pkg = PKG_NOT_SERVED.includes(wanted) ? null : wanted;
  const found = [
    ...metricsOf('serving', folder),
    ...(pkg === null ? [] : metricsOf('pkg', download('pkg', pkg))),
    ...(eventing === null ? [] : metricsOf('eventing', download('eventing', eventing))),
  ];
  return { release, serving, eventing, pkg, found };
});
rmSync(work, { recursive: true, force: true });

const byName = Map.groupBy(
  releases.flatMap(({ release, found }) => found.map((one) => ({ ...one, release }))),
  (one) => one.name,
);
const metrics = [...byName]
  .map(([name, all]) => ({
    name,
    kind: all[0]?.kind ?? 'gauge',
    releases: [...new Set(all.map((one) => one.release))],
    files: [...new Set(all.map((one) => one.file))],
  }))
  .toSorted((a, b) => (a.name < b.name ? -1 : 1));
const table = { sameNames: SAME_NAMES, releases: releases.map(({ found: _, ...release }) => release), metrics };

const root = resolve(import.meta.dirname, '..');
const outdated: string[] = [];
for (const [name, text] of [
  ['manifests/prometheus/knative/metrics.json', `${JSON.stringify(table, null, 1)}\n`],
  ['docs/knative-metrics.md', metricsPage(table)],
] as const) {
  if (existsSync(join(root, name)) && readFileSync(join(root, name), 'utf8') === text) continue;
  outdated.push(name);
  if (!process.argv.includes('--check')) writeFileSync(join(root, name), text);
}
console.log(outdated.length === 0 ? 'up to date' : outdated.join('\n'));
if (outdated.length > 0 && process.argv.includes('--check')) process.exitCode = 1;
