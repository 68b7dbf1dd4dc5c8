import type { EChartsCoreOption } from 'echarts/core';
import { short } from '../../wording/cuts.ts';
import { formatValue } from '../units.ts';
import { type Axis, axisOf, timeStep } from './axis.ts';
import type { Chart, Line } from './chart.ts';

export const WIDTH = 960;
const PLOT = 400;
const TOP = 128;
const LEGEND_LINE = 34;

/** Light on dark with a background of its own, so that it reads in any theme; colours that colour-blind people can tell. */
export const INK = '#e8eaed';
export const FAINT = '#9aa3b2';
export const RULES = '#343b48';
export const BACKGROUND = '#191d24';
export const THRESHOLD = '#ff5d5d';
const FIRING = 'rgba(255, 93, 93, 0.2)';
export const LINES = ['#56b4e9', '#f0e442', '#2fc79a', '#e69f00', '#dd8fbc', '#c9ced6'] as const;

/** How high the picture of a chart is, in pixels. */
export function heightOf(chart: Chart): number {
  return TOP + PLOT + 30 + Math.max(1, chart.lines.length) * LEGEND_LINE + 14;
}

/** The chart as ECharts draws it. Sizes are for a picture that a phone shows at a third of its width. */
export function optionOf(chart: Chart): EChartsCoreOption {
  const isEmpty = chart.lines.every(({ points }) => points.every(([, value]) => value === null));
  return {
    animation: false,
    backgroundColor: BACKGROUND,
    color: [...LINES],
    textStyle: { fontFamily: 'DejaVu Sans', color: INK },
    title: {
      text: short(chart.title, 46),
      subtext: `${short(chart.expression, 80)}\n${short(captionOf(chart), 82)}`,
      left: 24,
      top: 14,
      textStyle: { fontSize: 30, color: INK, fontWeight: 'bold' },
      subtextStyle: { fontSize: 19, lineHeight: 27, color: FAINT },
    },
    grid: { left: 20, right: 34, top: TOP, height: PLOT, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    legend: {
      orient: 'vertical',
      left: 24,
      top: TOP + PLOT + 24,
      itemWidth: 30,
      itemHeight: 8,
      itemGap: 12,
      icon: 'roundRect',
      textStyle: { fontSize: 22, color: INK },
      data: chart.lines.map(({ name }) => name),
    },
    // ECharts' own axis of times has small labels that nothing enlarges.
    xAxis: {
      type: 'value',
      min: chart.from,
      max: chart.to,
      interval: timeStep(chart.to - chart.from),
      axisLine: { onZero: false, lineStyle: { color: FAINT } },
      axisTick: { show: true, lineStyle: { color: FAINT } },
      axisLabel: { fontSize: 22, color: INK, showMinLabel: false, showMaxLabel: false, formatter: timeLabel },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      ...axisFor(chart),
      axisLabel: { fontSize: 22, color: INK, formatter: (value: number) => formatValue(value, chart.unit) },
      splitLine: { lineStyle: { color: RULES } },
    },
    series: [
      ...chart.lines.map((line, index) => lineOf(line, LINES[index % LINES.length] ?? INK)),
      // Marks that belong to no line are attached to an empty one, so that they are drawn without data too.
      { type: 'line', name: '', data: [], ...marksOf(chart) },
    ],
    ...(isEmpty ? { graphic: emptyMark() } : {}),
  };
}

function captionOf(chart: Chart): string {
  const parts = [
    chart.threshold === null ? null : `alerts ${chart.comparison ?? ''} ${formatValue(chart.threshold, chart.unit)}`,
    chart.firing === null ? null : `firing since ${clock(chart.firing.from, chart.to)}`,
    chart.hidden === 0 ? null : `${chart.hidden} more series not drawn`,
    'times in UTC',
  ];
  return parts.filter((part) => part !== null).join(' · ');
}

/** `14:05` in UTC, with the date when it is not within the last twenty hours. */
export function clock(at: number, now: number): string {
  const text = new Date(at).toISOString();
  return now - at < 20 * 3_600_000 ? text.slice(11, 16) : `${text.slice(5, 10)} ${text.slice(11, 16)}`;
}

/** Midnight is a date, everything else a time. */
function timeLabel(at: number): string {
  const text = new Date(at).toISOString();
  return at % 86_400_000 === 0 ? text.slice(5, 10) : text.slice(11, 16);
}

function lineOf(line: Line, color: string): object {
  const data = line.points.map(([at, value], index) => {
    const isAlone =
      value !== null &&
      (line.points[index - 1]?.[1] ?? null) === null &&
      (line.points[index + 1]?.[1] ?? null) === null;
    return isAlone ? { value: [at, value], symbol: 'circle', symbolSize: 10 } : { value: [at, value], symbol: 'none' };
  });
  return {
    type: 'line',
    name: line.name,
    data,
    showAllSymbol: true,
    connectNulls: false,
    itemStyle: { color },
    lineStyle: { width: line.own ? 4 : 2.5, color },
    z: line.own ? 4 : 3,
  };
}

function marksOf(chart: Chart): object {
  const { threshold, firing } = chart;
  return {
    ...(threshold === null
      ? {}
      : {
          markLine: {
            silent: true,
            symbol: 'none',
            // Under the lines: a series on its threshold is still seen.
            z: 2,
            // Two decimal places are its default, and no small threshold survives them.
            precision: 18,
            lineStyle: { color: THRESHOLD, type: 'dashed', width: 3 },
            label: {
              formatter: `${chart.comparison ?? ''} ${formatValue(threshold, chart.unit)}`,
              position: 'insideStartTop',
              color: THRESHOLD,
              fontSize: 22,
              fontWeight: 'bold',
              backgroundColor: BACKGROUND,
              padding: [3, 6],
            },
            data: [{ yAxis: threshold }],
          },
        }),
    ...(firing === null
      ? {}
      : {
          markArea: {
            silent: true,
            itemStyle: { color: FIRING },
            data: [[{ xAxis: Math.max(firing.from, chart.from) }, { xAxis: Math.min(firing.to, chart.to) }]],
          },
        }),
  };
}

function emptyMark(): object {
  return {
    type: 'text',
    left: 'center',
    top: TOP + PLOT / 8,
    style: { text: 'no data in this time', fontSize: 30, fill: FAINT, fontFamily: 'DejaVu Sans' },
  };
}

function axisFor(chart: Chart): Axis {
  const values = chart.lines.flatMap(({ points }) => points.flatMap(([, value]) => (value === null ? [] : [value])));
  if (chart.threshold !== null && Number.isFinite(chart.threshold)) values.push(chart.threshold);
  return axisOf(values, chart.unit);
}
