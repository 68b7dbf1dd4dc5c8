import { clockTime, utc } from '../../wording/instants.ts';
import type { Actor } from '../incident.ts';
import { markdownLink, markdownText } from './markdown.ts';
import type { PostMortemEntry } from './postmortem.ts';

/** So many of one kind in a row are told as one line. */
const A_STORM = 4;
/** They belong together while one follows the other within this. */
const APART_MS = 10 * 60_000;

/** The timeline, oldest first: what people did, a line each; what a storm of alerts wrote, grouped in time. */
export function timelineOf(entries: readonly PostMortemEntry[]): string {
  const runs = runsOf(withoutRepeats(entries));
  const lines = runs.flatMap((run) => (run.length >= A_STORM ? [runLine(run)] : run.map(entryLine)));
  return lines.join('\n') || 'Nothing is recorded.';
}

/** A first look that says what one before it said is told by its time alone. */
function withoutRepeats(entries: readonly PostMortemEntry[]): readonly PostMortemEntry[] {
  const told = new Map<string, number>();
  return entries.map((entry) => {
    const [head = '', found] = entry.kind === 'first_look' ? (/^(.*?\)): (.+)$/s.exec(entry.text)?.slice(1) ?? []) : [];
    if (found === undefined) return entry;
    // What was counted, such as restarts, goes on between two looks.
    const same = found.replace(/\(\d+ \w+\)/g, '');
    const before = told.get(same);
    if (before === undefined) told.set(same, entry.at);
    return before === undefined ? entry : { ...entry, text: `${head}: the same as at ${clockTime(before)}` };
  });
}

/** Entries that follow each other and are of one kind, written by a machine; any other stands alone. */
function runsOf(entries: readonly PostMortemEntry[]): readonly (readonly PostMortemEntry[])[] {
  const runs: PostMortemEntry[][] = [];
  for (const entry of entries) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    const isMore =
      before !== undefined &&
      isMachine(entry.actor) &&
      before.kind === entry.kind &&
      before.actor.type === entry.actor.type &&
      before.of === entry.of &&
      entry.at - before.at <= APART_MS;
    if (run && isMore) run.push(entry);
    else runs.push([entry]);
  }
  return runs;
}

function isMachine({ type }: Actor): boolean {
  return type === 'responder' || type === 'alertmanager';
}

function runLine(run: readonly PostMortemEntry[]): string {
  const [first] = run;
  const last = run.at(-1);
  if (!first || !last) return '';
  const said = [...new Set(run.map(({ text }) => text))];
  const some = said.slice(0, 2).map((text) => markdownText(text));
  const more = said.length > some.length ? ` and ${said.length - some.length} more` : '';
  return `- ${utc(first.at)} to ${utc(last.at)} · ${who(first.actor)}${origin(first)} · ${run.length} entries: ${some.join('; ')}${more}`;
}

function entryLine(entry: PostMortemEntry): string {
  const link = entry.permalink === null ? '' : ` (${markdownLink('message', entry.permalink)})`;
  return `- ${utc(entry.at)} · ${who(entry.actor)}${origin(entry)} · ${markdownText(entry.text) || markdownText(entry.kind)}${link}`;
}

/** Which incident it was written for, where that one was merged into this. */
function origin({ of }: PostMortemEntry): string {
  return of === null ? '' : ` (incident ${of})`;
}

export function who(actor: Actor): string {
  if (actor.type === 'responder') return 'lambda-responder';
  const name = actor.name === null ? actor.id : `${actor.name} (${actor.type} ${actor.id})`;
  return `**${markdownText(name) || 'unknown'}**`;
}
