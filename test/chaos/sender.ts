import { setTimeout as pause } from 'node:timers/promises';
import type { Replica } from './stage.ts';

/** Posts alerts as Alertmanager does: in order for each group, again and again until somebody answered 2xx. */
export interface Sender {
  fire(index: number, labels: Readonly<Record<string, string>>): void;
  resolve(index: number): void;
  /** Every alert that was accepted, in the state it was last sent in. */
  sent(): readonly { readonly name: string; readonly status: string }[];
  /** Resolves when everything was accepted. */
  settled(): Promise<void>;
}

const RETRY_MS = 250;

export function createSender(replicas: readonly Pick<Replica, 'url'>[], token: string): Sender {
  const states = new Map<number, { labels: Readonly<Record<string, string>>; startsAt: string; status: string }>();
  const chains = new Map<number, Promise<void>>();
  let turn = 0;

  const post = async (body: string): Promise<void> => {
    for (;;) {
      const replica = replicas[turn++ % replicas.length];
      const status = await fetch(`${replica?.url}/webhooks/alertmanager`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(5_000),
      }).then(
        (response) => response.status,
        () => 0,
      );
      if (status === 200) return;
      if (status >= 400 && status < 500) throw new Error(`the webhook answered ${status}`);
      await pause(RETRY_MS);
    }
  };
  const send = (index: number): void => {
    const state = states.get(index);
    if (!state) return;
    const { labels, startsAt, status } = state;
    const resolved = status === 'resolved';
    const body = JSON.stringify({
      version: '4',
      groupKey: `{}:{alertname="Chaos${index}x"}`,
      truncatedAlerts: 0,
      status,
      receiver: 'lambda-responder',
      externalURL: 'http://alertmanager:9093',
      alerts: [
        {
          status,
          labels: { alertname: `Chaos${index}x`, namespace: `chaos-${index}`, deployment: `app-${index}`, ...labels },
          annotations: {},
          startsAt,
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
      states.set(index, { labels, startsAt: new Date().toISOString(), status: 'firing' });
      send(index);
    },
    resolve(index) {
      const state = states.get(index);
      if (!state || state.status === 'resolved') return;
      state.status = 'resolved';
      send(index);
    },
    sent: () => [...states].map(([index, { status }]) => ({ name: `Chaos${index}x`, status })),
    async settled() {
      // What was about to resolve still does.
      await pause(8_000);
      await Promise.all(chains.values());
    },
  };
}

/** Alerts by what became of them, as /metrics tells: what was received, and the sum of the rest. */
export async function accounts(
  replica: Pick<Replica, 'url'>,
): Promise<{ readonly received: number; readonly rest: number; readonly pending: number; readonly dead: number }> {
  const page = await (await fetch(`${replica.url}/metrics`)).text();
  const states = new Map(
    [...page.matchAll(/^responder_alerts\{state="([^"]+)"\} (\d+)/gm)].map((match) => [match[1], Number(match[2])]),
  );
  const of = (state: string) => states.get(state) ?? 0;
  const total = [...states.values()].reduce((sum, count) => sum + count, 0);
  return { received: of('received'), rest: total - of('received'), pending: of('pending'), dead: of('dead') };
}
