import { isRedacted } from '../../alerts/redacted.ts';
import type { IncidentAlert, IncidentWithAlerts } from '../../incidents/incident.ts';
import { isPlaceholderHost, saidBy, speaker } from '../../incidents/said.ts';
import { isTelling, type SilenceMatcher, silenceMatchers, writeMatcher } from '../../incidents/silenceMatchers.ts';
import { address, link } from './mrkdwn.ts';

/**
 * Where to look further: the graph of the rule in Prometheus, a silence prepared in Alertmanager, the dashboard named
 * by the alert, the alert's own runbook unless it is the one shown. Each is ready mrkdwn; addresses that cannot be used
 * are left out.
 * @param runbookUrl the runbook the card shows already
 */
export function cardLinks(
  known: IncidentWithAlerts,
  publicUrl: string | null,
  runbookUrl: string | null = null,
): readonly string[] {
  const newest = speaker(known.alerts);
  const links: string[] = [];
  const add = (target: string | null, label: string, leads = leadsSomewhere): void => {
    const href = address(target, 1_500);
    if (href !== null && !isRedacted(href) && leads(href)) links.push(link(href, label, 1_500));
  };
  if (newest) {
    const said = saidBy(newest);
    add(newest.generatorUrl, 'Graph');
    // Only a real Alertmanager has the form for a silence; Grafana sends its own address of it.
    // What all of its alerts share is not known of one that has too many to read.
    if (newest.links) add(newest.links.silence ?? null, 'Silence');
    else if (known.unread === undefined) add(beyondThisHost(silenceUrl(known.alerts)), 'Silence');
    add(runbookUrl === said.runbookUrl ? null : said.runbookUrl, 'The team’s runbook', isNoPlaceholder);
    add(said.dashboardUrl, 'Dashboard', isNoPlaceholder);
    add(newest.links?.panel ?? null, 'Panel');
    add(newest.links?.image ?? null, 'Picture');
  }
  if (publicUrl) add(`${publicUrl.replace(/\/+$/, '')}/incidents/${known.incident.number}`, `Incident page`);
  return links;
}

/** Null for an address of the sender's own host, where nobody else's browser finds an Alertmanager. */
function beyondThisHost(href: string | null): string | null {
  return href !== null && LOOPBACK.test(new URL(href).hostname) ? null : href;
}

const LOOPBACK = /^(?:localhost|127\.[\d.]+|\[::1\])$/;

/** Names within a cluster. */
const IN_CLUSTER = /\.svc$|\.cluster\.local$/;

/** What the team itself wrote may be a short name or one of its own network. */
function isNoPlaceholder(href: string): boolean {
  return !isPlaceholderHost(new URL(href).hostname);
}

/**
 * Whether a person's browser can open an address at all: a name without a dot or of a cluster's own DNS, which is what
 * Prometheus and Alertmanager put into links when nobody set their external URL, leads nowhere outside.
 * https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
 */
function leadsSomewhere(href: string): boolean {
  const { hostname } = new URL(href);
  if (LOOPBACK.test(hostname) || hostname.startsWith('[')) return true;
  return hostname.includes('.') && !IN_CLUSTER.test(hostname) && isNoPlaceholder(href);
}

/**
 * Alertmanager's form for a new silence, filled with what the alerts of the incident share and what tells them from
 * others; null when so much cannot be said in a link, for a silence of less would mute what nobody looked at.
 * https://github.com/prometheus/alertmanager/blob/main/ui/app/src/Views/SilenceForm/Parsing.elm
 */
export function silenceUrl(alerts: readonly IncidentAlert[]): string | null {
  const base = alerts.find((alert) => alert.externalUrl !== null)?.externalUrl;
  if (!base || !URL.canParse(base)) return null;
  const all = silenceMatchers(alerts.map((alert) => alert.labels));
  const few = all.filter(({ name }) => isTelling(name));
  for (const matchers of [all, few]) {
    const form = silenceForm(base, matchers);
    if (matchers.length > 0 && form.length <= 1_500) return form;
  }
  return null;
}

function silenceForm(base: string, matchers: readonly SilenceMatcher[]): string {
  const filter = `{${matchers.map(writeMatcher).join(', ')}}`;
  return `${base.replace(/\/+$/, '')}/#/silences/new?filter=${encodeURIComponent(filter)}`;
}
