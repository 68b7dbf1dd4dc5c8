import { z } from 'zod';
import { ResponderError } from '../errors.ts';
import type { AlertGroup, RejectedAlert } from './alert.ts';
import { foreignBody } from './foreignBody.ts';
import { sentLinks } from './grafana.ts';
import { type Origin, parseAlert } from './parseAlert.ts';
import { cleanText } from './storableText.ts';

/**
 * The envelope of Alertmanager's webhook, version 4 (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config).
 * Unknown keys pass, so that newer senders work; the alerts inside are judged one by one.
 */
const envelope = z
  .object({
    version: z
      .string()
      .regex(/^[0-9]+$/, 'expected a number in quotes, such as "4"')
      .nullish(),
    // Grafana's contact points send the same envelope and alerts, and count their versions from 1.
    orgId: z.unknown().optional(),
    groupKey: z.string().nullish(),
    receiver: z.string().nullish(),
    status: z.string().nullish(),
    externalURL: z.string().nullish(),
    /** Ours: whose alerts these are, where one Mimir serves several. */
    tenant: z.string().nullish(),
    truncatedAlerts: z.number().int().min(0).nullish(),
    alerts: z.array(z.unknown()),
  })
  .refine(({ version, orgId }) => orgId !== undefined || version == null || Number(version) >= 4, {
    path: ['version'],
    message: 'versions before 4 are not supported',
  });
type Envelope = z.infer<typeof envelope>;

/** The summary of a delivery, read without looking into its alerts. */
export interface DeliverySummary {
  readonly groupKey: string;
  readonly alertCount: number;
  readonly status: string;
}

/**
 * Says whether a body can ever be accepted, cheaply enough to be asked before it is stored. Throws ResponderError
 * `bad_input` with the path of what is wrong: not an object, no list of alerts, a field of the wrong type, a version
 * before 4. A bad alert inside is no reason: it is kept and reported by `parseDelivery`.
 */
export function checkDelivery(json: unknown): DeliverySummary {
  const body = readEnvelope(json);
  return { groupKey: cleanText(body.groupKey ?? ''), alertCount: body.alerts.length, status: statusOf(body) };
}

/**
 * Parses a delivery into the alerts that can be understood and those that cannot; the order is kept. Values of labels
 * are bounded (64 KiB of UTF-16 text each), NUL is replaced, times in the future are clamped to the time of receipt.
 * @param slice which part of the delivery `json` holds, and where its alerts stand in the whole; null for a whole one
 * Throws what `checkDelivery` throws.
 */
export function parseDelivery(
  json: unknown,
  from: { readonly sender: string; readonly senderCluster: string | null; readonly receivedAt: number },
  slice: { readonly position: number; readonly indexes: readonly number[] } | null = null,
): AlertGroup {
  const body = readEnvelope(json);
  const cluster = from.senderCluster || 'default';
  const origin: Origin = {
    cluster,
    receivedAt: from.receivedAt,
    groupStatus: body.status ?? null,
    tenant: body.tenant ? cleanText(body.tenant, MAX_TENANT) : null,
    isGrafana: body.orgId !== undefined,
  };
  const alerts = [];
  const rejected: RejectedAlert[] = [];
  for (const [index, raw] of body.alerts.entries()) {
    const parsed = parseAlert(raw, slice?.indexes[index] ?? index, origin);
    if ('problem' in parsed) rejected.push(parsed);
    else alerts.push(parsed);
  }
  return {
    groupKey: cleanText(body.groupKey ?? ''),
    sender: from.sender,
    cluster,
    receiver: cleanText(body.receiver ?? ''),
    externalUrl: body.externalURL ? cleanText(body.externalURL) : null,
    truncatedAlerts: body.truncatedAlerts ?? 0,
    alerts,
    rejected,
    receivedAt: from.receivedAt,
    ...(origin.tenant ? { tenant: origin.tenant } : {}),
    ...(origin.isGrafana ? { isGrafana: true } : {}),
    ...(slice ? { slice: slice.position } : {}),
  };
}

/** The body kept in place of the one that was sent: what was understood, in the form that `parseDelivery` reads. */
export function deliveryBody(group: AlertGroup): string {
  const time = (at: number | null) => new Date(at ?? GO_ZERO).toISOString();
  return JSON.stringify({
    version: '4',
    ...(group.isGrafana ? { orgId: null } : {}),
    ...(group.tenant ? { tenant: group.tenant } : {}),
    groupKey: group.groupKey,
    receiver: group.receiver,
    externalURL: group.externalUrl ?? '',
    truncatedAlerts: group.truncatedAlerts,
    alerts: [
      ...group.alerts.map((alert) => ({
        status: alert.status,
        labels: alert.labels,
        annotations: alert.annotations,
        startsAt: time(alert.startsAt),
        endsAt: time(alert.endsAt),
        generatorURL: alert.generatorUrl ?? '',
        fingerprint: alert.fingerprint,
        ...(alert.links ? sentLinks(alert.links) : {}),
        ...(alert.values ? { valueString: alert.values } : {}),
      })),
      ...group.rejected.map(({ raw }) => raw),
    ],
  });
}

/** `0001-01-01T00:00:00Z`, which Alertmanager sends for "not yet". */
const GO_ZERO = -62_135_596_800_000;

const MAX_TENANT = 150;

function readEnvelope(json: unknown): Envelope {
  const foreign = foreignBody(json);
  if (foreign !== null) throw new ResponderError('bad_input', `body: ${foreign.problem}`, { hint: foreign.hint });
  const result = envelope.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue && issue.path.length > 0 ? issue.path.join('.') : 'body';
  throw new ResponderError('bad_input', `${path}: ${issue?.message ?? 'not an Alertmanager webhook'}`, {
    hint: 'Send the JSON of an Alertmanager webhook receiver, version 4 or newer.',
  });
}

function statusOf(body: Envelope): string {
  return body.status ?? 'firing';
}
