import type { AddressInfo } from 'node:net';
import { createCallLog } from './api/callLog.ts';
import { createRateLimits } from './api/rates.ts';
import { createChanges } from './changes.ts';
import { controlRoute } from './control/controlRoutes.ts';
import { HttpDelivery } from './delivery/http.ts';
import { createOutbound } from './delivery/outbound.ts';
import { Sockets } from './delivery/sockets.ts';
import { createFaults } from './faults.ts';
import { createIds } from './ids.ts';
import { OPEN_MANIFEST, readManifests } from './manifest.ts';
import { emptyState, fillState, type Seed } from './seed.ts';
import { createWorkspaceServer } from './server.ts';
import { APP_TOKEN, BOT_TOKEN, type Settings, SIGNING_SECRET, SLACK_SETTINGS } from './slackSettings.ts';
import { emojiRoute } from './ui/emojiFiles.ts';
import { createPage } from './ui/page.ts';
import { uiRoute } from './ui/routes.ts';
import type { World } from './world.ts';

export interface WorkspaceOptions {
  /** 0, the default, picks a free one. */
  readonly port?: number;
  readonly host?: string;
  /** The address the app reaches it by, which its links and sockets name; its own unless given. */
  readonly publicUrl?: string;
  readonly seed?: Seed;
  /** As strict as Slack about limits, blocks and scopes. Default true. */
  readonly strict?: boolean;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  /** The base address of the scenario control API, which the page's panel speaks to. */
  readonly scenarioControl?: string;
  /** Deliver signed HTTP to this address instead of Socket Mode; the app may start later. */
  readonly requestUrl?: string;
  /** The folder of the app manifests; null allows the app everything. Default `manifests/slack`. */
  readonly manifests?: string | null;
  readonly settings?: Partial<Settings>;
  /** Build the page in the background now rather than when it is first opened. Default false. */
  readonly prebuildPage?: boolean;
}

/** A running simulated workspace. */
export interface Workspace {
  readonly url: string;
  /** What `SLACK_API_URL` is set to. */
  readonly apiUrl: string;
  readonly port: number;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  close(): Promise<void>;
}

/** Starts Slack on this machine: Web API, Socket Mode, signed HTTP delivery and the control API on one port. */
export async function startWorkspace(options: WorkspaceOptions = {}): Promise<Workspace> {
  const host = options.host ?? '127.0.0.1';
  let url = '';
  const { world, http } = createWorld(options, () => options.publicUrl ?? url);
  const page = createPage();
  const routes = [controlRoute(world, { http }), uiRoute(world, options.scenarioControl), emojiRoute, page.route];
  const server = createWorkspaceServer(world, routes);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  url = `http://${reachable(host)}:${port}`;
  // Whoever opens the page is told when it cannot be built; the workspace itself does not need it.
  if (options.prebuildPage) page.ready().catch(() => undefined);
  if (options.requestUrl) http.trustUrl(options.requestUrl);
  return {
    url,
    apiUrl: `${url}/api/`,
    port,
    botToken: BOT_TOKEN,
    appToken: APP_TOKEN,
    signingSecret: SIGNING_SECRET,
    async close() {
      http.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await world.sockets.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function createWorld(options: WorkspaceOptions, url: () => string): { world: World; http: HttpDelivery } {
  const now = options.clock ?? Date.now;
  const settings: Settings = { ...SLACK_SETTINGS, strict: options.strict ?? true, ...options.settings };
  const manifest = options.manifests === null ? OPEN_MANIFEST : readManifests(options.manifests);
  const ids = createIds(now);
  const faults = createFaults(now);
  const sockets = new Sockets(settings, faults);
  const http = new HttpDelivery(settings, now);
  const state = emptyState();
  fillState(state, now(), options.seed);
  const world: World = {
    state,
    settings,
    manifest,
    ids,
    faults,
    sockets,
    changes: createChanges(),
    calls: createCallLog(),
    rates: createRateLimits(now, settings.channelBurst),
    outbound: createOutbound({
      manifest,
      sockets,
      http,
      faults,
      ids,
      now,
      isShared: (channel) => state.channels.get(channel)?.is_ext_shared === true,
    }),
    now,
    url,
    reset() {
      for (const part of Object.values(state)) part.clear();
      fillState(state, now(), options.seed);
      faults.clear();
      world.rates.reset();
      world.calls.clear();
      sockets.reset();
      world.changes.publish({ kind: 'reset' });
    },
  };
  return { world, http };
}

/** The address under which this machine reaches what listens on `host`. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
