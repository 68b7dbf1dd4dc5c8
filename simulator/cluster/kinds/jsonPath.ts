/**
 * The part of JSONPath that printer columns of custom resources use: `.a.b`, `['a.b']`, `[0]`, `[*]` and
 * `[?(@.type=="Ready")]`. Returns every value the path finds; a path nobody understands finds nothing.
 */
export function readPath(root: unknown, path: string): readonly unknown[] {
  let values: readonly unknown[] = [root];
  for (const step of steps(path)) values = values.flatMap((value) => step(value));
  return values;
}

type Step = (value: unknown) => readonly unknown[];

const TOKEN =
  /\.?([\w-]+(?:\\\.[\w-]+)*)|\[(?:'([^']*)'|"([^"]*)")\]|\[(\d+)\]|\[(\*)\]|\[\?\(@\.([\w.-]+)\s*==\s*(?:'([^']*)'|"([^"]*)")\)\]/y;

function steps(path: string): readonly Step[] {
  const found: Step[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < path.length) {
    const match = TOKEN.exec(path);
    if (!match) return [() => []];
    const [, name, single, double, index, all, filterKey, filterSingle, filterDouble] = match;
    if (all) found.push((value) => (Array.isArray(value) ? value : Object.values(asRecord(value))));
    else if (index) found.push((value) => present(Array.isArray(value) ? value[Number(index)] : undefined));
    else if (filterKey) found.push(filter(filterKey, filterSingle ?? filterDouble ?? ''));
    else {
      const key = (name ?? single ?? double ?? '').replaceAll('\\.', '.');
      found.push((value) => present(asRecord(value)[key]));
    }
  }
  return found;
}

function filter(key: string, wanted: string): Step {
  return (value) =>
    Array.isArray(value) ? value.filter((item) => String(readPath(item, `.${key}`)[0] ?? '') === wanted) : [];
}

function present(value: unknown): readonly unknown[] {
  return value === undefined || value === null ? [] : [value];
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' ? { ...value } : {};
}
