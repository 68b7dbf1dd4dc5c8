import { DEFAULT_WATCHDOG, watchdogStep } from '../incidents/decide/watchdog.ts';
import { FIXED_RULES } from '../incidents/policy.ts';
import { disconnectedAlert, type OwnAlert, ownDelivery, silentAlert } from './ownAlerts.ts';
import type { OwnDelivery } from './ports.ts';

/** Slack that no replica reaches for so long is an alert of our own: docs/rules.md#slack-disconnected. */
const SLACK_SILENT_MS = FIXED_RULES.slack.disconnectedMs;
const SLACK_HEARD = 'slack_connected_at';

export interface WatchParts {
  readonly store: {
    readonly settings: { get(key: string): Promise<string | null>; set(key: string, value: string): Promise<void> };
    /** When the watchdog of each cluster was last heard, epoch ms, and how often. */
    readonly heartbeats: {
      list(): Promise<readonly { readonly cluster: string; readonly lastAt: number; readonly beats: number }[]>;
    };
    readonly deliveries: { accept(delivery: OwnDelivery): Promise<unknown> };
  };
  readonly clock: () => number;
  /** When this process began to listen, epoch ms: before that nothing could be heard. */
  readonly startedAt: number;
}

/** The dead man's switch of every cluster that was heard. */
export async function watchHeartbeats(parts: WatchParts & { readonly fireAfterMs: number }): Promise<void> {
  for (const { cluster, lastAt, beats } of await parts.store.heartbeats.list()) {
    await watch(parts, {
      key: `silent_since:${cluster}`,
      lastAt,
      beats,
      policy: { ...DEFAULT_WATCHDOG, fireAfterMs: parts.fireAfterMs },
      alert: (heardAt, status) => silentAlert(cluster, heardAt, status),
    });
  }
}

/** Notes that this replica is connected; any one that is, is enough. */
export async function noteSlack(
  parts: WatchParts,
  slack: { status(): { readonly connected: boolean } },
): Promise<void> {
  if (slack.status().connected) await parts.store.settings.set(SLACK_HEARD, String(parts.clock()));
}

/** Fires when no replica was connected to Slack for two minutes, and resolves when one is again. */
export async function watchSlack(parts: WatchParts): Promise<void> {
  const lastAt = Number((await parts.store.settings.get(SLACK_HEARD)) ?? 0);
  const policy = { fireAfterMs: SLACK_SILENT_MS, armedBy: 1 };
  await watch(parts, { key: 'slack_silent_since', lastAt, beats: 1, policy, alert: disconnectedAlert });
}

interface Watched {
  /** Where it is remembered that it fires, and what was heard last by then. */
  readonly key: string;
  readonly lastAt: number;
  readonly beats: number;
  readonly policy: typeof DEFAULT_WATCHDOG;
  readonly alert: (heardAt: number, status: OwnAlert['status']) => OwnAlert;
}

/** Told before it is remembered: a crash in between tells it again, which intake knows to be a repeat. */
async function watch(parts: WatchParts, { key, lastAt, beats, policy, alert }: Watched): Promise<void> {
  const now = parts.clock();
  const stored = (await parts.store.settings.get(key)) || null;
  const silentSince = stored === null ? null : Number(stored);
  const step = watchdogStep({ lastAt, beats }, silentSince, parts.startedAt, now, policy);
  if (step === 'stay') return;
  // Where nothing was ever heard, the silence began with us.
  const since = silentSince ?? (lastAt === 0 ? parts.startedAt : lastAt);
  await parts.store.deliveries.accept(ownDelivery(alert(since, step === 'fire' ? 'firing' : 'resolved'), now));
  await parts.store.settings.set(key, step === 'fire' ? String(since) : '');
}
