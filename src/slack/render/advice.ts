import { code, prose } from './mrkdwn.ts';

/** A command of ours inside advice: `/lambda diag logs builder -n shop`, up to what ends it. */
const COMMAND = /\/lambda ((?:diag (?:top (?:pods|nodes)|[a-z]+)|[a-z]+)(?: (?!(?:and|or|then)\b)[^\s,;()]+)*)/g;

/** The commands that advice names, without `/lambda`: Slack takes no slash command in a thread, so they are pressed. */
export function commandsIn(advice: string): readonly string[] {
  return [...advice.matchAll(COMMAND)].map(([, command = '']) => plain(command));
}

/** Advice as mrkdwn with its commands as code, without the `/lambda` that a thread does not take. */
export function adviceLine(advice: string, most: number): string {
  let shown = '';
  let at = 0;
  for (const match of advice.matchAll(COMMAND)) {
    const command = plain(match[1] ?? '');
    shown += piece(advice.slice(at, match.index), most - shown.length);
    if (most - shown.length > 10) shown += code(command, most - shown.length);
    at = match.index + '/lambda '.length + command.length;
  }
  return (shown + piece(advice.slice(at), most - shown.length)).trim();
}

/** A full stop at the end belongs to the sentence. */
function plain(command: string): string {
  return command.replace(/[.:]+$/, '');
}

/** Text between commands, with the spaces at its ends. */
function piece(text: string, room: number): string {
  if (text.trim() === '' || room < 2) return text === '' ? '' : ' ';
  return `${/^\s/.test(text) ? ' ' : ''}${prose(text, room)}${/\s$/.test(text) ? ' ' : ''}`;
}
