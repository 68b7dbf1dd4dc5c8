import { describe, expect, it } from '@jest/globals';
import { queriesOf } from '../../manifests/grafana/dashboard.ts';
import { knativeLambdaDashboard } from '../../manifests/grafana/knativeLambda.ts';
import { eraNames } from '../../manifests/prometheus/eras.ts';
import { openCensusMetrics, openTelemetryMetrics } from '../../manifests/prometheus/knative/goMetrics.ts';
import { knativeMetric, knativeVersion, lacksMetric } from '../../manifests/prometheus/knative/releases.ts';
import { ERAS, type Era, namesOf, PROFILE_NAMES } from '../../manifests/prometheus/names.ts';
import { ruleGroups } from '../../manifests/prometheus/ruleFile.ts';
import { selectorsOf } from '../../promql/node.ts';
import { parsePromql } from '../../promql/read.ts';
import { installPlatformMetrics } from '../../simulator/metrics/platform.ts';
import { createMetricStore } from '../../simulator/metrics/store.ts';
import { FURTHER } from '../../src/prometheus/metricNames.ts';
import { filledIn } from './filledIn.ts';

/** Names only Knative's own processes use; `http_server_...` is of OpenTelemetry and not in its sources. */
const KNATIVE = /^(kn|revision|activator|autoscaler|controller|knative_operator|mt_broker_\w+?)_/;
const RELEASES: Readonly<Record<Era, readonly string[]>> = {
  'knative-1.18': ['1.17.0', '1.18.0'],
  'knative-1.19': ['1.19.0', '1.19.7', '1.20.0'],
  'knative-1.20.1': ['1.19.8', '1.20.1', '1.21.0', '1.22.0', '1.24.0'],
};

const metricsIn = (expr: string) => selectorsOf(parsePromql(filledIn(expr))).flatMap((one) => one.metric ?? []);
const ofKnative = (names: readonly string[]) => [...new Set(names)].filter((name) => KNATIVE.test(name)).toSorted();
const version = (release: string) => {
  const read = knativeVersion(release);
  if (read === null) throw new Error(`${release} is no version`);
  return read;
};

describe('metric names of Knative', () => {
  it('in rules, recordings, dashboards, diagnostics and the simulated platform are names a release exports', () => {
    const rules = PROFILE_NAMES.flatMap((profile) => ruleGroups(namesOf(profile, 'knative-1.18')))
      .flatMap((group) => group.rules)
      .flatMap((rule) => metricsIn(rule.expr));
    const tests = PROFILE_NAMES.flatMap((profile) => queriesOf(knativeLambdaDashboard(namesOf(profile, ERAS[0]))));
    const used = ofKnative([...rules, ...tests.flatMap(metricsIn), ...FURTHER]);
    expect(used.length).toBeGreaterThan(15);
    expect(used.filter((name) => knativeMetric(name) === null)).toEqual([]);
  });

  it.each(ERAS)('of era %s are exported by each of its releases', (era) => {
    const store = createMetricStore({ now: Date.now });
    installPlatformMetrics(store, { profile: 'operator', now: Date.now(), era });
    const written = ofKnative(store.names());
    const read = ofKnative(Object.values(eraNames({ era })).flatMap((text) => /^\w+/.exec(text)?.[0] ?? []));
    expect(written.length).toBeGreaterThan(3);
    for (const name of new Set([...written, ...read])) {
      const metric = knativeMetric(name);
      expect({ name, metric }).toEqual({ name, metric: expect.any(String) });
      const lacking = RELEASES[era].filter((release) => lacksMetric(version(release), metric ?? ''));
      expect({ name, lacking }).toEqual({ name, lacking: [] });
    }
  });

  it('change in the patch releases 1.19.8 and 1.20.1, which say kn_serving for kn_queueproxy', () => {
    const has = (metric: string) =>
      ['1.18', '1.19.0', '1.19.7', '1.19.8', '1.19.9', '1.20.0', '1.20.1', '1.20.4', '1.21', '1.23.1', '1.30'].filter(
        (release) => !lacksMetric(version(release), metric),
      );
    expect(has('kn_serving_invocation_duration_seconds')).toEqual([
      '1.19.8',
      '1.19.9',
      '1.20.1',
      '1.20.4',
      '1.21',
      '1.23.1',
      '1.30',
    ]);
    expect(has('kn_queueproxy_app_duration_seconds')).toEqual(['1.19.0', '1.19.7', '1.20.0']);
    expect(has('knative_operator_reconcile_count')).toEqual(['1.18']);
    expect(lacksMetric(version('1.19'), 'kn_queueproxy_depth')).toBe(false);
  });

  it('of what was not read are not called missing', () => {
    expect(lacksMetric(version('1.21'), 'kn_eventing_dispatch_duration_seconds')).toBe(false);
    expect(knativeMetric('kn_revision_pods_count_bucket')).toBeNull();
    expect(knativeVersion('1.9')).toBeNull();
  });
});

describe('metrics in a Go source', () => {
  it('of OpenTelemetry have the names Prometheus gets: unit, total, underscores', () => {
    const source = `
	m.a, err = meter.Float64Histogram(
		"kn.thing.took.duration",
		metric.WithDescription("How long (1 = a second) it takes"),
		metric.WithUnit("s"),
	)
	if err != nil { panic(err) }

	m.b = must(meter.Int64ObservableGauge("kn.thing.not_ready.count", metric.WithUnit("{pod}")))

	m.c, err = meter.Int64Counter("kn.thing.adds",
		metric.WithUnit("{item}"))

	m.d, err = meter.Int64UpDownCounter("kn.thing.depth")
`;
    expect(openTelemetryMetrics(source).map((one) => `${one.name} ${one.kind} ${one.line}`)).toEqual([
      'kn_thing_took_duration_seconds histogram 2',
      'kn_thing_not_ready_count gauge 9',
      'kn_thing_adds_total counter 11',
      'kn_thing_depth gauge 14',
    ]);
  });

  it('of OpenCensus are those with a view, of the kind the view makes', () => {
    const source = `
const countName = "request_count"
var (
	countM = stats.Int64(countName, "x", stats.UnitDimensionless)
	tookM = stats.Float64(
		"latencies", "x", stats.UnitMilliseconds)
	unseenM = stats.Int64("unseen", "x", stats.UnitDimensionless)
	depth = stats.Int64("depth", "x", stats.UnitDimensionless)
)
	view.View{ Measure: countM,
		Aggregation: view.Count(), }
	view.View{ Measure:     tookM,
		Aggregation: defaultDistribution, }
`;
    const views = 'return measureView(wp.depth, view.LastValue())';
    expect(openCensusMetrics(source, views).map((one) => `${one.name} ${one.kind}`)).toEqual([
      'request_count counter',
      'latencies histogram',
      'depth gauge',
    ]);
  });
});
