import type { Document, LineCounter, Node, YAMLMap, YAMLSeq } from 'yaml';
import { isAlias, isMap, isScalar, isSeq, visit } from 'yaml';

/**
 * Nodes of one YAML document with their lines. Anchors, aliases and merge keys (`<<: *defaults`) are followed, as
 * Prometheus does, each map once; an alias to nothing reads as absent.
 */
export class YamlNodes {
  readonly #counter: LineCounter;
  /** By name, in the order of the document: a name may be given again. */
  readonly #anchors = new Map<string, Node[]>();

  constructor(document: Document, counter: LineCounter) {
    this.#counter = counter;
    visit(document, {
      Node: (_key, node) => {
        if (!('anchor' in node) || !node.anchor) return;
        const named = this.#anchors.get(node.anchor) ?? [];
        named.push(node);
        this.#anchors.set(node.anchor, named);
      },
    });
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
  field(map: YAMLMap, key: string): unknown {
    for (const source of this.#sources(map)) {
      const found = source.items.find((pair) => this.text(pair.key) === key);
      if (found) return found.value;
    }
    return undefined;
  }

  /** A map of scalars as an object; {} for anything else. */
  texts(node: unknown): Record<string, string> {
    const map = this.map(node);
    const found = new Map<string, string>();
    for (const source of map ? this.#sources(map) : [])
      for (const pair of source.items) {
        const key = this.text(pair.key);
        if (key !== '<<' && !found.has(key)) found.set(key, this.text(pair.value));
      }
    return Object.fromEntries(found);
  }

  /** 1-based; 0 when not known. */
  line(node: unknown): number {
    const start = startOf(node);
    return start === null ? 0 : this.#counter.linePos(start).line;
  }

  /** The map itself and what it merges, what comes first wins. */
  #sources(map: YAMLMap): ReadonlySet<YAMLMap> {
    const seen = new Set<YAMLMap>();
    const add = (source: YAMLMap) => {
      if (seen.has(source)) return;
      seen.add(source);
      for (const pair of source.items) {
        if (this.text(pair.key) !== '<<') continue;
        const one = this.map(pair.value);
        for (const merged of one ? [one] : (this.list(pair.value)?.items ?? [])) {
          const inner = this.map(merged);
          if (inner) add(inner);
        }
      }
    };
    add(map);
    return seen;
  }

  #resolve(node: unknown): unknown {
    if (!isAlias(node)) return node;
    const at = startOf(node) ?? Number.POSITIVE_INFINITY;
    return this.#anchors.get(node.source)?.findLast((one) => (startOf(one) ?? 0) < at);
  }
}

function startOf(node: unknown): number | null {
  const range = node !== null && typeof node === 'object' && 'range' in node ? node.range : null;
  const [start] = Array.isArray(range) ? range : [];
  return typeof start === 'number' ? start : null;
}
