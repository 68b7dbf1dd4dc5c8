import type { IncomingMessage } from 'node:http';
import { isObject } from './blocks/blockIds.ts';
import type { Json } from './state.ts';

/** Reads a request's body; throws a RangeError beyond `most` bytes. */
export async function readBody(request: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer; // no encoding is set on the request, so chunks are buffers
    size += bytes.length;
    if (size > most) throw new RangeError(`more than ${most} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** The fields of a body, whichever of the encodings Slack takes it came in; query parameters come first. */
export async function readFields(request: IncomingMessage, body: Buffer, query: URLSearchParams): Promise<Json> {
  const type = request.headers['content-type'] ?? '';
  const fields: Json = Object.fromEntries(query);
  if (body.length === 0) return fields;
  if (type.includes('application/json')) {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return isObject(parsed) ? { ...fields, ...parsed } : fields;
  }
  if (type.includes('multipart/form-data')) {
    for (const [name, value] of await formData(body, type)) if (typeof value === 'string') fields[name] = value;
    return fields;
  }
  return { ...fields, ...Object.fromEntries(new URLSearchParams(body.toString('utf8'))) };
}

/** The bytes of an upload: the first file part of a multipart body, else the body itself. */
export async function readUpload(request: IncomingMessage, body: Buffer): Promise<Buffer> {
  const type = request.headers['content-type'] ?? '';
  if (!type.includes('multipart/form-data')) return body;
  for (const [, value] of await formData(body, type)) {
    if (typeof value !== 'string') return Buffer.from(await value.arrayBuffer());
  }
  return Buffer.alloc(0);
}

function formData(body: Buffer, type: string): Promise<FormData> {
  return new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
}
