import type { KubeObject } from './object.ts';

export interface Stored {
  readonly object: KubeObject;
  /** Resource version at which it was created. */
  readonly born: number;
}

export interface Change {
  readonly revision: number;
  readonly storage: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
  /** The object before the change; absent for ADDED. */
  readonly before?: KubeObject;
}

/** How many changes a watch may be behind before it gets 410 Gone. */
const HISTORY = 20_000;

/**
 * The objects, sorted the way etcd sorts them (namespace/name), with one resource version for all and a bounded
 * history of changes for watches.
 */
export class ObjectStore {
  readonly #storages = new Map<string, StoredKind>();
  readonly #listeners = new Set<(change: Change) => void>();
  /** uid of an owner -> what it owns, so that deleting one does not look through everything. */
  readonly #owned = new Map<string, Set<string>>();
  #history: Change[] = [];
  #revision = 1000;
  /** Changes up to this one are forgotten. */
  #compacted = 1000;

  get revision(): number {
    return this.#revision;
  }

  get compacted(): number {
    return this.#compacted;
  }

  /** Stores the object under its namespace and name; `resourceVersion` becomes the new revision. */
  put(storage: string, object: KubeObject): KubeObject {
    const kept = this.#storage(storage);
    const key = keyOf(object);
    const before = kept.objects.get(key);
    const revision = ++this.#revision;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
    if (!before) insert(kept.keys, key);
    kept.objects.set(key, { object: stored, born: before?.born ?? revision });
    for (const uid of ownersOf(before?.object)) this.#owned.get(uid)?.delete(`${storage} ${key}`);
    for (const uid of ownersOf(stored)) {
      const owned = this.#owned.get(uid) ?? new Set();
      this.#owned.set(uid, owned.add(`${storage} ${key}`));
    }
    this.#record({
      revision,
      storage,
      type: before ? 'MODIFIED' : 'ADDED',
      object: stored,
      ...(before ? { before: before.object } : {}),
    });
    return stored;
  }

  remove(storage: string, namespace: string | undefined, name: string): KubeObject | undefined {
    const kept = this.#storage(storage);
    const key = namespace ? `${namespace}/${name}` : name;
    const before = kept.objects.get(key);
    if (!before) return undefined;
    const revision = ++this.#revision;
    kept.objects.delete(key);
    kept.keys.splice(position(kept.keys, key), 1);
    for (const uid of ownersOf(before.object)) this.#owned.get(uid)?.delete(`${storage} ${key}`);
    const last = { ...before.object, metadata: { ...before.object.metadata, resourceVersion: String(revision) } };
    this.#record({ revision, storage, type: 'DELETED', object: last, before: before.object });
    return last;
  }

  get(storage: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#storage(storage).objects.get(namespace ? `${namespace}/${name}` : name)?.object;
  }

  /** All objects of a storage in order, from `after` (exclusive) on; only one namespace when it is given. */
  *scan(storage: string, namespace?: string, after = ''): Generator<{ key: string } & Stored> {
    const kept = this.#storage(storage);
    const prefix = namespace === undefined ? '' : `${namespace}/`;
    let index = position(kept.keys, after > prefix ? `${after}\u0000` : prefix);
    for (; index < kept.keys.length; index++) {
      const key = kept.keys[index];
      if (key === undefined || !key.startsWith(prefix)) return;
      const stored = kept.objects.get(key);
      if (stored) yield { key, ...stored };
    }
  }

  /** The objects that name this uid as their owner. */
  ownedBy(uid: string): readonly KubeObject[] {
    const keys = [...(this.#owned.get(uid) ?? [])];
    return keys.flatMap((entry) => {
      const [storage = '', key = ''] = entry.split(' ');
      const stored = this.#storage(storage).objects.get(key);
      return stored ? [stored.object] : [];
    });
  }

  /** How many objects follow a key, in one namespace when it is given. */
  countAfter(storage: string, namespace: string | undefined, key: string): number {
    const { keys } = this.#storage(storage);
    // '0' is the character after '/': no key of the namespace is greater.
    const end = namespace === undefined ? keys.length : position(keys, `${namespace}0`);
    return end - position(keys, `${key}\u0000`);
  }

  /** Changes after a revision, oldest first; undefined when some of them are forgotten. */
  changesSince(revision: number): readonly Change[] | undefined {
    if (revision < this.#compacted) return undefined;
    return this.#history.filter((change) => change.revision > revision);
  }

  /** Forgets the history, as etcd's compaction does: older watches and continue tokens are gone. */
  compact(): void {
    this.#history = [];
    this.#compacted = this.#revision;
  }

  /** Called with every change from now on. @returns a function that ends it. */
  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #storage(storage: string): StoredKind {
    const found = this.#storages.get(storage) ?? { keys: [], objects: new Map() };
    this.#storages.set(storage, found);
    return found;
  }

  #record(change: Change): void {
    this.#history.push(change);
    if (this.#history.length > HISTORY * 1.25) {
      const forgotten = this.#history.splice(0, this.#history.length - HISTORY);
      this.#compacted = forgotten.at(-1)?.revision ?? this.#compacted;
    }
    for (const listener of [...this.#listeners]) listener(change);
  }
}

interface StoredKind {
  readonly keys: string[];
  readonly objects: Map<string, Stored>;
}

function keyOf({ metadata }: KubeObject): string {
  return metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
}

function ownersOf(object: KubeObject | undefined): readonly string[] {
  return (object?.metadata.ownerReferences ?? []).flatMap(({ uid }) => (typeof uid === 'string' ? [uid] : []));
}

/** Index of the first key that is not smaller. */
function position(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insert(keys: string[], key: string): void {
  if (key > (keys.at(-1) ?? '')) keys.push(key);
  else keys.splice(position(keys, key), 0, key);
}
