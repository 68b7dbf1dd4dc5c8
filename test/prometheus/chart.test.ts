import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it, test } from '@jest/globals';
import { axisOf } from '../../src/prometheus/chart/axis.ts';
import { type ChartParts, chartOf } from '../../src/prometheus/chart/chart.ts';
import { altText, currentValues } from '../../src/prometheus/chart/chartText.ts';
import { BACKGROUND, heightOf, LINES, THRESHOLD, WIDTH } from '../../src/prometheus/chart/option.ts';
import { createRenderer } from '../../src/prometheus/chart/renderer.ts';
import type { Series } from '../../src/prometheus/openPrometheus.ts';
import { decodePng, type Picture } from './png.ts';
import { silent } from './servers.ts';

const TO = Date.parse('2026-02-02T12:40:00Z');
const MINUTE = 60_000;
const FROM = TO - 90 * MINUTE;
const STEP = 30_000;
/** Firing red over the background. */
const SHADED = '#472a30';

const renderer = createRenderer({ log: silent });
afterAll(() => renderer.close());

function series(labels: Series['labels'], valueAt: (index: number) => number | undefined): Series {
  const points: (readonly [number, number])[] = [];
  for (let index = 0; index <= 180; index += 1) {
    const value = valueAt(index);
    if (value !== undefined) points.push([FROM + index * STEP, value]);
  }
  return { labels, points };
}

function parts(over: Partial<ChartParts>): ChartParts {
  return {
    title: 'KnativeLambdaFunctionErrorRate hello-nodejs',
    expression: 'function:request_errors:rate5m / function:requests:rate5m',
    unit: 'ratio',
    from: FROM,
    to: TO,
    stepMs: STEP,
    firing: { from: TO - 25 * MINUTE, to: TO },
    threshold: 0.01,
    comparison: '>',
    alert: { function: 'hello-nodejs', namespace: 'knative-lambda', severity: 'warning' },
    series: [],
    ...over,
  };
}

async function draw(over: Partial<ChartParts>): Promise<Picture> {
  const { chart } = chartOf(parts(over));
  const picture = decodePng(await renderer.render(chart, AbortSignal.timeout(60_000)));
  expect([picture.width, picture.height]).toEqual([WIDTH, heightOf(chart)]);
  return picture;
}

const own = { function: 'hello-nodejs', namespace: 'knative-lambda' };

function worked({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}

describe('a chart', () => {
  it('has the series, the threshold and the firing time on a background of its own', async () => {
    const picture = await draw({ series: [series(own, (index) => (index < 110 ? 0.001 : (index - 110) * 0.002))] });
    expect(picture.at(2, 2)).toBe(BACKGROUND);
    expect(picture.count(LINES[0])).toBeGreaterThan(1_500);
    expect(picture.count(THRESHOLD)).toBeGreaterThan(900);
    // 25 of 90 minutes of a plot about 880 by 380 pixels.
    expect(picture.count(SHADED)).toBeGreaterThan(60_000);
    expect(picture.count(SHADED)).toBeLessThan(110_000);
    // Letters are drawn with many shades; without a font there would be next to none.
    expect(picture.colors).toBeGreaterThan(100);
    expect(picture.count('#e8eaed', 40)).toBeGreaterThan(2_000);
  });

  it('draws the alert’s own series and the worst of the others, six in all', async () => {
    const many = Array.from({ length: 20 }, (_, k) =>
      series({ function: k === 4 ? 'hello-nodejs' : `other-${k}`, namespace: 'knative-lambda' }, () => 0.002 * k),
    );
    const { chart } = chartOf(parts({ series: many }));
    expect(chart.lines.map(({ name }) => name.split(' ')[0])).toEqual([
      'hello-nodejs',
      'other-19',
      'other-18',
      'other-17',
      'other-16',
      'other-15',
    ]);
    expect(chart.lines.map((line) => line.own)).toEqual([true, false, false, false, false, false]);
    expect(chart.hidden).toBe(14);
    const picture = await draw({ series: many });
    for (const color of LINES) expect(picture.count(color)).toBeGreaterThan(500);
  });

  it('takes the lowest for the worst when the alert is about too little', () => {
    const { chart } = chartOf(
      parts({
        comparison: '<',
        threshold: 1,
        alert: {},
        series: [2, 0, 1].map((value) => series({ d: `d${value}` }, () => value)),
      }),
    );
    expect(chart.lines.map(({ name }) => name.split(' ')[0])).toEqual(['d0', 'd1', 'd2']);
  });

  it('leaves holes where there is no data, and shows a lone point', async () => {
    const holes = series(own, (index) => (index < 60 || index > 120 || index === 90 ? 0.02 : undefined));
    const { chart } = chartOf(parts({ series: [holes] }));
    expect(chart.lines[0]?.points.filter(([, value]) => value === null)).toHaveLength(2);
    const broken = await draw({ series: [holes] });
    const whole = await draw({ series: [series(own, () => 0.02)] });
    expect(broken.count(LINES[0])).toBeLessThan(whole.count(LINES[0]) * 0.8);
    expect(broken.count(LINES[0])).toBeGreaterThan(800);
  });

  it('says that there is no data when there is none', async () => {
    const picture = await draw({ series: [] });
    expect(picture.count('#9aa3b2', 20)).toBeGreaterThan(700);
    expect(picture.count(THRESHOLD)).toBeGreaterThan(900);
    expect(picture.count(LINES[0])).toBe(0);
  });

  test.each([
    ['very small', 3e-7, (index: number) => 1e-7 * (1 + Math.sin(index / 20))],
    ['very large', 1e12, (index: number) => 9e11 + index * 1e9],
    ['negative', -5, (index: number) => -2 - index / 30],
    ['constant', 1, () => 1],
    ['all zero', 0, () => 0],
  ])('shows %s numbers and their threshold', async (_name, threshold, valueAt) => {
    const picture = await draw({ unit: 'plain', threshold, series: [series(own, valueAt)] });
    expect(picture.count(LINES[0])).toBeGreaterThan(700);
    // Under a series that lies on it only its label is left.
    expect(picture.count(THRESHOLD)).toBeGreaterThan(100);
  });

  it('survives names and texts that are anything but short and plain', async () => {
    const labels = { pod: `<svg>&"'\u0000\u202e${'x'.repeat(5_000)}`, other: '请求😀', empty: '' };
    const picture = await draw({ title: '&lt;<b>'.repeat(90), series: [series(labels, () => 0.5)] });
    expect(picture.count(LINES[0])).toBeGreaterThan(700);
  });
});

describe('drawing', () => {
  it('is done by a thread of its own: hardly any of the work is done in this one', async () => {
    const { chart } = chartOf(parts({ series: [series(own, () => 0.5)] }));
    const whole = process.cpuUsage();
    const here = process.threadCpuUsage();
    const fresh = createRenderer({ log: silent });
    await fresh.render(chart, AbortSignal.timeout(60_000));
    const share = worked(process.threadCpuUsage(here)) / worked(process.cpuUsage(whole));
    await fresh.close();
    // A share of processor time, not of the clock: how fast the machine is has no say.
    expect(share).toBeLessThan(0.5);
  });

  it('ends its thread when there is nothing to draw, and starts another one later', async () => {
    const brief = createRenderer({ log: silent, idleMs: 50 });
    const { chart } = chartOf(parts({ series: [series(own, () => 0.5)] }));
    await brief.render(chart, AbortSignal.timeout(60_000));
    await new Promise((wake) => setTimeout(wake, 300));
    expect((await brief.render(chart, AbortSignal.timeout(60_000))).length).toBeGreaterThan(10_000);
    await brief.close();
    await expect(brief.render(chart, AbortSignal.timeout(1_000))).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('keeps no process alive that has its picture', async () => {
    const { chart } = chartOf(parts({ series: [series(own, () => 0.5)] }));
    const script = `
      import { createRenderer } from './src/prometheus/chart/renderer.ts';
      import { createLogger } from './src/logger.ts';
      const renderer = createRenderer({ log: createLogger({ level: 'silent' }) });
      const png = await renderer.render(${JSON.stringify(chart)}, AbortSignal.timeout(60_000));
      process.stdout.write(String(png.length > 10_000));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: resolve(import.meta.dirname, '../..'),
      timeout: 20_000,
    });
    expect(stdout).toBe('true');
  }, 90_000);

  it('gives up when nobody waits any more', async () => {
    const stop = new AbortController();
    const { chart } = chartOf(parts({ series: [series(own, () => 0.5)] }));
    const drawing = renderer.render(chart, stop.signal);
    stop.abort();
    await expect(drawing).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a chart in words', () => {
  const rising = (name: string, last: number) =>
    series({ function: name, namespace: 'knative-lambda' }, (index) =>
      index === 150 ? last * 1.5 : index < 120 ? 0.001 : last,
    );

  it('has the current value, the threshold, the highest and how many others are beyond it', () => {
    const { chart, ranked } = chartOf(
      parts({ series: [rising('hello-nodejs', 0.08), rising('a', 0.02), rising('b', 0.001)] }),
    );
    expect(currentValues(chart, ranked)).toBe(
      'hello-nodejs: 8% now (alerts > 1%), highest 12% at 12:25 UTC. 2 of 3 series are beyond it now.',
    );
    expect(altText(chart, ranked)).toBe(
      'Line chart of function:request_errors:rate5m / function:requests:rate5m for KnativeLambdaFunctionErrorRate hello-nodejs, 3 series, from 11:10 to 12:40 UTC. hello-nodejs: 8% now (alerts > 1%), highest 12% at 12:25 UTC. 2 of 3 series are beyond it now. Dashed line: the alert’s threshold, > 1%. Shaded: firing since 12:15 UTC.',
    );
  });

  it('does not call the last value before a hole the current one', () => {
    const { chart, ranked } = chartOf(parts({ series: [series(own, (index) => (index < 100 ? 0.03 : undefined))] }));
    expect(currentValues(chart, ranked)).toBe(
      'hello-nodejs knative-lambda: no data now (alerts > 1%), highest 3% at 11:10 UTC.',
    );
  });
});

describe('the axis', () => {
  test.each([
    [[0.001, 0.08], 'ratio', { min: 0, max: 0.1, interval: 0.02 }],
    [[2 * 1024 ** 3, 4.6 * 1024 ** 3], 'bytes', { min: 0, max: 6 * 1024 ** 3, interval: 2 * 1024 ** 3 }],
    [[0, 2], 'count', { min: 0, max: 3, interval: 1 }],
    [[1, 1], 'count', { min: 0, max: 2, interval: 1 }],
    [[0, 0], 'plain', { min: 0, max: 1.25, interval: 0.25 }],
    [[30, 400], 'seconds', { min: 0, max: 480, interval: 120 }],
    [[], 'plain', { min: 0, max: 1, interval: 0.25 }],
  ] as const)('of %j in %s is %j', (values, unit, axis) => {
    const found = axisOf(values, unit);
    expect(found.min).toBeCloseTo(axis.min, 9);
    expect(found.max).toBeCloseTo(axis.max, 9);
    expect(found.interval).toBeCloseTo(axis.interval, 9);
  });
});
