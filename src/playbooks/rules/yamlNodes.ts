import type { Document, LineCounter, YAMLMap, YAMLSeq } from 'yaml';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';

/**
 * Nodes of one YAML document with their lines. Anchors, aliases and merge keys (`<<: *defaults`) are followed, as
 * Prometheus does; an alias to nothing reads as absent.
 */
export class YamlNodes {
  readonly #document: Document;
  readonly #counter: LineCounter;

  constructor(document: Document, counter: LineCounter) {
    this.#document = document;
    this.#counter = counter;
  }

  map(node: unknown): YAMLMap | null {
    const resolved = this.#resolve(node);
    return isMap(resolved) ? resolved : null;
  }

  list(node: unknown): YAMLSeq | null {
    const resolved = this.#resolve(node);
    return isSeq(resolved) ? resolved : null;
  }

  /** Text of a scalar; '' for anything else, and for null. */
  text(node: unknown): string {
    const resolved = this.#resolve(node);
    const value = isScalar(resolved) ? resolved.value : resolved;
    if (typeof value === 'string') return value;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  }

  /** The node of a key, own ones before merged ones. */
  field(map: YAMLMap, key: string, depth = 0): unknown {
    const own = map.items.find((pair) => this.text(pair.key) === key);
    if (own) return own.value;
    return depth > 10 ? undefined : this.#merged(map, (one) => this.field(one, key, depth + 1));
  }

  /** A map of scalars as an object; {} for anything else. */
  texts(node: unknown, depth = 0): Record<string, string> {
    const map = this.map(node);
    if (!map || depth > 10) return {};
    const inherited = map.items
      .filter((pair) => this.text(pair.key) === '<<')
      .flatMap((pair) => this.#mergeSources(pair.value))
      .toReversed()
      .map((one) => this.texts(one, depth + 1));
    const own = map.items
      .filter((pair) => this.text(pair.key) !== '<<')
      .map((pair) => [this.text(pair.key), this.text(pair.value)] as const);
    return Object.assign({}, ...inherited, Object.fromEntries(own));
  }

  /** 1-based; 0 when not known. */
  line(node: unknown): number {
    const range = node !== null && typeof node === 'object' && 'range' in node ? node.range : null;
    const [start] = Array.isArray(range) ? range : [];
    return typeof start === 'number' ? this.#counter.linePos(start).line : 0;
  }

  #merged(map: YAMLMap, look: (source: YAMLMap) => unknown): unknown {
    for (const pair of map.items) {
      if (this.text(pair.key) !== '<<') continue;
      for (const source of this.#mergeSources(pair.value)) {
        const found = look(source);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  #mergeSources(node: unknown): readonly YAMLMap[] {
    const one = this.map(node);
    if (one) return [one];
    return (this.list(node)?.items ?? []).flatMap((item) => this.map(item) ?? []);
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }
}
