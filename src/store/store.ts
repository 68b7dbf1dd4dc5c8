import type { IncidentWithAlerts } from '../incidents/incident.ts';
import { type Accounting, readAccounting } from './accounting.ts';
import { type CardGroupRepository, createCardGroups } from './cardGroups.ts';
import { createDeliveries, type Deliveries } from './deliveries.ts';
import { type DeliveryRetention, type TrimmedDeliveries, trimDeliveries } from './deliveryRetention.ts';
import type { Engine } from './engine.ts';
import { createEvidence, type EvidenceRepository } from './evidence.ts';
import { createIncidents, type Incidents, type TextRedaction } from './incidents.ts';
import type { Jobs } from './jobShape.ts';
import { createJobs } from './jobs.ts';
import { createMentions, createMessages, type MessageRepository } from './messages.ts';
import { createMeters, type Meters } from './meters.ts';
import { createPosts, type PostRepository } from './posts.ts';
import { createRejectedBodies, type RejectedBodies } from './rejected.ts';
import { createReplicas, type Replicas } from './replicas.ts';
import { type Retention, type Trimmed, trimStore } from './retention.ts';
import { createSeen } from './seen.ts';
import { createHeartbeats, createSettings, type Heartbeats, type Settings } from './settings.ts';
import { createTurns, type Turns } from './turns.ts';
import { createUndelivered, type UndeliveredRepository } from './undelivered.ts';
import { readUnresolved } from './unresolved.ts';

/** Everything the program remembers. Times are epoch milliseconds; what is thrown is a ResponderError. */
export interface Store {
  readonly engine: 'sqlite' | 'postgres';
  /** Random, made once when the store is created: marks our messages in Slack. */
  readonly instance: string;
  readonly deliveries: Deliveries;
  readonly rejected: RejectedBodies;
  readonly incidents: Incidents;
  readonly evidence: EvidenceRepository;
  readonly posts: PostRepository;
  readonly messages: MessageRepository;
  readonly mentions: ReturnType<typeof createMentions>;
  readonly seen: ReturnType<typeof createSeen>;
  readonly jobs: Jobs;
  readonly heartbeats: Heartbeats;
  readonly settings: Settings;
  readonly turns: Turns;
  readonly meters: Meters;
  readonly replicas: Replicas;
  readonly groups: CardGroupRepository;
  readonly undelivered: UndeliveredRepository;
  /** Unresolved incidents with their alerts and numbers above `after`, by number. */
  unresolved(after: number, limit: number): Promise<readonly IncidentWithAlerts[]>;
  accounting(): Promise<Accounting>;
  /** Writes something. @throws ResponderError store_unavailable when that is not possible. */
  probe(): Promise<void>;
  trim(retention: Retention): Promise<Trimmed>;
  trimDeliveries(retention: DeliveryRetention): Promise<TrimmedDeliveries>;
  /** Ends after what is under way. */
  close(): Promise<void>;
}

export interface StoreParts {
  readonly engine: Engine;
  readonly instance: string;
  readonly clock: () => number;
  readonly redaction: TextRedaction;
  readonly close: () => Promise<void>;
}

const BALLAST = 1024 * 1024;

/**
 * A small write; after a refused one, a large one first: a disk may have room for a time stamp and none for a delivery.
 */
async function probeStore(engine: Engine, settings: Settings, now: number): Promise<void> {
  if (engine.troubled) {
    await settings.set('probe_ballast', 'x'.repeat(BALLAST));
    await settings.set('probe_ballast', '');
    engine.recovered();
  }
  await settings.set('probed_at', String(now));
}

/** The repositories over one engine. */
export function createStore(parts: StoreParts): Store {
  const { engine, clock, redaction } = parts;
  const { redact } = redaction;
  const settings = createSettings(engine);
  return {
    engine: engine.grammar.engine,
    instance: parts.instance,
    deliveries: createDeliveries(engine),
    rejected: createRejectedBodies(engine, redact),
    incidents: createIncidents(engine, clock, redaction),
    evidence: createEvidence(engine),
    posts: createPosts(engine),
    messages: createMessages(engine, clock),
    mentions: createMentions(engine),
    seen: createSeen(engine),
    jobs: createJobs(engine, redact),
    heartbeats: createHeartbeats(engine),
    settings,
    turns: createTurns(engine),
    meters: createMeters(engine),
    replicas: createReplicas(engine),
    groups: createCardGroups(engine),
    undelivered: createUndelivered(engine),
    unresolved: (after, limit) => readUnresolved(engine, after, limit),
    accounting: () => readAccounting(engine),
    probe: () => probeStore(engine, settings, clock()),
    trim: (retention) => trimStore(engine, retention),
    trimDeliveries: (retention) => trimDeliveries(engine, retention),
    close: parts.close,
  };
}
