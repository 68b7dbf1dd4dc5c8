import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Era, ProfileName } from '../../manifests/prometheus/names.ts';
import { namesOf } from '../../manifests/prometheus/names.ts';
import { ruleGroups } from '../../manifests/prometheus/ruleFile.ts';
import { installPlatformMetrics } from '../../simulator/metrics/platform.ts';
import { type Metrics, startMetrics } from '../../simulator/metrics/start.ts';
import { createLogger } from '../../src/logger.ts';
import { openPrometheus, type Prometheus } from '../../src/prometheus/openPrometheus.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';

export const silent = createLogger({ level: 'silent' });

export interface Servers {
  /** A simulated Prometheus; with a profile it has the series and rules of a healthy platform. */
  simulated(platform?: { readonly profile: ProfileName; readonly era: Era }): Promise<Metrics>;
  /** Whatever else may answer at that address. */
  other(answer: RequestListener): Promise<string>;
  closeAll(): Promise<void>;
}

export function createServers(now: () => number = Date.now): Servers {
  const closers: (() => Promise<void>)[] = [];
  return {
    async simulated(platform) {
      const rules = platform ? ruleGroups(namesOf(platform.profile, platform.era)) : [];
      const server = await startMetrics({ clock: { now }, rules });
      closers.push(() => server.close());
      if (platform) installPlatformMetrics(server.store, { ...platform, now: now() });
      return server;
    },
    async other(answer) {
      const server = createServer(answer);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      closers.push(
        () =>
          new Promise((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      );
      // A listening TCP server always has an address object.
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    async closeAll() {
      for (const close of closers.splice(0)) await close();
    },
  };
}

/** A client, and the outcomes it told. */
export function client(url: string): { readonly prometheus: Prometheus; readonly outcomes: string[] } {
  const outcomes: string[] = [];
  const prometheus = openPrometheus({
    url,
    simulated: true,
    log: silent,
    redactor: createRedactor(),
    onOutcome: (outcome) => outcomes.push(outcome),
  });
  return { prometheus, outcomes };
}
