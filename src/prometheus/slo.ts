import type { Finding } from '../incidents/evidence.ts';
import { labelled } from '../incidents/phoneRows.ts';
import { counted } from '../wording/counts.ts';
import { missing } from './golden.ts';
import { failures, type MetricCollection, type MetricDiagnostic, metricFinding, type Row } from './metricDiagnostic.ts';
import { type Objective, objectivesOf, type Target, targetsOf } from './objectives.ts';
import { numberIn, type Reading, readAll, shown, type Wanted } from './reading.ts';
import { formatValue } from './units.ts';

const AGES = ['30d', '14d', '7d', '3d', '1d', '6h'] as const;

/** Service level objectives with the error budget left and its burn rate; narrow enough for a phone. */
export const slo: MetricDiagnostic = {
  name: 'slo',
  phone: {
    parts: [
      'objective',
      labelled('now', (value) => `${value} now`),
      labelled('left', (value) => `${value} of the budget left`),
      labelled('burn', (value) => `burns ${value}`),
    ],
  },
  async collect(collection) {
    const { platform, prometheus, request, at } = collection;
    const options = { at, signal: request.signal };
    const objectives = objectivesOf(platform, request.namespace);
    const targets = targetsOf(platform, request.namespace);
    const budgets = await Promise.all(objectives.map((objective) => reach(objective, collection)));
    const wanted = new Map<string, Wanted>();
    for (const [index, objective] of objectives.entries()) {
      for (const window of ['1h', ...objective.burns.flatMap((one) => one.windows), budgets[index] ?? '1h'])
        wanted.set(`${objective.name} ${window}`, { expression: objective.errorRatio(window), unit: 'ratio' });
    }
    for (const target of targets) wanted.set(target.name, target);
    const readings = await readAll(prometheus, Object.fromEntries(wanted), options);
    const none: Reading = { kind: 'none' };
    const read = (key: string) => readings[key] ?? none;
    const rows = [
      ...objectives.map((objective, index) => objectiveRow(objective, budgets[index] ?? '1h', read)),
      ...targets.map((target) => targetRow(target, read(target.name))),
    ];
    const findings = [
      ...objectives.flatMap((objective, index) => judge(objective, budgets[index] ?? '1h', read)),
      ...targets.flatMap((target) => judgeTarget(target, read(target.name))),
    ];
    const short = [...new Set(budgets)].filter((window) => window !== '30d');
    return {
      title: `Service level objectives${request.namespace === null ? '' : ` of functions in ${request.namespace}`}`,
      summary: summaryOf(objectives, budgets, read, findings),
      columns: ['objective', 'target', 'now', 'left', 'burn', 'query'],
      rows,
      findings,
      notes: [
        ...platform.notes,
        ...missing(platform),
        ...(short.length > 0
          ? [
              `A budget is for 30 days; the data does not reach back so far, so some are measured over ${short.join(', ')}.`,
            ]
          : []),
        ...failures(readings),
      ],
    };
  },
};

/** How far back the data of an objective reaches, at most the 30 days a budget is for. */
async function reach(objective: Objective, { prometheus, request, at }: MetricCollection): Promise<string> {
  const asked = AGES.map(
    (age) => `label_replace(count(${objective.series} offset ${age}), "age", "${age}", "", "")`,
  ).join(' or ');
  try {
    const found = await prometheus.query(asked, { at, signal: request.signal });
    return AGES.find((age) => found.some(({ labels }) => labels.age === age)) ?? '1h';
  } catch {
    request.signal.throwIfAborted();
    return '1h';
  }
}

function burn(objective: Objective, window: string, read: (key: string) => Reading): number | null {
  const ratio = numberIn(read(`${objective.name} ${window}`));
  return ratio === null ? null : ratio / (1 - objective.target);
}

function objectiveRow(objective: Objective, budget: string, read: (key: string) => Reading): Row {
  const reading = read(`${objective.name} ${budget}`);
  const spent = burn(objective, budget, read);
  const hour = burn(objective, '1h', read);
  const good: Reading = reading.kind === 'value' ? { kind: 'value', value: 1 - reading.value } : reading;
  return {
    cells: [
      `${objective.name} ${budget}`,
      formatValue(objective.target, 'ratio'),
      shown(good, 'ratio'),
      spent === null ? '-' : formatValue(1 - spent, 'ratio'),
      hour === null ? '-' : `${Number(hour.toPrecision(2))}x`,
    ],
    expression: objective.errorRatio(budget),
  };
}

function targetRow(target: Target, reading: Reading): Row {
  const at = target.unit === 'count' ? '0' : `<${formatValue(target.below, target.unit)}`;
  return { cells: [target.name, at, shown(reading, target.unit), '-', '-'], expression: target.expression };
}

function judge(objective: Objective, budget: string, read: (key: string) => Reading): readonly Finding[] {
  const subject = { kind: 'Objective', namespace: null, name: objective.name };
  const burning = objective.burns.find(({ rate, windows }) =>
    windows.every((window) => (burn(objective, window, read) ?? 0) > rate),
  );
  const left = burn(objective, budget, read);
  if (burning) {
    const [long, short] = burning.windows.map((window) => burn(objective, window, read) ?? 0);
    const days = 30 / (long ?? 1);
    return [
      metricFinding({
        code: burning.code,
        level: burning.level,
        subject,
        conclusion: `${objective.what} burns its error budget ${formatValue(long ?? 0, 'plain')} times too fast: a 30-day budget lasts ${formatValue(days * 86_400, 'seconds')} at this pace`,
        because: [
          `${burning.windows[0]}: ${formatValue(long ?? 0, 'plain')}x, ${burning.windows[1]}: ${formatValue(short ?? 0, 'plain')}x, limit ${burning.rate}x`,
          objective.errorRatio(burning.windows[0]),
        ],
        nextStep: objective.nextStep,
      }),
    ];
  }
  if (left === null || left < 1) return [];
  return [
    metricFinding({
      code: 'slo-budget-spent',
      level: 'warning',
      subject,
      conclusion: `${objective.what} has spent its error budget of ${budget} (${formatValue(left, 'plain')} times what it may)`,
      because: [objective.errorRatio(budget)],
      nextStep: objective.nextStep,
    }),
  ];
}

function judgeTarget(target: Target, reading: Reading): readonly Finding[] {
  const value = numberIn(reading);
  if (value === null || (target.unit === 'count' ? value < 0.5 : value <= target.below)) return [];
  return [
    metricFinding({
      code: 'slo-target-missed',
      level: 'warning',
      subject: { kind: 'Objective', namespace: null, name: target.name },
      conclusion: `${target.what}: ${formatValue(value, target.unit)}, the target is ${target.unit === 'count' ? 'none' : `below ${formatValue(target.below, target.unit)}`}`,
      because: target.expression === null ? [] : [target.expression],
    }),
  ];
}

function summaryOf(
  objectives: readonly Objective[],
  budgets: readonly string[],
  read: (key: string) => Reading,
  findings: readonly Finding[],
): string {
  const availability = objectives[0];
  const budget = budgets[0] ?? '1h';
  const spent = availability ? burn(availability, budget, read) : null;
  const head =
    spent === null
      ? 'Availability: no data'
      : `Availability has ${formatValue(1 - spent, 'ratio')} of its error budget left (${budget})`;
  const bad = findings.length;
  return `${head}; ${bad === 0 ? 'no objective with data is missed' : `${counted(bad, 'objective needs', 'objectives need')} attention`}.`;
}
