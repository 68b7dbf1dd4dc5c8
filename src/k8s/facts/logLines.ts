import type { LogLine } from '../subjects/inventory.ts';

/** Longer lines are cut: what names a cause stands at the beginning. */
const MAX_LINE = 4_000;
const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ?/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours in logs begin with ESC
const ANSI = /\u001b\[[0-9;]*[A-Za-z]/g;

/** Lines with the kubelet's time in front, as `timestamps=true` gives them; colours are taken out. */
export function linesOf(text: string): readonly LogLine[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const stamp = STAMP.exec(line);
      const at = stamp?.[1] ? Date.parse(stamp[1]) : Number.NaN;
      const told = (stamp ? line.slice(stamp[0].length) : line).replaceAll(ANSI, '').trimEnd();
      return { at: Number.isNaN(at) ? null : at, text: told.length > MAX_LINE ? `${told.slice(0, MAX_LINE)}…` : told };
    });
}
