import { utc } from '../../wording/instants.ts';
import type { Actor } from '../incident.ts';
import { markdownLink, markdownText } from './markdown.ts';
import type { PostMortemEntry } from './postmortem.ts';

/** So many of one kind in a row are told as one line. */
const A_STORM = 4;
/** They belong together while one follows the other within this. */
const APART_MS = 10 * 60_000;

/** The timeline, oldest first: what people did, a line each; what a storm of alerts wrote, grouped in time. */
export function timelineOf(entries: readonly PostMortemEntry[]): string {
  const lines = runsOf(entries).flatMap((run) => (run.length >= A_STORM ? [runLine(run)] : run.map(entryLine)));
  return lines.join('\n') || 'Nothing is recorded.';
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
