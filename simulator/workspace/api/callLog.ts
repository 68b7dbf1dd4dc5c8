import type { Json } from '../state.ts';

/** One Web API call as the app made it and as it ended. */
export interface LoggedCall {
  readonly method: string;
  readonly args: Json;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly ok: boolean;
  readonly error?: string;
  readonly status: number;
}

export interface CallLog {
  add(call: LoggedCall): void;
  list(): readonly LoggedCall[];
  clear(): void;
}

const KEPT = 5_000;

/** Remembers the last 5,000 calls. */
export function createCallLog(): CallLog {
  let calls: LoggedCall[] = [];
  return {
    add(call) {
      calls.push(call);
      if (calls.length > KEPT * 1.2) calls = calls.slice(-KEPT);
    },
    list: () => calls.slice(-KEPT),
    clear() {
      calls = [];
    },
  };
}
