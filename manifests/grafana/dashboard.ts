import { inCluster } from './clusters.ts';

/** A query of a panel. `$namespace`, `$function` and `$__rate_interval` are Grafana's. */
export interface Query {
  readonly expr: string;
  /** Grafana's legend: `{{label}}`. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What it shows and what is good. */
  readonly about: string;
  readonly type: 'timeseries' | 'stat';
  /** Columns of 24. */
  readonly width: 4 | 6 | 8 | 12 | 24;
  /** Grafana's unit id: `s`, `percentunit`, `reqps`, `short`, `bytes`, `none`. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** Where it turns yellow and red; below instead of above with `lowIsBad`. */
  readonly limits?: { readonly warning: number; readonly critical: number; readonly lowIsBad?: boolean };
  readonly decimals?: number;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Variable {
  readonly name: string;
  /** `label_values(metric, label)`. */
  readonly query: string;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  readonly tags: readonly string[];
  readonly variables: readonly Variable[];
  /** Alerts drawn over the panels as marks. */
  readonly alerts: string;
  readonly rows: readonly Row[];
}

const SOURCE = { type: 'prometheus', uid: '$datasource' } as const;
/** One dashboard for all clusters whose series are in one place. */
const CLUSTER: Variable = { name: 'cluster', query: 'label_values(up, cluster)' };
const HEIGHT = { stat: 4, timeseries: 8 } as const;

/** The dashboard as Grafana imports it (schema of Grafana 10 and later), a data source variable first. */
export function grafanaJson(dashboard: Dashboard): string {
  const model = {
    uid: dashboard.uid,
    title: dashboard.title,
    description: dashboard.about,
    tags: dashboard.tags,
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'browser',
    templating: {
      list: [
        { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' },
        ...[CLUSTER, ...dashboard.variables].map(variable),
      ],
    },
    annotations: {
      list: [
        {
          name: 'Alerts',
          datasource: SOURCE,
          enable: true,
          expr: inCluster(dashboard.alerts),
          iconColor: 'red',
          step: '60s',
          titleFormat: '{{alertname}}',
          textFormat: '{{namespace}} {{function}} {{severity}}',
        },
      ],
    },
    panels: placed(dashboard.rows),
  };
  return `${JSON.stringify(model, null, 2)}\n`;
}

/** Every query, for whoever checks them. */
export function queriesOf(dashboard: Dashboard): readonly string[] {
  return [
    dashboard.alerts,
    ...dashboard.rows.flatMap((row) => row.panels.flatMap((panel) => panel.queries.map((query) => query.expr))),
  ].map(inCluster);
}

function variable({ name, query }: Variable): object {
  return {
    name,
    type: 'query',
    datasource: SOURCE,
    query: { query, refId: name },
    definition: query,
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: ['All'], value: ['$__all'] },
  };
}

function placed(rows: readonly Row[]): readonly object[] {
  const panels: object[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: 24, h: 1 },
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of row.panels) {
      if (x + panel.width > 24) {
        x = 0;
        y += height;
        height = 0;
      }
      const h = HEIGHT[panel.type];
      panels.push(panelJson(panel, panels.length + 1, { x, y, w: panel.width, h }));
      x += panel.width;
      height = Math.max(height, h);
    }
    y += height;
  }
  return panels;
}

function panelJson(panel: Panel, id: number, gridPos: object): object {
  const stat = panel.type === 'stat';
  return {
    id,
    type: panel.type,
    title: panel.title,
    description: panel.about,
    datasource: SOURCE,
    gridPos,
    targets: panel.queries.map((query, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: SOURCE,
      expr: inCluster(query.expr),
      legendFormat: query.legend,
      ...(stat ? { instant: true } : { range: true }),
      ...(!stat && /_bucket[[{]/.test(query.expr) ? { exemplar: true } : {}),
    })),
    fieldConfig: {
      defaults: {
        unit: panel.unit,
        ...(panel.decimals === undefined ? {} : { decimals: panel.decimals }),
        ...(panel.unit === 'percentunit' ? { max: 1 } : {}),
        ...(stat ? {} : { custom: custom(panel) }),
        thresholds: { mode: 'absolute', steps: steps(panel.limits) },
        noValue: 'no data',
      },
      overrides: [],
    },
    options: stat
      ? { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false }, colorMode: 'value', graphMode: 'none' }
      : {
          legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] },
          tooltip: { mode: 'multi' },
        },
  };
}

function custom(panel: Panel): object {
  return {
    drawStyle: 'line',
    lineWidth: 1,
    fillOpacity: 8,
    showPoints: 'never',
    thresholdsStyle: { mode: panel.limits ? 'dashed' : 'off' },
  };
}

function steps(limits: Panel['limits']): readonly object[] {
  if (!limits) return [{ color: 'text', value: null }];
  const { warning, critical } = limits;
  return limits.lowIsBad
    ? [
        { color: 'red', value: null },
        { color: 'yellow', value: critical },
        { color: 'green', value: warning },
      ]
    : [
        { color: 'green', value: null },
        { color: 'yellow', value: warning },
        { color: 'red', value: critical },
      ];
}
