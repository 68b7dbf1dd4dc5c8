import type { WorkspaceInfo } from '../shapes.ts';
import { EMOJI } from '../text/emoji.ts';

/** One thing that can be completed to: what is inserted and what is shown. */
export interface Completion {
  readonly insert: string;
  readonly shown: string;
  readonly about: string;
}

const MOST = 8;

/** What people ask first; further words are the app's business and come from its help. */
const FIRST_WORDS: readonly (readonly [words: string, about: string])[] = [
  ['help', 'what can be asked'],
  ['incidents', 'what is open'],
  ['diag jobs', 'build jobs'],
  ['diag pods', 'pods and what is wrong with them'],
  ['diag logs', 'logs of the builder, or of a name'],
  ['diag events', 'events, newest last'],
  ['diag top pods', 'CPU and memory'],
  ['runbook', 'the steps for this incident'],
  ['ack', 'take the incident'],
  ['note', 'write into the timeline'],
  ['resolve', 'close the incident'],
  ['reopen', 'it is not over'],
  ['merge', 'two incidents are one'],
  ['postmortem', 'export the incident'],
];

/** Completions for the text before the cursor: commands, people and groups, channels, emoji, and what was typed before. */
export function complete(before: string, workspace: WorkspaceInfo, history: readonly string[]): Completion[] {
  const word = /(?:^|\s)([@#:][\p{L}\p{N}_+-]*)$/u.exec(before)?.[1];
  if (before.startsWith('/')) return commands(before, workspace, history);
  if (!word) return [];
  const start = before.slice(0, before.length - word.length);
  const wanted = word.slice(1).toLowerCase();
  return candidates(word, workspace)
    .filter(
      ({ shown, about }) => shown.slice(1).toLowerCase().startsWith(wanted) || about.toLowerCase().includes(wanted),
    )
    .slice(0, MOST)
    .map((one) => ({ ...one, insert: `${start}${one.insert} ` }));
}

function commands(before: string, workspace: WorkspaceInfo, history: readonly string[]): Completion[] {
  const earlier = history
    .filter((text) => text.startsWith('/'))
    .map((text) => ({ insert: text, shown: text, about: 'typed before' }));
  const known = workspace.commands.flatMap((one) => [
    { insert: `${one.command} `, shown: `${one.command} ${one.usage_hint}`.trim(), about: one.description },
    ...FIRST_WORDS.map(([words, about]) => {
      const text = `${one.command} ${words}`;
      return { insert: `${text} `, shown: text, about };
    }),
  ]);
  const seen = new Set<string>();
  return [...known, ...earlier]
    .filter((one) => one.insert.startsWith(before) && one.insert.trim() !== before.trim())
    .filter((one) => !seen.has(one.insert.trim()) && seen.add(one.insert.trim()))
    .slice(0, MOST);
}

function candidates(word: string, workspace: WorkspaceInfo): Completion[] {
  if (word.startsWith('#')) {
    return workspace.channels
      .filter((channel) => !channel.is_im && !channel.is_archived)
      .map((channel) => ({ insert: `#${channel.name}`, shown: `#${channel.name}`, about: channel.topic?.value ?? '' }));
  }
  if (word.startsWith(':')) {
    if (word.length < 3) return [];
    return Object.entries(EMOJI).map(([name, character]) => ({
      insert: character,
      shown: `:${name}:`,
      about: character,
    }));
  }
  return [
    ...workspace.users.map((user) => ({ insert: `@${user.name}`, shown: `@${user.name}`, about: user.real_name })),
    ...workspace.usergroups.map((group) => ({
      insert: `@${group.handle}`,
      shown: `@${group.handle}`,
      about: group.name,
    })),
  ];
}
