import { z } from 'zod';
import type { LiveLook, LiveLooks } from '../commands/ports.ts';
import type { Reply } from '../commands/reply.ts';
import { FIXED_RULES } from '../incidents/policy.ts';
import { type JobRequest, jobOf } from './jobKinds.ts';

/** How often it is edited at most, and for how long in all: docs/rules.md#live. */
export const { everyMs: EVERY_MS, longestMs: LONGEST_MS } = FIXED_RULES.live;
/** Nobody looked after it for so long: whoever did is gone, and it may be taken over. */
export const FORGOTTEN_MS = 30_000;
const KEY = 'live_look';
const TRIES = 10;

const actor = z.object({
  type: z.enum(['slack', 'terminal', 'api', 'alertmanager', 'responder']),
  id: z.string(),
  name: z.string().nullable(),
});
const look = z.object({
  id: z.string(),
  asked: z.string(),
  line: z.string(),
  incidentNumber: z.number().nullable(),
  place: z
    .object({ channel: z.string(), threadTs: z.string().nullable(), external: z.boolean().nullable() })
    .nullable(),
  actor,
  startedAt: z.number(),
});
const state = z.object({
  look,
  lastAt: z.number(),
  rounds: z.number(),
  /** Rounds in a row that brought nothing. */
  failures: z.number(),
  stoppedBy: actor.nullable(),
  /** The last good answer, as it was written. */
  answer: z.custom<Reply>((value) => typeof value === 'object' && value !== null).nullable(),
});

/** The look that goes on, as it is stored: any process may take the next round. */
export type LiveState = z.output<typeof state>;

export interface LiveLookStore extends LiveLooks {
  read(): Promise<LiveState | null>;
  /** Changes the look with this id, whoever else changes it meanwhile; null when another one is kept by now. */
  change(id: string, how: (state: LiveState) => LiveState | null): Promise<LiveState | null>;
}

export interface LiveLookStorePorts {
  readonly settings: {
    get(key: string): Promise<string | null>;
    swap(key: string, expected: string | null, value: string): Promise<boolean>;
  };
  readonly jobs: { enqueue(jobs: readonly JobRequest[], now: number): Promise<void> };
  /** Whether there is a storm on any cluster. */
  readonly storm: () => Promise<boolean>;
  readonly clock: () => number;
}

/** The next round; an earlier time wins. */
export function liveJob(id: string, runAt: number): JobRequest {
  return jobOf('liveLook', { look: id }, { runAt });
}

export function createLiveLookStore(ports: LiveLookStorePorts): LiveLookStore {
  const { settings, jobs, clock } = ports;
  const change: LiveLookStore['change'] = async (id, how) => {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const raw = await settings.get(KEY);
      const now = stateOf(raw);
      if (now === null || now.look.id !== id) return null;
      const next = how(now);
      if (await settings.swap(KEY, raw, next === null ? '' : JSON.stringify(next))) return next;
    }
    return null;
  };
  return {
    change,
    read: async () => stateOf(await settings.get(KEY)),
    async begin(wanted) {
      if (await ports.storm()) return { kind: 'storm' };
      for (let attempt = 0; attempt < TRIES; attempt += 1) {
        const raw = await settings.get(KEY);
        const other = stateOf(raw);
        if (other?.look.id === wanted.id) break;
        if (other && clock() - other.lastAt < FORGOTTEN_MS) return { kind: 'busy', other: other.look };
        if (await settings.swap(KEY, raw, JSON.stringify(fresh(wanted)))) break;
      }
      await jobs.enqueue([liveJob(wanted.id, clock() + EVERY_MS)], clock());
      return { kind: 'begun' };
    },
    async stop(by) {
      const going = stateOf(await settings.get(KEY));
      if (!going || clock() - going.lastAt >= FORGOTTEN_MS) return null;
      const stopped = await change(going.look.id, (now) => ({ ...now, stoppedBy: now.stoppedBy ?? by }));
      if (stopped) await jobs.enqueue([liveJob(going.look.id, clock())], clock());
      return stopped?.look ?? null;
    },
  };
}

function fresh(wanted: LiveLook): LiveState {
  return { look: wanted, lastAt: wanted.startedAt, rounds: 0, failures: 0, stoppedBy: null, answer: null };
}

function stateOf(raw: string | null): LiveState | null {
  if (!raw) return null;
  try {
    return state.safeParse(JSON.parse(raw)).data ?? null;
  } catch {
    return null;
  }
}
