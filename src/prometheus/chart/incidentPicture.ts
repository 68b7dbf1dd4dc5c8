import type { PostMortem, PostMortemEntry } from '../../incidents/postmortem/postmortem.ts';
import { short } from '../../wording/cuts.ts';
import { timeStep } from './axis.ts';
import { BACKGROUND, clock, FAINT, INK, LINES, RULES, THRESHOLD, WIDTH } from './option.ts';

/** The course of an incident drawn as SVG, with its alternative text. */
export interface IncidentPicture {
  readonly svg: string;
  readonly alt: string;
}

const LEFT = 24;
const RIGHT = WIDTH - 24;
const TITLE = 64;
const ROW = 46;
const LINE = 32;
const LETTER = 10.4; // pixels of a letter at size 18, DejaVu Sans
const MOST_ALERTS = 8;
const MOST_ACTS = 12;

const COLOURS = {
  pending: FAINT,
  open: THRESHOLD,
  acknowledged: LINES[3],
  mitigated: LINES[0],
  resolved: LINES[2],
} as const;
type Phase = keyof typeof COLOURS;

const PHASES: Partial<Record<PostMortemEntry['kind'], Phase>> = {
  acknowledged: 'acknowledged',
  unacknowledged: 'open',
  mitigated: 'mitigated',
  resolved: 'resolved',
  reopened: 'open',
};

/** What moved the incident; shown before notes and commands where there is no room for all. */
const TURNS = new Set<PostMortemEntry['kind']>([
  'acknowledged',
  'unacknowledged',
  'mitigated',
  'resolved',
  'reopened',
  'severity',
  'merged',
  'split',
  'fix',
]);

/** The states of the incident, when its alerts fired, and what was done, on one axis of time in UTC. Pure. */
export function incidentPicture(pm: PostMortem): IncidentPicture {
  const acts = actsOf(pm);
  const from = pm.times.startedAt;
  const last = acts.reduce((latest, { at }) => Math.max(latest, at), pm.times.resolvedAt ?? pm.generatedAt);
  const to = Math.max(last, from + 1_000);
  const x = (at: number) => LEFT + ((Math.min(Math.max(at, from), to) - from) / (to - from)) * (RIGHT - LEFT);
  const parts: string[] = [];
  let y = TITLE;
  const row = (draw: (y: number) => string, height: number) => {
    parts.push(draw(y));
    y += height;
  };
  row((at) => phasesBar(pm, x, to, at), ROW + 14);
  for (const alert of pm.impact.slice(0, MOST_ALERTS)) row((at) => alertBar(alert, x, to, at), ROW);
  const more = pm.impact.length - MOST_ALERTS;
  if (more > 0) row((at) => words(`and ${more} more alert names`, LEFT, at + 20, FAINT), LINE);
  for (const act of acts) row((at) => actMark(act, x(act.at), at, to), LINE);
  const axis = axisLines(from, to, x, y);
  const height = y + 40;
  return {
    svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="DejaVu Sans">${[
      `<rect width="${WIDTH}" height="${height}" fill="${BACKGROUND}"/>`,
      `<text x="${LEFT}" y="40" font-size="26" font-weight="bold" fill="${INK}">${xml(`Incident ${pm.number}, times in UTC`)}</text>`,
      axis,
      ...parts,
    ].join('')}</svg>`,
    alt: altOf(pm, acts),
  };
}

function phasesBar(pm: PostMortem, x: (at: number) => number, to: number, y: number): string {
  const changes: { readonly at: number; readonly phase: Phase }[] = [
    { at: pm.times.startedAt, phase: 'pending' },
    { at: pm.times.openedAt, phase: 'open' },
    ...pm.timeline.flatMap(({ at, kind, of }) => {
      const phase = of === null ? PHASES[kind] : undefined;
      return phase ? [{ at, phase }] : [];
    }),
  ];
  return changes
    .map(({ at, phase }, index) => {
      const [start, end] = [x(at), x(changes[index + 1]?.at ?? to)];
      const name = end - start > phase.length * LETTER + 12 ? words(phase, start + 6, y + 25, BACKGROUND) : '';
      return `${bar(start, end, y, 36, COLOURS[phase])}${name}`;
    })
    .join('');
}

function alertBar(alert: PostMortem['impact'][number], x: (at: number) => number, to: number, y: number): string {
  const many = alert.alerts === 1 ? '' : ` (${alert.alerts} alerts)`;
  return `${words(`${short(alert.alert, 70)}${many}`, LEFT, y + 17, INK)}${bar(x(alert.firstStartedAt), x(alert.lastEndedAt ?? to), y + 24, 12, THRESHOLD)}`;
}

function actMark({ at, text }: PostMortemEntry, x: number, y: number, to: number): string {
  const isLeft = x < WIDTH / 2;
  const room = Math.floor((isLeft ? RIGHT - x - 16 : x - LEFT - 16) / LETTER);
  const said = short(`${clock(at, to)} ${text}`, room);
  const place = isLeft ? `x="${x + 16}"` : `x="${x - 16}" text-anchor="end"`;
  return `<circle cx="${x}" cy="${y + 16}" r="7" fill="${LINES[1]}"/><text ${place} y="${y + 22}" font-size="18" fill="${INK}">${xml(said)}</text>`;
}

/** What people did and what the first look found, oldest first; of too many those that moved the incident. */
function actsOf(pm: PostMortem): readonly PostMortemEntry[] {
  const own = pm.timeline.filter(
    ({ kind, actor, of }) =>
      of === null &&
      kind !== 'exported' &&
      (TURNS.has(kind) || (actor.type !== 'responder' && actor.type !== 'alertmanager')),
  );
  const look = pm.timeline.find(({ kind, of }) => of === null && kind === 'first_look');
  const all = look ? [look, ...own] : own;
  const chosen = [...all.filter(({ kind }) => TURNS.has(kind)), ...all.filter(({ kind }) => !TURNS.has(kind))];
  return chosen.slice(0, MOST_ACTS).toSorted((a, b) => a.at - b.at);
}

function axisLines(from: number, to: number, x: (at: number) => number, bottom: number): string {
  const step = timeStep(to - from);
  const ticks: string[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step)
    ticks.push(
      `<line x1="${x(at)}" x2="${x(at)}" y1="${TITLE - 8}" y2="${bottom}" stroke="${RULES}"/>`,
      `<text x="${x(at)}" y="${bottom + 24}" font-size="18" text-anchor="middle" fill="${FAINT}">${clock(at, to)}</text>`,
    );
  return ticks.join('');
}

function altOf(pm: PostMortem, acts: readonly PostMortemEntry[]): string {
  const { startedAt, openedAt, acknowledgedAt, mitigatedAt, resolvedAt } = pm.times;
  const moments = Object.entries({
    started: startedAt,
    opened: openedAt,
    acknowledged: acknowledgedAt,
    mitigated: mitigatedAt,
    resolved: resolvedAt,
  }).flatMap(([what, at]) => (at === null ? [] : [`${what} ${clock(at, pm.generatedAt)}`]));
  const alerts = pm.impact.map(({ alert }) => alert).join(', ');
  return short(
    `Course of incident ${pm.number} in UTC: ${moments.join(', ')}. Alerts: ${alerts || 'none'}. Acts: ${acts.length}.`,
    600,
  );
}

function bar(from: number, to: number, y: number, height: number, colour: string): string {
  return `<rect x="${from}" y="${y}" width="${Math.max(3, to - from)}" height="${height}" fill="${colour}"/>`;
}

function words(text: string, x: number, y: number, colour: string): string {
  return `<text x="${x}" y="${y}" font-size="18" fill="${colour}">${xml(text)}</text>`;
}

/** Text as XML holds it: control characters are no part of it. */
function xml(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\uFFFE\uFFFF]+/gu, ' ')
    .replace(/[&<>"]/g, (letter) => entities[letter] ?? letter);
}
