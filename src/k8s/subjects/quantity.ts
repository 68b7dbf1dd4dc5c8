const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A Kubernetes quantity (`250m`, `1.5Gi`, `2e3`) as a number of cores or bytes; null when it is none. */
export function quantity(text: string | undefined): number | null {
  const match = /^([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(text ?? '');
  const factor = match?.[2] === undefined ? undefined : SUFFIXES[match[2]];
  return match?.[1] === undefined || factor === undefined ? null : Number(match[1]) * factor;
}

/** Cores as `kubectl top` prints them: `250m`. */
export function millicores(cores: number): string {
  return `${Math.ceil(cores * 1000 - 1e-6)}m`;
}

/** Bytes as `kubectl top` prints them: `128Mi`. */
export function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)}Mi`;
}
