// How long the store takes when it is old: 100,000 incidents and a million timeline entries, each thing done beside the same
// on an empty store in the same run. Run: node bench/store.ts [--incidents=100000] [--entries=10] [--rounds=200]
// With DATABASE_URL=postgres://... on an empty database of that server instead of SQLite.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IncidentDraft } from '../src/incidents/decision.ts';
import { type IncidentWithAlerts, RESPONDER } from '../src/incidents/incident.ts';
import { handleAlertGroup } from '../src/jobs/handleAlertGroup.ts';
import { createLogger } from '../src/logger.ts';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/store.ts';
import { decidingOn } from '../test/conformance/deciding.ts';
import { option } from './stage.ts';

const INCIDENTS = option('incidents', 100_000);
const ENTRIES = option('entries', 10);
const ROUNDS = option('rounds', 200);
const OPEN_ONE_IN = 200;
const DAY_MS = 24 * 3_600_000;

const log = createLogger({ level: 'silent' });
const folder = mkdtempSync(join(tmpdir(), 'bench-store-'));
const path = join(folder, 'responder.db');
const store = await openStore(process.env.DATABASE_URL ?? `sqlite:${path}`, { log });

try {
  const empty = await measure(store, 'empty');
  const began = performance.now();
  await fill(store);
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  const size = store.engine === 'sqlite' ? `, ${(statSync(path).size / 2 ** 20).toFixed(0)} MiB` : '';
  process.stdout.write(
    `${store.engine}: ${INCIDENTS} incidents, ${INCIDENTS * ENTRIES} timeline entries (filled in ${seconds} s${size})\n`,
  );
  const full = await measure(store, 'full');
  const row = (cells: readonly string[]) =>
    `${cells[0]?.padEnd(34)}${cells
      .slice(1)
      .map((cell) => cell.padStart(12))
      .join('')}\n`;
  process.stdout.write(row(['ms', 'empty p50', 'empty p95', 'full p50', 'full p95']));
  for (const [name, times] of full) {
    const before = empty.get(name) ?? [];
    const values = [middle(before, 0.5), middle(before, 0.95), middle(times, 0.5), middle(times, 0.95)];
    process.stdout.write(row([name, ...values]));
  }
  process.stdout.write(`resident ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB\n`);
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}

function middle(values: readonly number[], q: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0).toFixed(2);
}

/** Accepts and decides about one alert, as the webhook and the worker do. */
async function decideAbout(namespace: string, at: number): Promise<void> {
  const labels = { alertname: 'Cause', severity: 'warning', namespace, deployment: 'api' };
  const alerts = [{ status: 'firing', labels, annotations: {}, startsAt: new Date(at).toISOString() }];
  const body = JSON.stringify({ version: '4', groupKey: namespace, status: 'firing', receiver: 'r', alerts });
  const accepted = { body, sender: 'am', senderCluster: null, groupKey: namespace, alertCount: 1, receivedAt: at };
  const { id } = await store.deliveries.accept(accepted);
  await handleAlertGroup(id, decidingOn(store, { clock: () => at, log }));
}

/** Copies of one incident, all but a few resolved long ago, each with its alert, its entries and its card. */
async function fill(target: Store): Promise<void> {
  const template = await target.incidents.find(1);
  if (!template) throw new Error('there is no incident to copy');
  for (let start = 0; start < INCIDENTS; start += 500) {
    const indexes = Array.from({ length: Math.min(500, INCIDENTS - start) }, (_, offset) => start + offset);
    await target.incidents.transact(async (tx) => {
      const numbers = await tx.save(
        indexes.map((index) => copyOf(template, index)),
        Date.now(),
      );
      for (const number of numbers.values()) await tx.append(number, entriesOf(number), Date.now());
    });
    for (const index of indexes)
      if (index % 10 === 0) await target.messages.sent(`card:${index + 1}`, 'C1', `${index}.0`, null);
  }
}

/** One a minute, the last a day ago. */
function openedAt(index: number): number {
  return Date.now() - DAY_MS - (INCIDENTS - index) * 60_000;
}

function copyOf(template: IncidentWithAlerts, index: number): IncidentDraft {
  const at = openedAt(index);
  const isOpen = index % OPEN_ONE_IN === 0;
  const [alert] = template.alerts;
  const incident = {
    ...template.incident,
    number: 0,
    version: 0,
    correlationKey: `default/old-${index}/deployment/api`,
    namespace: `old-${index}`,
    openedAt: at,
    lastActivityAt: at,
    ...(isOpen ? {} : ({ status: 'resolved', resolvedAt: at + 600_000, resolution: 'quiet' } as const)),
  };
  const fingerprint = `f${index}`.padStart(16, '0') as NonNullable<typeof alert>['fingerprint']; // made here, as the parser makes them
  return {
    key: `new:${index}`,
    incident,
    alerts: alert ? [{ ...alert, incidentNumber: 0, fingerprint, lastSeenAt: at }] : [],
    entries: [],
  };
}

function entriesOf(number: number) {
  return Array.from({ length: ENTRIES }, (_, index) => ({
    kind: 'note' as const,
    at: openedAt(number - 1) + index,
    actor: index % 5 === 0 ? { type: 'slack' as const, id: `U${number % 50}`, name: null } : RESPONDER,
    text: `Entry ${index} of incident ${number}, as long as an entry usually is`,
    detail: {},
  }));
}

/** The times of everything that happens all the time, by name. */
async function measure(target: Store, name: string): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map<string, number[]>();
  const timed = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    const began = performance.now();
    await work();
    times.set(what, [...(times.get(what) ?? []), performance.now() - began]);
  };
  const lanes = { person: 8, incident: 8, edit: 8, evidence: 8 };
  const status = ['open', 'acknowledged', 'mitigated'] as const;
  for (let round = 0; round < ROUNDS; round += 1) {
    const namespace = `${name}-${round}`;
    await timed('accept and decide: a new incident', () => decideAbout(namespace, Date.now()));
    await timed('accept and decide: a repeat', () => decideAbout(namespace, Date.now()));
    await timed('claim and complete jobs', async () => {
      await target.jobs.complete(await target.jobs.claim({ lanes, leaseMs: 1_000, now: Date.now() }));
    });
    const number = Math.max(1, Math.floor((INCIDENTS * round) / ROUNDS));
    await timed('an incident with its alerts', () => target.incidents.find(number));
    await timed('its timeline', () => target.incidents.timeline(number));
    await timed('open incidents (50)', () => target.incidents.list({ status, limit: 50 }));
    await timed('the latest incidents (100)', () => target.incidents.list({ limit: 100 }));
    await timed('what somebody touched', () =>
      target.incidents.list({ touchedBy: 'U7', touchedSince: Date.now() - 1_800_000, limit: 5 }),
    );
    await timed('the incident of a thread', () => target.incidents.at('C1', `${number}.0`));
    await timed('the books', () => target.accounting());
    await timed('queue depth', () => target.jobs.depth(Date.now()));
  }
  await timed('retention, once', () =>
    target.trim({ evidenceOlderThanMs: DAY_MS, maxEvidenceBytes: 2 ** 31, now: Date.now() }),
  );
  return times;
}
