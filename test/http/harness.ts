import type { Invocation } from '../../src/commands/invocation.ts';
import { reply } from '../../src/commands/reply.ts';
import { ResponderError } from '../../src/errors.ts';
import type { Intake } from '../../src/http/ports.ts';
import { type HttpServer, startHttp } from '../../src/http/server.ts';
import type { ReadAddress } from '../../src/http/snsSignature.ts';
import { createLogger } from '../../src/logger.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';

export const DEAD = {
  id: 7,
  kind: 'deliverCard',
  payload: { incident: 3 },
  attempts: 1,
  createdAt: 1,
  deadAt: 2,
  error: 'internal: a defect',
};

type Accepted = Parameters<Intake['accept']>[0];
type Refused = Parameters<Intake['refuse']>[0];

export interface Harness {
  readonly server: HttpServer;
  readonly accepted: Accepted[];
  readonly refused: Refused[];
  readonly invocations: Invocation[];
  /** While set, the store cannot be written. */
  storeDown: boolean;
  /** The store takes a delivery once this resolves. */
  gate: Promise<void> | null;
  /** How many deliveries have come to the gate. */
  atGate: number;
}

const running: HttpServer[] = [];
/** For `afterEach`: closes what a test started. */
export async function closeAll(): Promise<void> {
  await Promise.all(running.splice(0).map((server) => server.close()));
}

export async function start(
  over: {
    host?: string;
    port?: number;
    tokens?: string[];
    apiToken?: string | null;
    maxBody?: number;
    proxyHeader?: string;
    trustedProxies?: string[];
    readAmazon?: ReadAddress;
    clock?: () => number;
  } = {},
): Promise<Harness> {
  const accepted: Accepted[] = [];
  const refused: Refused[] = [];
  const invocations: Invocation[] = [];
  const harness = { accepted, refused, invocations, storeDown: false, gate: null, atGate: 0 } as {
    -readonly [key in keyof Harness]: Harness[key];
  }; // the server follows
  const guard = () => {
    if (harness.storeDown) throw new ResponderError('store_unavailable', 'the disk is full');
  };
  const server = await startHttp({
    host: over.host ?? '127.0.0.1',
    port: over.port ?? 0,
    trustedProxies: over.trustedProxies ?? [],
    redaction: createRedactor(),
    webhook: {
      intake: {
        accept: async (delivery) => {
          guard();
          if (harness.gate) harness.atGate += 1;
          await harness.gate;
          return { id: accepted.push(delivery) };
        },
        refuse: async (one) => {
          guard();
          refused.push(one);
        },
      },
      tokens: (over.tokens ?? []).map((token, index) => ({
        name: `sender-${index}`,
        token,
        cluster: index === 0 ? null : `c${index}`,
      })),
      maxBody: over.maxBody ?? 1024 * 1024,
      ...(over.readAmazon ? { readAmazon: over.readAmazon } : {}),
      clock: over.clock ?? (() => 1_000),
    },
    api: {
      apiToken: over.apiToken ?? null,
      personalTokens: [{ name: 'ana', token: 'anas-token', cluster: null }],
      incidents: { find: async () => null, list: async () => [], timeline: async () => [], alertsOf: async () => [] },
      postmortems: {
        of: async (number) => {
          if (number !== 7) throw new ResponderError('not_found', `there is no incident #${number}`);
          return { markdown: '# 7', json: '{"schemaVersion":1}' };
        },
      },
      deadLetters: {
        list: async () => [DEAD],
        find: async (id) => (id === DEAD.id ? DEAD : null),
        retry: async (id) => id === DEAD.id,
      },
      refused: { list: async () => refused.map((one, index) => ({ ...one, id: index + 1 })) },
      commands: {
        run: async (invocation) => {
          invocations.push(invocation);
          return reply({ title: 'Jobs' });
        },
      },
      clock: () => 1_000,
    },
    proxyHeader: over.proxyHeader ?? null,
    runbooks: {
      list: () => [{ id: 'area/Name', title: 'A name' }],
      read: async (id) =>
        id === 'area/Name' ? { title: 'A name', markdown: '# A name\n\n<script>alert(1)</script>\n\n1. Step' } : null,
    },
    health: { probe: async () => guard(), detail: async () => ({ slack: { connected: false } }) },
    metrics: createMetrics(),
    log: createLogger({ level: 'silent' }),
    slackEvents: null,
  });
  running.push(server);
  harness.server = server;
  return harness;
}

export const DELIVERY = JSON.stringify({
  version: '4',
  groupKey: '{}:{alertname="A"}',
  status: 'firing',
  receiver: 'r',
  alerts: [{ status: 'firing', labels: { alertname: 'A' }, startsAt: '2026-11-24T00:00:00Z' }],
});

export function post(
  harness: Harness,
  path: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${harness.server.url}${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
}
