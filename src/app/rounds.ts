import type { Config } from '../config.ts';
import { coerceError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Store } from '../store/store.ts';
import { type OwnAlert, ownDelivery, silentAlert } from '../triage/ownAlerts.ts';

const WATCH_MS = 15_000;
const TRIM_MS = 60 * 60_000;

export interface RoundParts {
  readonly config: Config;
  readonly store: Store;
  readonly log: Logger;
  readonly clock: () => number;
}

/** What is looked after again and again: the dead man's switch, and how much evidence is kept. */
export function startRounds(parts: RoundParts): { close(): Promise<void> } {
  const startedAt = parts.clock();
  const rounds = [
    every(WATCH_MS, parts.log, 'the dead man’s switch', () => watchHeartbeats(parts, startedAt)),
    every(TRIM_MS, parts.log, 'retention', async () => {
      const { evidenceMs, evidenceBytes } = parts.config.retention;
      const trimmed = await parts.store.trim({
        evidenceOlderThanMs: evidenceMs,
        maxEvidenceBytes: evidenceBytes,
        now: parts.clock(),
      });
      parts.log.info(trimmed, 'trimmed the store');
    }),
  ];
  return {
    async close() {
      await Promise.all(rounds.map((round) => round.close()));
    },
  };
}

/** Runs `work` every `ms`, never twice at once; a failure is logged and tried again in the next round. */
function every(ms: number, log: Logger, name: string, work: () => Promise<void>): { close(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = work()
      .catch((thrown: unknown) => log.warn({ err: coerceError(thrown) }, `${name}: this round failed`))
      .finally(() => {
        busy = false;
      });
  }, ms);
  return {
    close() {
      clearInterval(timer);
      return running;
    },
  };
}

/**
 * Fires when a cluster that was heard twice falls silent for longer than configured, and resolves when it is heard
 * again. While the responder itself was down it could not hear, so silence counts from its start at the earliest.
 */
export async function watchHeartbeats(parts: RoundParts, startedAt: number): Promise<void> {
  const now = parts.clock();
  const report = (alert: OwnAlert) => parts.store.deliveries.accept(ownDelivery(alert, now));
  for (const { cluster, lastAt, beats } of await parts.store.heartbeats.list()) {
    if (beats < 2) continue;
    const key = `silent_since:${cluster}`;
    const firing = (await parts.store.settings.get(key)) || null;
    const silent = now - Math.max(lastAt, startedAt) > parts.config.watchdogFireAfterMs;
    if (silent && firing === null) {
      await report(silentAlert(cluster, lastAt, 'firing'));
      await parts.store.settings.set(key, String(lastAt));
    } else if (firing !== null && lastAt > Number(firing)) {
      await report(silentAlert(cluster, Number(firing), 'resolved'));
      await parts.store.settings.set(key, '');
    }
  }
}
