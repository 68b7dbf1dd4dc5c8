import { setTimeout } from 'node:timers/promises';
import type { Reply } from '../commands/reply.ts';
import { coerceError } from '../errors.ts';
import type { CliIo } from './io.ts';

/** How often a terminal asks again, and for how long, in milliseconds: as in Slack. */
export interface FollowTimes {
  readonly everyMs: number;
  readonly longestMs: number;
}
export const FOLLOW_TIMES: FollowTimes = { everyMs: 5_000, longestMs: 2 * 60_000 };

const FAILURES = 3;

/**
 * Keeps an answer up to date in a terminal until Ctrl-C or two minutes: of a log only what is new is printed, a table is
 * printed again (in place on a screen). Resolves with the exit code: 0, or 1 when three rounds in a row brought nothing.
 */
export async function follow(
  first: Reply,
  ask: (line: string) => Promise<Reply>,
  print: (reply: Reply) => string,
  io: CliIo,
  times: FollowTimes = FOLLOW_TIMES,
): Promise<number> {
  const line = first.live?.line;
  if (line === undefined) return 0;
  const until = performance.now() + times.longestMs;
  let last = first;
  let failures = 0;
  while (performance.now() + times.everyMs <= until && (await pause(times.everyMs, io.signal))) {
    const next = await ask(line).catch((thrown: unknown) => coerceError(thrown));
    if (io.signal.aborted) break;
    if (Error.isError(next) || next.tone === 'error') {
      failures += 1;
      io.stderr.write(`no newer answer: ${Error.isError(next) ? next.message : next.title}\n`);
      if (failures >= FAILURES) return 1;
      continue;
    }
    failures = 0;
    if (last.lines && next.lines)
      io.stdout.write(
        newLines(last.lines, next.lines)
          .map((one) => `${clean(one)}\n`)
          .join(''),
      );
    else io.stdout.write(`${io.stdout.isTTY ? '\u001b[H\u001b[2J' : '\n'}${print(next)}`);
    last = next;
  }
  io.stderr.write(io.signal.aborted ? '\n' : `ended after ${Math.round(times.longestMs / 1000)} s\n`);
  return 0;
}

async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return setTimeout(ms, true, { signal }).catch(() => false);
}

/**
 * The lines of the second reading that the first does not have. Both are the end of the same logs, one pod after the
 * other, with `[pod] ` in front of a line where there are several. Without any overlap all lines of a log are new.
 */
export function newLines(before: readonly string[], after: readonly string[]): readonly string[] {
  const earlier = Map.groupBy(before, podOf);
  return [...Map.groupBy(after, podOf)].flatMap(([pod, lines]) => beyond(earlier.get(pod) ?? [], lines));
}

function podOf(line: string): string {
  return /^\[[^\]]+\] /.exec(line)?.[0] ?? '';
}

function beyond(before: readonly string[], after: readonly string[]): readonly string[] {
  for (let overlap = Math.min(before.length, after.length); overlap > 0; overlap -= 1) {
    const from = before.length - overlap;
    if (after[0] === before[from] && after.slice(0, overlap).every((line, at) => line === before[from + at]))
      return after.slice(overlap);
  }
  return after;
}

/** A log must not move the reader's cursor. */
function clean(line: string): string {
  return line.replaceAll(/(?!\t)\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, '');
}
