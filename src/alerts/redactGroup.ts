import type { Alert, AlertGroup, AlertLinks, Fingerprint, Labels, RejectedAlert } from './alert.ts';
import { fingerprintOf } from './fingerprint.ts';

/** How texts and labels lose their secrets. */
export interface AlertRedaction {
  readonly redact: (text: string) => string;
  /** Each value with its name as context; names of objects stay as they are. */
  readonly redactFields: (fields: Labels) => Labels;
}

/**
 * A delivery without the secrets its sender put into it: what of it is decided about, stored and shown. It is redacted
 * after it was parsed, so that fingerprints are those of the labels as they were sent.
 */
export function redactGroup(group: AlertGroup, redaction: AlertRedaction): AlertGroup {
  const { redact } = redaction;
  return {
    ...group,
    groupKey: redact(group.groupKey),
    receiver: redact(group.receiver),
    externalUrl: redactUrl(group.externalUrl, redaction),
    alerts: group.alerts.map((alert) => redactAlert(alert, redaction)),
    rejected: group.rejected.map((rejected) => redactRejected(rejected, redact)),
  };
}

function redactAlert(alert: Alert, redaction: AlertRedaction): Alert {
  const { redact, redactFields } = redaction;
  return {
    ...alert,
    cluster: redact(alert.cluster),
    fingerprint: redactFingerprint(alert.fingerprint, redact),
    name: redact(alert.name),
    labels: redactFields(alert.labels),
    annotations: redactFields(alert.annotations),
    generatorUrl: redactUrl(alert.generatorUrl, redaction),
    ...(alert.links ? { links: redactLinks(alert.links, redaction) } : {}),
    ...(alert.values ? { values: redact(alert.values) } : {}),
  };
}

function redactLinks(links: AlertLinks, redaction: AlertRedaction): AlertLinks {
  return Object.fromEntries(Object.entries(links).map(([name, url]) => [name, redactUrl(url, redaction)]));
}

function redactRejected({ index, problem, raw }: RejectedAlert, redact: (text: string) => string): RejectedAlert {
  return { index, problem: redact(problem), raw: redact(raw) };
}

/**
 * Alertmanager sends 16 hex digits; another sender may send anything. One that holds a secret is replaced by its hash,
 * which keeps equal ones equal.
 */
function redactFingerprint(fingerprint: Fingerprint, redact: (text: string) => string): Fingerprint {
  return redact(fingerprint) === fingerprint ? fingerprint : fingerprintOf({ fingerprint });
}

/**
 * An address without user and password, which it does not need to lead there. Query parameters are redacted in their
 * decoded form.
 */
function redactUrl(url: string | null, { redact, redactFields }: AlertRedaction): string | null {
  if (url === null) return null;
  const parsed = URL.parse(url);
  if (parsed === null) return redact(url);
  const isBare = parsed.username === '' && parsed.password === '';
  parsed.username = '';
  parsed.password = '';
  let isClean = true;
  const parameters = [...parsed.searchParams].map(([name, value]) => {
    const [[known, clean] = [name, value]] = Object.entries(redactFields({ [name]: value }));
    isClean &&= known === name && clean === value;
    return [known, clean];
  });
  if (!isClean) parsed.search = new URLSearchParams(parameters).toString();
  return redact(isBare && isClean ? url : parsed.href);
}
