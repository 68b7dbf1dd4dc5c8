import { headline } from '../incidents/headline.ts';
import { RESPONDER } from '../incidents/incident.ts';
import type { TimelineEntry } from '../incidents/timeline.ts';
import type { Logger } from '../logger.ts';
import type { IncidentStore } from './ports.ts';

/** What goes out another way when Slack cannot be reached. */
export interface FallbackMessage {
  /** The same for every attempt, so that a receiver can see a repeat. */
  readonly id: string;
  readonly subject: string;
  readonly text: string;
  readonly incident: {
    readonly number: number;
    readonly severity: string;
    readonly title: string;
    readonly namespace: string | null;
    readonly cluster: string;
    readonly openedAt: string;
    readonly url: string | null;
  };
}

export interface FallbackPorts {
  readonly store: IncidentStore;
  readonly timeline: { timeline(number: number): Promise<readonly Pick<TimelineEntry, 'detail'>[]> };
  /** Whether the incident's card is in Slack. */
  readonly isShown: (number: number) => Promise<boolean>;
  /** Sends it; resolves with where it went, in words. Rejects with a retryable error when it went nowhere. */
  readonly send: (message: FallbackMessage, signal: AbortSignal) => Promise<string>;
  readonly publicUrl: string | null;
  /** Marks this store. */
  readonly instance: string;
  readonly clock: () => number;
  readonly log: Logger;
}

const ONCE = 'fallback';

/**
 * Tells of a sev1 incident another way, once, because its card could not be posted. One job an incident does this, so
 * two replicas do not both tell; a process killed between sending and noting it sends again under the same id.
 */
export async function tellFallback(number: number, ports: FallbackPorts, signal: AbortSignal): Promise<void> {
  const known = await ports.store.find(number);
  if (!known || known.incident.status === 'resolved' || known.incident.drill) return;
  if (known.incident.severity !== 'sev1' || (await ports.isShown(number))) return;
  const entries = await ports.timeline.timeline(number);
  if (entries.some(({ detail }) => detail.fallback !== undefined)) return;
  const { incident } = known;
  const line = headline(known, ports.clock());
  const url = ports.publicUrl === null ? null : `${ports.publicUrl.replace(/\/+$/, '')}/incidents/${number}`;
  const opened = new Date(incident.openedAt).toISOString();
  const said = [
    `${line} (#${number})`,
    `Open since ${opened}. Slack could not be reached, so this comes another way; it comes once.`,
    url === null ? `GET /api/incidents/${number} of the responder has the rest.` : url,
  ];
  const where = await ports.send(
    {
      id: `${ports.instance}-${number}`,
      subject: line,
      text: said.join('\n'),
      incident: {
        number,
        severity: incident.severity,
        title: incident.title,
        namespace: incident.namespace,
        cluster: incident.cluster,
        openedAt: opened,
        url,
      },
    },
    signal,
  );
  const now = ports.clock();
  const text = `Slack could not be reached: told by ${where}`;
  const entry = { kind: 'delivery', at: now, actor: RESPONDER, text, detail: { fallback: where } } as const;
  await ports.store.transact((tx) => tx.appendFirst(number, entry, ONCE, now));
  ports.log.warn({ incident: number, where }, 'told of a sev1 incident by the fallback');
}
