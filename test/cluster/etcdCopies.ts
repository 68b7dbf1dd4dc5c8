import { randomUUID } from 'node:crypto';
import { Agent, fetch } from 'undici';

/** An object as etcd holds it, and what is replaced in it for a copy. */
export interface Original {
  /** `/registry/pods/crowd/app-00000`. */
  readonly key: string;
  /** Its own, and those of the objects it names: a copy has others. As all uids are of one length, nothing in the stored bytes moves. */
  readonly uids: readonly string[];
}

/** No connection outlives its request: a test that is over leaves none open. */
const dispatcher = new Agent({ pipelining: 0 });
/** etcd takes at most 128 operations in one transaction. */
const AT_ONCE = 100;

/**
 * Writes copies of objects into etcd beside the API server, which learns of them as of another API server's: thousands in
 * a second, where its own door takes minutes. Each copy has a name and uids of its own; all else is as the API server
 * stored the originals. Objects of one group that name each other (a pod and its events) are copied together.
 * @param etcd `http://127.0.0.1:PORT`, whose gateway speaks JSON: https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
 * @param name the original's name, which stands in its keys
 * @param names one for each copy, of the same length
 */
export async function copyInEtcd(
  etcd: string,
  originals: readonly Original[],
  name: string,
  names: readonly string[],
): Promise<void> {
  const wrong = names.find((one) => one.length !== name.length);
  if (wrong !== undefined) throw new Error(`${wrong} is not as long as ${name}`);
  const stored = await Promise.all(originals.map(async (one) => ({ ...one, value: await read(etcd, one.key) })));
  const uids = [...new Set(originals.flatMap((one) => one.uids))];
  let puts: Put[] = [];
  for (const own of names) {
    const fresh: readonly (readonly [string, string])[] = [
      [name, own],
      ...uids.map((uid) => [uid, randomUUID()] as const),
    ];
    for (const { key, value } of stored)
      puts.push({ requestPut: { key: base64(replaced(key, fresh)), value: base64(replaced(value, fresh)) } });
    if (puts.length + stored.length > AT_ONCE) {
      await call(etcd, 'txn', { success: puts });
      puts = [];
    }
  }
  if (puts.length > 0) await call(etcd, 'txn', { success: puts });
}

/** Takes all objects of a resource in a namespace away at once, with nobody asked: thousands go as fast as they came. */
export async function emptyInEtcd(etcd: string, resource: string, namespace: string): Promise<void> {
  const prefix = `/registry/${resource}/${namespace}/`;
  // The end of a range is the prefix with its last byte one higher: `/` becomes `0`.
  await call(etcd, 'deleterange', { key: base64(prefix), range_end: base64(`${prefix.slice(0, -1)}0`) });
}

interface Put {
  readonly requestPut: { readonly key: string; readonly value: string };
}

/** Each byte a character, so that nothing of protobuf is changed that is not meant. */
const base64 = (bytes: string) => Buffer.from(bytes, 'latin1').toString('base64');

function replaced(bytes: string, pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce((text, [from, to]) => text.replaceAll(from, to), bytes);
}

async function read(etcd: string, key: string): Promise<string> {
  const { kvs } = await call<{ kvs?: { value: string }[] }>(etcd, 'range', { key: base64(key) });
  if (!kvs?.[0]) throw new Error(`etcd has no ${key}`);
  return Buffer.from(kvs[0].value, 'base64').toString('latin1');
}

async function call<T>(etcd: string, method: 'range' | 'txn' | 'deleterange', body: object): Promise<T> {
  const response = await fetch(`${etcd}/v3/kv/${method}`, { method: 'POST', dispatcher, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`etcd ${method}: ${response.status} ${(await response.text()).slice(0, 300)}`);
  return (await response.json()) as T; // etcd's own shape.
}
