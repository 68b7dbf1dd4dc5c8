/**
 * The words that teams and rule collections use for how bad an alert is, in small letters. Only what says so by name is sev1.
 * Rule: docs/rules.md#severity. Seen in kube-prometheus, awesome-prometheus-alerts, Zabbix, syslog, Opsgenie and PagerDuty.
 */
export const SEVERITY_WORDS = {
  ...{ sev1: 'sev1', p0: 'sev1' },
  ...{ sev2: 'sev2', p1: 'sev2', critical: 'sev2', page: 'sev2', fatal: 'sev2', emergency: 'sev2', disaster: 'sev2' },
  ...{ sev3: 'sev3', p2: 'sev3', warning: 'sev3', error: 'sev3', high: 'sev3', major: 'sev3', minor: 'sev3' },
  ...{ sev4: 'sev4', p3: 'sev4', p4: 'sev4', info: 'sev4', low: 'sev4', notice: 'sev4' },
} as const satisfies Readonly<Record<string, `sev${1 | 2 | 3 | 4}`>>;

const WORST = Object.entries(SEVERITY_WORDS).flatMap(([word, severity]) => (severity === 'sev1' ? [word] : []));

/** The JSON of an alert that says by a label that it is sev1. */
export const SAYS_SEV1 = new RegExp(`"(?:incident_)?severity"\\s*:\\s*"\\s*(?:${WORST.join('|')})\\s*"`, 'i');

const RESOLVED = /"status"\s*:\s*"resolved"/;
/** Each character can be matched in one way only, so that no text, broken or nested, takes longer than it is long. */
const LABELS = /"\w{0,40}(?:labels|annotations)"\s*:\s*\{(?:[^"{}]|"[^"\\]*(?:\\.[^"\\]*)*")*\}/gis;

/** Whether the JSON of an alert or a delivery has `status: resolved`; a label named `status` does not count. */
export function saysResolved(json: string): boolean {
  return RESOLVED.test(json) && RESOLVED.test(json.replaceAll(LABELS, ''));
}
