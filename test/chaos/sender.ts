import { setTimeout as pause } from 'node:timers/promises';
import type { Replica } from './stage.ts';

/** A state of an alert, as its sender told it. */
export interface SentState {
  readonly status: 'firing' | 'resolved';
  /** Epoch ms: which firing it is, or the end of which. */
  readonly startsAt: number;
}

/** Posts alerts as Alertmanager does: in order for each group, again and again until somebody answered 2xx. */
export interface Sender {
  fire(index: number, labels: Readonly<Record<string, string>>): void;
  resolve(index: number): void;
  /** A resolved alert fires again, from now on. */
  refire(index: number): void;
  /** How many alerts were answered 200 so far. */
  accepted(): number;
  /** By name, every state an alert was sent in, in order. */
  history(): ReadonlyMap<string, readonly SentState[]>;
  /** Every alert that was accepted, in the state it was last sent in. */
  sent(): readonly { readonly name: string; readonly status: string }[];
  /** Resolves when everything was accepted. */
  settled(): Promise<void>;
}

const RETRY_MS = 250;

export function createSender(replicas: readonly Pick<Replica, 'url'>[], token: string): Sender {
  const states = new Map<number, { labels: Readonly<Record<string, string>>; told: SentState[] }>();
  const chains = new Map<number, Promise<void>>();
  let turn = 0;
  let accepted = 0;

  const post = async (body: string): Promise<void> => {
    for (;;) {
      const replica = replicas[turn++ % replicas.length];
      const status = await fetch(`${replica?.url}/webhooks/alertmanager`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(10_000),
      }).then(
        (response) => response.status,
        () => 0,
      );
      if (status === 200) {
        accepted += 1;
        return;
      }
      if (status >= 400 && status < 500) throw new Error(`the webhook answered ${status}`);
      await pause(RETRY_MS);
    }
  };
  const send = (index: number): void => {
    const state = states.get(index);
    const told = state?.told.at(-1);
    if (!state || !told) return;
    const { status } = told;
    const resolved = status === 'resolved';
    const body = JSON.stringify({
      version: '4',
      groupKey: `{}:{alertname="${nameOf(index)}"}`,
      truncatedAlerts: 0,
      status,
      receiver: 'lambda-responder',
      externalURL: 'http://alertmanager:9093',
      alerts: [
        {
          status,
          labels: {
            alertname: nameOf(index),
            namespace: `chaos-${index}`,
            deployment: `app-${index}`,
            ...state.labels,
          },
          annotations: {},
          startsAt: new Date(told.startsAt).toISOString(),
          endsAt: resolved ? new Date().toISOString() : '0001-01-01T00:00:00Z',
        },
      ],
    });
    chains.set(
      index,
      (chains.get(index) ?? Promise.resolve()).then(() => post(body)),
    );
  };
  return {
    fire(index, labels) {
      states.set(index, { labels, told: [{ status: 'firing', startsAt: Date.now() }] });
      send(index);
    },
    resolve(index) {
      const told = states.get(index)?.told;
      const last = told?.at(-1);
      if (last?.status !== 'firing') return;
      told?.push({ status: 'resolved', startsAt: last.startsAt });
      send(index);
    },
    refire(index) {
      const told = states.get(index)?.told;
      if (told?.at(-1)?.status !== 'resolved') return;
      told.push({ status: 'firing', startsAt: Date.now() });
      send(index);
    },
    accepted: () => accepted,
    history: () => new Map([...states].map(([index, { told }]) => [nameOf(index), [...told]])),
    sent: () => [...states].map(([index, { told }]) => ({ name: nameOf(index), status: told.at(-1)?.status ?? '' })),
    async settled() {
      await Promise.all(chains.values());
    },
  };
}

function nameOf(index: number): string {
  return `Chaos${index}x`;
}

/** Alerts by what became of them, as /metrics tells: what was received (null when it does not know), and the sum of the rest. */
export async function accounts(replica: Pick<Replica, 'url'>): Promise<{
  readonly received: number | null;
  readonly rest: number;
  readonly pending: number;
  readonly dead: number;
}> {
  const page = await (await fetch(`${replica.url}/metrics`, { signal: AbortSignal.timeout(10_000) })).text();
  const states = new Map(
    [...page.matchAll(/^responder_alerts\{state="([^"]+)"\} (\d+)/gm)].map((match) => [match[1], Number(match[2])]),
  );
  const of = (state: string) => states.get(state) ?? 0;
  const total = [...states.values()].reduce((sum, count) => sum + count, 0);
  const received = states.get('received') ?? null;
  return { received, rest: total - (received ?? 0), pending: of('pending'), dead: of('dead') };
}

/** Jobs of any kind that were given up for good. */
export async function deadJobs(replica: Pick<Replica, 'url'>): Promise<number> {
  const page = await (await fetch(`${replica.url}/metrics`)).text();
  return Number(/^responder_dead_jobs (\S+)/m.exec(page)?.[1] ?? Number.NaN);
}
