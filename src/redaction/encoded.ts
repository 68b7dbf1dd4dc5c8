import type { Range } from './ranges.ts';

/** Base64, the standard alphabet or that of addresses, long enough to hide a name and a value. */
const RUN = /[A-Za-z0-9+/_-]{24,}={0,2}/g;
/** Bytes decoded of a long run: a secret manifest or key shows at its beginning. */
const MOST = 64 * 1024;

/**
 * Texts in base64 that hold a secret once decoded, whole: keys, configuration of docker, dumps of an environment. Bytes
 * that are no text, such as digests and random tokens, are passed over after a few characters.
 */
export function encodedRanges(text: string, holdsSecret: (inner: string) => boolean): readonly Range[] {
  const ranges: Range[] = [];
  for (const match of text.matchAll(RUN)) {
    const start = match.index;
    const inner = decoded(match[0]);
    if (inner !== null && holdsSecret(inner)) ranges.push({ start, end: start + match[0].length });
  }
  return ranges;
}

/**
 * The decoded text of a run, which may begin in the middle of a group of four characters; null when it decodes to no
 * text.
 */
function decoded(run: string): string | null {
  for (let skipped = 0; skipped < 4; skipped += 1) {
    const head = Buffer.from(run.slice(skipped, skipped + 24), 'base64').toString('latin1');
    if (!/^[\t\n\r -~]{18}/.test(head)) continue;
    return Buffer.from(run.slice(skipped, skipped + MOST), 'base64').toString('utf8');
  }
  return null;
}
