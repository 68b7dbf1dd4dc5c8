import { COMMANDS } from '../../src/commands/index.ts';
import { leadingNumber } from '../../src/commands/names.ts';
import { type Parsed, parse } from '../../src/commands/parse.ts';

/** A typed line and what should happen. */
export interface Line {
  readonly typed: string;
  readonly meant: string;
}

export function linesOf(text: string): readonly Line[] {
  return text
    .split('\n')
    .filter((line) => line.includes(' => '))
    .map((line) => {
      const at = line.lastIndexOf(' => ');
      return { typed: line.slice(0, at), meant: line.slice(at + 4) };
    });
}

/** What is wrong with how a line was read, in words; null when what was meant happens. */
export function missed({ typed, meant }: Line, read: (text: string) => Parsed): string | null {
  const got = read(typed);
  if (meant.startsWith('? ')) {
    const wanted = meant.slice(2);
    if (got.ok) return `${typed} => ran ${spelt(got)} instead of offering ${wanted}`;
    const offered = got.reply.next.map(({ command }) => command);
    return offered.includes(wanted) ? null : `${typed} => offered ${offered.join(' | ') || 'nothing'}, not ${wanted}`;
  }
  const canonical = parse(meant, COMMANDS);
  if (!canonical.ok) return `${typed} => ${meant} is no command`;
  if (!got.ok)
    return `${typed} => refused: ${got.reply.title} [${got.reply.next.map((n) => n.command).join(' | ')}], not ${meant}`;
  return spelt(got) === spelt(canonical) ? null : `${typed} => ran ${spelt(got)}, not ${spelt(canonical)}`;
}

const FREE = new Set(['note', 'resolve', 'mitigate', 'reopen']);

function spelt(parsed: Extract<Parsed, { ok: true }>): string {
  const { path, words, options, rest } = parsed.call;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const text = FREE.has(path[0] ?? '') ? [numbered(rest)] : words.map(numbered);
  return [...path, ...text, ...given.map(([name, value]) => `${name}=${value}`).sort()].join(' ');
}

/** A number in one spelling, so that `#4` and `4` are the same. */
function numbered(text: string): string {
  const leading = leadingNumber(text);
  return leading ? `#${leading.number} ${leading.rest}`.trim() : text;
}
