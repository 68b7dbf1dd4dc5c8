import type { CommandPorts } from '../commands/ports.ts';
import { type Reply, reply } from '../commands/reply.ts';
import type { Config } from '../config.ts';
import { coerceError, ResponderError } from '../errors.ts';
import type { ClusterAccess } from '../k8s/client/cluster.ts';
import { type About, type Recording, record } from '../k8s/facts/recording.ts';
import { replayed } from '../k8s/facts/replayed.ts';
import { momentOf, type Snapshot, snapshot } from '../k8s/facts/snapshot.ts';
import { diagnosed } from '../k8s/look/firstLook.ts';
import { lookAt } from '../k8s/look/look.ts';
import { targetOfSnapshot } from '../k8s/look/replay.ts';
import { createRedactor } from '../redaction/redactor.ts';
import { type Direct, openDirect } from './direct.ts';

/** Deadline of a snapshot, milliseconds: longer than that of a first look, for a person waits for it. */
const PATIENCE_MS = 60_000;

/** A first look at what an alert names, live or recorded, as a terminal shows it. */
export interface Looking extends Direct {
  look(alert: NonNullable<Snapshot['alert']>, signal: AbortSignal): Promise<Reply>;
}

/** The cluster of a snapshot in place of a live one, at the moment it was taken. Everything in it may be read. */
export async function openSnapshot(of: Snapshot, config: Config): Promise<Looking> {
  const clock = () => momentOf(of);
  const cluster = replayed(of);
  const open = await openDirect(config, { clock, instead: cluster });
  const { settings } = open.ports;
  const ports: CommandPorts = {
    ...open.ports,
    settings: { ...settings, namespaces: ['*'], allowAllNamespaces: true },
  };
  return {
    close: open.close,
    ports,
    look: (alert, signal) => look({ ...of, alert }, cluster, { config, clock }, signal),
  };
}

/** The configured cluster, with everything that is read of it kept. */
export async function openRecording(
  config: Config,
): Promise<Looking & { taken(about: Omit<About, 'now'>): Promise<unknown> }> {
  const recordings: Recording[] = [];
  const begin = Date.now();
  const clock = () => begin;
  const through = (cluster: ClusterAccess) => {
    const recording = record(cluster);
    recordings.push(recording);
    return recording.cluster;
  };
  const open = await openDirect(config, { clock, through });
  /** The cluster that was asked; several may be configured. */
  const kept = (): Recording => {
    const one = recordings.find(({ holds }) => holds()) ?? recordings[0];
    if (!one) throw new ResponderError('internal', 'no cluster is open');
    return one;
  };
  return {
    ...open,
    look: (alert, signal) => {
      const empty = snapshot.parse({ id: 'live', now: new Date(begin).toISOString(), namespace: null, objects: [] });
      return look({ ...empty, alert }, kept().cluster, { config, clock }, signal);
    },
    taken: (about) => kept().taken({ ...about, now: begin }, createRedactor()),
  };
}

async function look(
  of: Snapshot,
  cluster: ClusterAccess,
  { config, clock }: { readonly config: Config; readonly clock: () => number },
  signal: AbortSignal,
): Promise<Reply> {
  const { profile } = config.policy;
  const target = targetOfSnapshot(of, profile);
  const found = await lookAt({
    cluster,
    target,
    profile,
    now: clock(),
    priority: 'person',
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
  });
  const result = await diagnosed(found, { cluster, target, profile, clock, redactor: createRedactor(), signal });
  const bad = result.findings.some((one) => one.level === 'critical' || one.level === 'warning');
  return reply({
    tone: bad ? 'warning' : 'ok',
    title: `First look at ${target.alert}`,
    summary: result.summary,
    findings: result.findings,
    notes: found.failures.map(({ diagnostic, message }) => `${diagnostic}: ${message}`),
  });
}

/** What a file holds, as a snapshot. @throws ResponderError bad_input with the field that is wrong */
export function parseSnapshot(text: string, file: string): Snapshot {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw new ResponderError('bad_input', `${file} is not JSON: ${coerceError(thrown).message}`, { hint: HINT });
  }
  const parsed = snapshot.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join('.') || 'the file';
    throw new ResponderError(
      'bad_input',
      `${file} is not a snapshot: ${where}: ${issue?.message ?? 'not understood'}`,
      {
        hint: HINT,
      },
    );
  }
  if (Number.isNaN(momentOf(parsed.data)))
    throw new ResponderError('bad_input', `${file} is not a snapshot: now: ${parsed.data.now} is not a time`, {
      hint: HINT,
    });
  return parsed.data;
}

const HINT = 'A snapshot is what `lambda-responder snapshot save FILE` writes (docs/snapshots.md).';
