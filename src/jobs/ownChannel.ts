import { RESPONDER } from '../incidents/incident.ts';
import type { IncidentStore } from './ports.ts';

export interface OwnChannelPorts {
  readonly store: IncidentStore;
  readonly channels: { channelsSince(since: number): Promise<number> };
  readonly perHour: number;
  readonly clock: () => number;
}

const HOUR_MS = 60 * 60_000;

/**
 * Whether the bot may open a channel for an incident that nobody asked for: never out of a storm, and so many an hour.
 * When it may not, the timeline says why. Rule: docs/rules.md#own-channel.
 */
export async function mayOpenChannel(incident: number, ports: OwnChannelPorts): Promise<boolean> {
  const now = ports.clock();
  const opened = await ports.channels.channelsSince(now - HOUR_MS);
  return ports.store.transact(async (tx) => {
    const known = await tx.lock(incident);
    if (!known) return false;
    const storm = await tx.groups.storm(known.incident.cluster);
    if (!storm && opened < ports.perHour) return true;
    const why = storm ? 'there is a storm' : `${opened} were opened within the hour`;
    const text = `No channel of its own: ${why}`;
    const entry = { kind: 'delivery', at: now, actor: RESPONDER, text, detail: { reason: 'own_channel' } } as const;
    await tx.appendFirst(incident, entry, `own_channel:${storm ? 'storm' : 'limit'}`, now);
    return false;
  });
}
