import type { Labels } from '../alerts/alert.ts';
import { counted } from '../wording/counts.ts';
import type { Case, Comparison, Muted, Told } from './compare.ts';
import { matcherText } from './matcher.ts';
import { OTHER } from './possibilities.ts';

const WIDTH = 100;
const MOST_CONDITIONS = 2;

/** Alerts with the same receivers in the same cases. */
interface Group {
  readonly lines: readonly string[];
  readonly names: readonly (string | null)[];
}

/** The receivers before and after, a paragraph for all alerts that share them. */
export function renderTold(comparisons: readonly Comparison[]): readonly string[] {
  const groups = new Map<string, { lines: readonly string[]; names: (string | null)[] }>();
  for (const { name, cases, complete } of comparisons) {
    const lines = [...linesOf(cases), ...(complete ? [] : ['and other sets of labels, which were not tried'])];
    const group = groups.get(lines.join('\n')) ?? { lines, names: [] };
    groups.set(lines.join('\n'), group);
    group.names.push(name);
  }
  return [...groups.values()].map(renderGroup);
}

function renderGroup({ lines, names }: Group): string {
  return `${lines.join('\n')}\n${wrapped(names)}`;
}

/** `pager -> lambda-responder, pager`, with the labels it depends on. */
function linesOf(cases: readonly Case[]): readonly string[] {
  const results = new Map<string, Labels[]>();
  for (const { before, now, labels } of cases) {
    const text = `${receiversText(before)} -> ${receiversText(now)}`;
    const known = results.get(text) ?? [];
    results.set(text, known);
    known.push(named(labels));
  }
  const alone = results.size === 1;
  return [...results].map(([text, labels]) => (alone ? text : `${text}  ${conditions(labels)}`));
}

export function receiversText(told: Told): string {
  return told.length === 0 ? 'nobody' : told.join(', ');
}

/** Without what is missing in the alert. */
function named(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}

function conditions(all: readonly Labels[]): string {
  const sorted = all.toSorted((a, b) => Object.keys(a).length - Object.keys(b).length);
  if (Object.keys(sorted[0] ?? {}).length === 0) return 'otherwise';
  const simplest: Labels[] = [];
  for (const one of sorted) if (!simplest.some((known) => contains(one, known))) simplest.push(one);
  const shown = simplest.slice(0, MOST_CONDITIONS).map(labelsText);
  const more = simplest.length - shown.length;
  return `when ${shown.join(', or ')}${more > 0 ? `, or in ${more} more cases` : ''}`;
}

function contains(labels: Labels, part: Labels): boolean {
  return Object.entries(part).every(([name, value]) => labels[name] === value);
}

export function labelsText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => (value === OTHER ? `${name} is something else` : `${name}=${JSON.stringify(value)}`))
    .join(' and ');
}

/**
 * The differences in words, each with its alerts: receivers that get less or more than before, and alerts that do not
 * reach the responder. [] when nothing changes and the responder gets everything.
 */
export function differencesIn(comparisons: readonly Comparison[], responder: ReadonlySet<string>): readonly string[] {
  const found = new Map<string, Map<string, Labels>>();
  for (const { name, cases } of comparisons)
    for (const one of cases)
      for (const problem of differencesOf(one, responder)) {
        const alerts = found.get(problem) ?? new Map<string, Labels>();
        found.set(problem, alerts);
        if (!alerts.has(nameText(name))) alerts.set(nameText(name), named(one.labels));
      }
  return [...found].map(([problem, alerts]) => problemText(problem, alerts));
}

function differencesOf({ before, now }: Case, responder: ReadonlySet<string>): readonly string[] {
  const receivers = [...new Set([...before, ...now])].filter((receiver) => !responder.has(receiver));
  const found = receivers.flatMap((receiver): string[] => {
    const [then, today] = [timesIn(before, receiver), timesIn(now, receiver)];
    if (then === today) return [];
    if (today === 0) return [`${receiver} is no longer notified`];
    if (then === 0) return [`${receiver} is notified of what it did not get before`];
    return [`${receiver} is notified ${today} times instead of ${then === 1 ? 'once' : `${then} times`}`];
  });
  return now.some((receiver) => responder.has(receiver)) ? found : [...found, 'the responder is not notified'];
}

function problemText(problem: string, alerts: ReadonlyMap<string, Labels>): string {
  const [first] = alerts.values();
  const example = first && Object.keys(first).length > 0 ? `, for example with ${labelsText(first)}` : '';
  return `${problem}${example}:\n${wrapped([...alerts.keys()])}`;
}

function timesIn(told: Told, receiver: string): number {
  return told.filter((one) => one === receiver).length;
}

/** The alerts that would be muted, by receiver, while something else fires. */
export function renderMuted(muted: readonly Muted[], comparisons: readonly Comparison[]): readonly string[] {
  return muted.map((one) => mutedText(one, comparisons));
}

function mutedText({ rule, sources, targets }: Muted, comparisons: readonly Comparison[]): string {
  const at = `inhibit_rules, line ${rule.line}`;
  if (targets.length === 0) return `${at}: mutes no alert that is known here`;
  const deaf = new Set(
    comparisons.filter(({ name }) => targets.includes(name)).flatMap(({ cases }) => cases.flatMap(({ now }) => now)),
  );
  const source = rule.source.map(matcherText).join(' and ') || 'any labels';
  const target = rule.target.map(matcherText).join(' and ') || 'any labels';
  const equal = rule.equal.length > 0 ? ` and the same ${rule.equal.join(', ')}` : '';
  return `${at}: while an alert with ${source} fires (${counted(sources.length, 'name')} known), those with ${target}${equal} notify nobody. ${receiversText([...deaf].toSorted())} would not get:\n${wrapped(targets)}`;
}

function nameText(name: string | null): string {
  return name ?? '(any other name)';
}

function wrapped(names: readonly (string | null)[]): string {
  const lines: string[] = [];
  for (const name of names.map(nameText)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length + 2 <= WIDTH) lines[lines.length - 1] = `${last}, ${name}`;
    else lines.push(`    ${name}`);
  }
  return lines.map((line, at) => (at < lines.length - 1 ? `${line},` : line)).join('\n');
}
