import { setTimeout as pause } from 'node:timers/promises';
import type { ShownMessage } from '../../simulator/workspace/control.ts';
import { type Replica, TOKEN } from './stage.ts';

/** Until nothing is due any more; what a long run heaped up takes its time at one message a second in a channel. */
export async function quiet(replica: Replica, seconds = 180): Promise<void> {
  const end = Date.now() + seconds * 1_000;
  for (let calm = 0; calm < 5; ) {
    if (Date.now() > end) throw new Error(`the queue did not empty: ${replica.output().slice(-1_500)}`);
    await pause(1_000);
    const page = await (await fetch(`${replica.url}/metrics`)).text();
    const waiting = [...page.matchAll(/^responder_queue_jobs\{[^}]*\} (\d+)/gm)].map((match) => Number(match[1]));
    // Without its store a replica tells nothing.
    calm = waiting.length > 0 && waiting.every((count) => count === 0) ? calm + 1 : 0;
  }
}

/** What a responder knows of an incident, as its API tells. */
export interface Known {
  readonly incident: {
    readonly number: number;
    readonly title: string;
    readonly status: string;
    readonly severity: string;
  };
  readonly alerts: readonly { readonly name: string; readonly status: string }[];
  readonly timeline: readonly Entry[];
}

export interface Entry {
  readonly id: number;
  readonly kind: string;
  readonly text: string;
  readonly at: number;
  readonly recordedAt: number;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Every incident, by number. */
export async function incidents(replica: Replica): Promise<readonly Known[]> {
  const found: Known[] = [];
  for (let number = 1; ; number += 1) {
    const response = await fetch(`${replica.url}/api/incidents/${number}`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    if (response.status === 404) return found;
    found.push((await response.json()) as Known); // our own API
  }
}

/** Which view of an incident a message shows, e.g. `card:3`; null for what shows none. */
export function viewOf(message: ShownMessage): string | null {
  const payload: unknown = message.metadata?.event_payload;
  return typeof payload === 'object' && payload !== null && 'view' in payload ? String(payload.view) : null;
}
