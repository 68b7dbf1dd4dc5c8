export interface Body {
  readonly text: string;
  /** The body was longer than the bound. */
  readonly truncated: boolean;
}

/** Reads at most `most` bytes of an answer; the rest is not awaited. */
export async function readBounded(body: AsyncIterable<unknown> | null, maxBytes: number): Promise<Body> {
  if (!body) return { text: '', truncated: false };
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of body) {
    // The body of a fetch yields bytes.
    const bytes = chunk as Uint8Array;
    const room = maxBytes - size;
    size += bytes.length;
    if (bytes.length > room) return { text: text + decoder.decode(bytes.subarray(0, room)), truncated: true };
    text += decoder.decode(bytes, { stream: true });
  }
  return { text: text + decoder.decode(), truncated: false };
}
