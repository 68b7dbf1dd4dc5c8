import { badRequest } from './failure.ts';

/** Fields of a message by their number; what is no text or message is left out. */
type Message = ReadonlyMap<number, readonly Buffer[]>;

const MAGIC = Buffer.from('k8s\0');
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/**
 * Reads an access review as kubectl sends it: it writes built-in kinds as protobuf, and asks no other way.
 * Field numbers: https://github.com/kubernetes/api/blob/master/authorization/v1/generated.proto
 * @throws ApiFailure 400 for anything else.
 */
export function readAccessReview(body: Buffer): { readonly spec: Readonly<Record<string, unknown>> } {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC))
    throw badRequest('error decoding the body: no protobuf of Kubernetes');
  const [raw] = fieldsOf(body.subarray(MAGIC.length)).get(2) ?? [];
  const spec = inner(raw && fieldsOf(raw), 2);
  const attributes = inner(spec, 1);
  if (!attributes) return { spec: { nonResourceAttributes: named(inner(spec, 2), ['path', 'verb']) } };
  const names = ['namespace', 'verb', 'group', 'version', 'resource', 'subresource', 'name'];
  return { spec: { resourceAttributes: named(attributes, names) } };
}

/** The namespace a rules review asks about. */
export function readRulesReview(body: Buffer): { readonly spec: { readonly namespace: string } } {
  const [raw] = fieldsOf(body.subarray(MAGIC.length)).get(2) ?? [];
  return {
    spec: {
      namespace:
        inner(raw && fieldsOf(raw), 2)
          ?.get(1)?.[0]
          ?.toString() ?? '',
    },
  };
}

function inner(message: Message | undefined, number: number): Message | undefined {
  const bytes = message?.get(number)?.[0];
  return bytes && fieldsOf(bytes);
}

/** Text fields 1, 2, 3 ... under these names. */
function named(message: Message | undefined, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name, index) => {
      const text = message?.get(index + 1)?.[0]?.toString();
      return text ? [[name, text]] : [];
    }),
  );
}

function fieldsOf(bytes: Buffer): Message {
  const fields = new Map<number, Buffer[]>();
  let at = 0;
  const varint = (): number => {
    for (let value = 0, shift = 0; shift < 35; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw badRequest('error decoding the body: proto: illegal varint');
  };
  while (at < bytes.length) {
    const key = varint();
    const wire = key & 7;
    if (wire === VARINT) varint();
    else if (wire === FIXED64) at += 8;
    else if (wire === FIXED32) at += 4;
    else if (wire === BYTES) {
      const length = varint();
      if (at + length > bytes.length) throw badRequest('error decoding the body: unexpected EOF');
      const number = Math.floor(key / 8);
      fields.set(number, [...(fields.get(number) ?? []), bytes.subarray(at, at + length)]);
      at += length;
    } else throw badRequest('error decoding the body: proto: illegal wireType');
  }
  return fields;
}
