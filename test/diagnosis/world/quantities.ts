/** Quantities as Kubernetes writes them (k8s.io/apimachinery/pkg/api/resource). */

const SUFFIX: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

export function amount(quantity: string): number {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(quantity);
  const factor = SUFFIX[match?.[2] ?? '?'];
  if (match === null || factor === undefined) throw new Error(`no quantity: ${quantity}`);
  return Number(match[1]) * factor;
}

/** The canonical form: milli where it is no whole number, the largest binary suffix that divides it for bytes. */
export function quantity(value: number, bytes: boolean): string {
  if (!bytes) return Number.isInteger(value) ? String(value) : `${Math.round(value * 1_000)}m`;
  const fits = ['Ti', 'Gi', 'Mi', 'Ki'].find(
    (suffix) => value >= (SUFFIX[suffix] ?? 1) && value % (SUFFIX[suffix] ?? 1) === 0,
  );
  return fits === undefined ? String(value) : `${value / (SUFFIX[fits] ?? 1)}${fits}`;
}
