import { z } from 'zod';
import type { Alert, Fingerprint, Labels, RejectedAlert } from './alert.ts';
import { fingerprintOf } from './fingerprint.ts';
import { SENT_BY_GRAFANA, sentByGrafana } from './grafana.ts';
import { namedIn } from './labels.ts';
import { ALERT_BYTES, tooLarge } from './split.ts';
import { cleanText, MAX_NAME_LENGTH } from './storableText.ts';

/** What an alert inherits from the delivery it came in. */
export interface Origin {
  /** Cluster when the alert carries no `cluster` label. */
  readonly cluster: string;
  readonly receivedAt: number;
  readonly groupStatus: string | null;
  /** Whose alerts these are, when the delivery says so; an alert's own label wins. */
  readonly tenant: string | null;
  /** Grafana sends addresses and values of its own, and has no form of Alertmanager's. */
  readonly isGrafana: boolean;
}

/** Alertmanager sends strings; the values other senders put there have an obvious text. */
const labelValue = z.union([z.string(), z.number(), z.boolean(), z.null()], 'expected a text');
const labelSet = z.record(z.string(), labelValue);

const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;
const time = z
  .string()
  .refine((text) => text === '' || (RFC3339.test(text) && !Number.isNaN(Date.parse(text))), 'not an RFC 3339 time')
  .nullish();

const alertSchema = z.object({
  status: z.enum(['firing', 'resolved']).nullish(),
  labels: labelSet,
  annotations: labelSet.nullish(),
  startsAt: time,
  endsAt: time,
  generatorURL: z.string().nullish(),
  fingerprint: z.string().nullish(),
  ...SENT_BY_GRAFANA,
});

const MAX_RAW_LENGTH = 4 * 1024;
/** Names that stores index: a PostgreSQL index refuses entries over 2.7 kB. The labels keep the full text. */
const MAX_INDEXED_LENGTH = 500;

/**
 * Parses one alert of a delivery, or says what is wrong with it. A missing fingerprint is computed as Alertmanager
 * would; a zero or missing `endsAt` is null; an empty label value is an absent label, as in Prometheus.
 */
export function parseAlert(raw: unknown, index: number, origin: Origin): Alert | RejectedAlert {
  const large = tooLarge(raw);
  if (large !== null) return rejectLarge(large, index);
  const result = alertSchema.safeParse(raw);
  if (!result.success) {
    const [issue] = result.error.issues;
    const path = [`alerts[${index}]`, ...(issue?.path ?? [])].join('.');
    return reject(raw, index, `${path}: ${issue?.message ?? 'not an alert'}`);
  }
  const read = result.data;
  const sent = toLabels(read.labels);
  const told = cleanLabels(sent);
  const labels = origin.tenant && !namedIn(told).tenant ? { ...told, tenant: origin.tenant } : told;
  const name = labels.alertname;
  if (!name) return reject(raw, index, `alerts[${index}].labels.alertname: missing`);
  const endsAt = toTime(read.endsAt);
  const status = read.status ?? inherited(origin, endsAt);
  const startsAt = toTime(read.startsAt) ?? origin.receivedAt;
  // The sender's clock may run behind the clock of the Prometheus that gave the start; an end before the start is
  // impossible.
  const endedAt = Math.max(endsAt ?? origin.receivedAt, startsAt);
  return {
    cluster: cleanText(namedIn(labels).cluster ?? origin.cluster, MAX_INDEXED_LENGTH),
    fingerprint: readFingerprint(read.fingerprint) ?? fingerprintOf(sent),
    status,
    name: cleanText(name, MAX_INDEXED_LENGTH),
    labels,
    annotations: cleanLabels(toLabels(read.annotations ?? {})),
    startsAt: Math.min(startsAt, origin.receivedAt),
    endsAt: status === 'firing' ? null : Math.min(endedAt, origin.receivedAt),
    generatorUrl: read.generatorURL ? cleanText(read.generatorURL) : null,
    ...(origin.isGrafana ? sentByGrafana(read) : {}),
    clockSkewMs: Math.max(0, startsAt - origin.receivedAt),
  };
}

function inherited(origin: Origin, endsAt: number | null): 'firing' | 'resolved' {
  if (endsAt !== null && endsAt <= origin.receivedAt) return 'resolved';
  return endsAt === null && origin.groupStatus === 'resolved' ? 'resolved' : 'firing';
}

/** Go's zero time is `0001-01-01T00:00:00Z`; nothing we hear of happened before 1970. */
function toTime(text: string | null | undefined): number | null {
  if (!text) return null;
  const at = Date.parse(text);
  return at <= 0 ? null : Math.floor(at);
}

function readFingerprint(text: string | null | undefined): Fingerprint | null {
  // Any short token is taken as the sender's identity of the alert; the brand is given here only.
  return text && /^[\w.:-]{1,128}$/.test(text) ? (text as Fingerprint) : null;
}

function toLabels(values: z.infer<typeof labelSet>): Labels {
  const entries: [string, string][] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== '') entries.push([name, String(value)]);
  }
  return Object.fromEntries(entries);
}

function cleanLabels(labels: Labels): Labels {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [cleanText(name, MAX_NAME_LENGTH), cleanText(value)]),
  );
}

function rejectLarge({ bytes, head }: { readonly bytes: number; readonly head: string }, index: number): RejectedAlert {
  const problem = `alerts[${index}]: ${bytes} bytes, ${ALERT_BYTES} are allowed`;
  return { index, problem, raw: cleanText(head, MAX_RAW_LENGTH) };
}

function reject(raw: unknown, index: number, problem: string): RejectedAlert {
  const text = textOf(raw);
  return { index, problem: cleanText(problem, 500), raw: cleanText(text, MAX_RAW_LENGTH) };
}

/** The value as JSON; one nested too deeply to be written again is replaced by a note. */
function textOf(raw: unknown): string {
  try {
    return JSON.stringify(raw) ?? String(raw);
  } catch {
    return '(nested too deeply)';
  }
}
