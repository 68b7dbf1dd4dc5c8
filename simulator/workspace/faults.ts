/**
 * `lost_answer`: the call took effect, and its connection broke before the answer. `late`: the connection breaks at once,
 * and the call takes effect `seconds` after. `refused`: `ok: false` with `error`. `refresh_at_hello`: each new socket is
 * asked at once to be replaced.
 */
export const FAULT_KINDS = [
  'down',
  'rate_limited',
  'slow',
  'drop_socket',
  'lost_answer',
  'late',
  'refused',
  'duplicate_delivery',
  'refresh_at_hello',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A way in which Slack misbehaves, on request. */
export interface Fault {
  readonly kind: FaultKind;
  /** Only for this Web API method, e.g. `chat.postMessage`; without it, for all. */
  readonly method?: string;
  /** How long it lasts; for `slow`, how long each answer takes; for `late`, how late each call takes effect. */
  readonly seconds?: number;
  /** How many calls or deliveries it touches. Without `seconds` and `count`: until cleared, but `lost_answer`, `late`, `duplicate_delivery` and `drop_socket` once. */
  readonly count?: number;
  /** With `down`: answer this HTTP status instead of cutting the connection. */
  readonly status?: number;
  /** With `refused`: Slack's word for why. */
  readonly error?: string;
}

interface Active {
  readonly fault: Fault;
  readonly until: number;
  left: number;
}

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  list(): Fault[];
  /** How often each was met so far, by `faultName`. */
  met(): Readonly<Record<string, number>>;
  /** The fault of this kind that applies now, which uses up one of its count. */
  take(kind: Fault['kind'], method?: string): { readonly fault: Fault; readonly secondsLeft: number } | undefined;
  /** Whether new sockets are refused: while down for all methods, and after a `drop_socket` with seconds. */
  refusesSockets(): boolean;
}

const ONCE: ReadonlySet<Fault['kind']> = new Set(['lost_answer', 'late', 'duplicate_delivery', 'drop_socket']);
/** Of these `seconds` says how slow a call is, not how long the fault lasts. */
const SLOWING: ReadonlySet<Fault['kind']> = new Set(['slow', 'late']);
/** Slack's usual Retry-After when a caller names none. */
const DEFAULT_RETRY_SECONDS = 1;

/** What a fault is counted as: its kind, and the method and status when it has them, e.g. `down 503`. */
export function faultName({ kind, method, status }: Fault): string {
  return [kind, method, status].filter((part) => part !== undefined).join(' ');
}

export function createFaults(now: () => number): Faults {
  let active: Active[] = [];
  const met: Record<string, number> = {};
  const current = () => {
    active = active.filter((one) => one.left > 0 && one.until > now());
    return active;
  };
  return {
    add(fault) {
      const lasting = !SLOWING.has(fault.kind) && fault.seconds !== undefined;
      active.push({
        fault,
        until: lasting ? now() + (fault.seconds ?? 0) * 1000 : Number.POSITIVE_INFINITY,
        left: fault.count ?? (ONCE.has(fault.kind) && !lasting ? 1 : Number.POSITIVE_INFINITY),
      });
    },
    clear() {
      active = [];
    },
    list: () => current().map((one) => one.fault),
    met: () => ({ ...met }),
    take(kind, method) {
      const found = current().find(
        (one) => one.fault.kind === kind && (one.fault.method === undefined || one.fault.method === method),
      );
      if (!found) return undefined;
      found.left -= 1;
      met[faultName(found.fault)] = (met[faultName(found.fault)] ?? 0) + 1;
      const left = Number.isFinite(found.until) ? Math.ceil((found.until - now()) / 1000) : DEFAULT_RETRY_SECONDS;
      return { fault: found.fault, secondsLeft: Math.max(1, left) };
    },
    refusesSockets: () =>
      current().some(
        ({ fault }) =>
          (fault.kind === 'down' && fault.method === undefined) ||
          (fault.kind === 'drop_socket' && fault.seconds !== undefined),
      ),
  };
}
