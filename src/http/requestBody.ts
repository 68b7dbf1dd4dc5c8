import type { IncomingMessage } from 'node:http';
import { type Reservation, SMALL } from './byteBudget.ts';

/** Bytes of a refused body that are kept. */
export const HEAD_BYTES = 64 * 1024;

/**
 * A request body, or what was seen of one that is larger than allowed, or `busy`: it was not read, because bodies of others
 * take all the room there is.
 */
export type Body =
  | { readonly kind: 'whole'; readonly bytes: Buffer; readonly size: number }
  | { readonly kind: 'too_large'; readonly head: string; readonly size: number }
  | { readonly kind: 'busy'; readonly size: number };

/**
 * Reads a body of at most `limit` bytes within what `reservation` has room for. Of a larger one only the first 64 KiB are
 * kept; `size` is then its declared length, or what was read until it was clear.
 */
export async function readBody(stream: IncomingMessage, limit: number, reservation: Reservation): Promise<Body> {
  const declared = Number(stream.headers['content-length'] ?? 0);
  if (!reservation.hold(declared > limit ? HEAD_BYTES : declared)) return { kind: 'busy', size: declared };
  // One piece of memory for a large one, so that it never stands there twice; what is not written to is not taken.
  let whole = declared > 0 && declared <= limit ? Buffer.allocUnsafeSlow(declared) : null;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (!whole && declared === 0 && size <= SMALL && size + chunk.length > SMALL) {
      whole = Buffer.allocUnsafeSlow(limit);
      Buffer.concat(chunks).copy(whole);
    }
    if (whole) chunk.copy(whole, size);
    else chunks.push(chunk);
    size += chunk.length;
    const headComplete = size >= HEAD_BYTES;
    if (size > limit || (declared > limit && headComplete)) break;
    if (size > declared && !reservation.hold(size)) return { kind: 'busy', size };
  }
  if (size > limit || declared > limit) {
    const head = (whole ?? Buffer.concat(chunks)).toString('utf8', 0, Math.min(size, HEAD_BYTES));
    return { kind: 'too_large', head, size: Math.max(size, declared) };
  }
  return { kind: 'whole', bytes: withoutMark(whole ? whole.subarray(0, size) : Buffer.concat(chunks)), size };
}

/** A byte order mark says nothing about UTF-8, and JSON has none. */
function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
