import type { IncomingMessage } from 'node:http';

/** How much of a refused body is kept. */
export const HEAD_BYTES = 64 * 1024;

/** A request body as text, or what was seen of one that is larger than allowed. */
export type Body =
  | { readonly kind: 'whole'; readonly text: string; readonly size: number }
  | { readonly kind: 'too_large'; readonly head: string; readonly size: number };

/**
 * Reads a body of at most `limit` bytes. Of a larger one only the first 64 KiB are kept; `size` is then its declared
 * length, or what was read until it was clear.
 */
export async function readBody(stream: IncomingMessage, limit: number): Promise<Body> {
  const declared = Number(stream.headers['content-length'] ?? 0);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    const headComplete = size >= HEAD_BYTES;
    if (size > limit || (declared > limit && headComplete)) break;
  }
  const bytes = Buffer.concat(chunks);
  if (size > limit || declared > limit) {
    return { kind: 'too_large', head: bytes.subarray(0, HEAD_BYTES).toString('utf8'), size: Math.max(size, declared) };
  }
  // A byte order mark says nothing about UTF-8, and JSON has none.
  return { kind: 'whole', text: bytes.toString('utf8').replace(/^\ufeff/, ''), size };
}
