import type { Facts, LogLine } from '../../facts/facts.ts';
import { type ContainerStatus, lastEnd, type Pod } from '../../subjects/pod.ts';
import { short } from '../words.ts';

/** What a container said that tells why it ended or does not work. */
export interface LastWords {
  /** For a sentence, at most 160 characters. */
  readonly says: string;
  /** The line as it was read. */
  readonly line: string;
}

const FRAME = /^\s*(?:at |File "|\.\.\. \d+ more|goroutine \d+|\^+$|node:internal|from .+:\d+:in )/;
const NAMED =
  /^(?:Caused by: |Uncaught |Unhandled exception\.? |Exception in thread "[^"]*" )?(?:[\w$.]*(?:Error|Exception)\b|panic:|fatal(?: error)?:|FATAL\b)/i;
const ERROR =
  /\b(?:error|exception|panic|fatal|critical|cannot|can't|could not|failed|failure|refused|denied|not found|missing|invalid|unable)\b/i;

/** The deepest cause the instance named, else the last line that names an error, else (after a crash) its very last line. */
export function lastWordsOf(pod: Pod, status: ContainerStatus, facts: Facts): LastWords | null {
  const logs = facts.logsOf(pod, status.name);
  const log =
    logs.find(({ previous, lines }) => previous && lines.length > 0) ?? logs.find(({ lines }) => lines.length > 0);
  const message = lastEnd(status)?.message ?? '';
  const lines = [...message.split('\n').map((text): LogLine => ({ at: null, text })), ...(log?.lines ?? [])]
    .map(({ text }) => text.trim())
    .filter((text) => text !== '' && !FRAME.test(text));
  const caused = lines.findLast((line) => /^Caused by: /.test(line));
  const line =
    caused ??
    lines.findLast((one) => NAMED.test(one)) ??
    lines.findLast((one) => ERROR.test(one)) ??
    (lastEnd(status) ? lines.at(-1) : undefined);
  return line === undefined ? null : { says: short(line, 160), line: short(line, 290) };
}
