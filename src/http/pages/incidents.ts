import { countAlerts, type Incident, type IncidentAlert, type IncidentWithAlerts } from '../../incidents/incident.ts';
import { causesInWords, sentenceOf, spoken } from '../../incidents/sentence.ts';
import type { TimelineEntry } from '../../incidents/timeline.ts';
import { byUrgency } from '../../incidents/urgency.ts';
import { severityName } from '../../wording/counts.ts';
import { page } from './frame.ts';
import { type Html, html } from './html.ts';
import { moment } from './moment.ts';

/** The newest incidents, unresolved ones first and the worst of them at the top. Times are of `timeZone`. */
export function incidentListPage(incidents: readonly Incident[], timeZone: string): string {
  const [open, resolved] = [
    incidents.filter((one) => one.status !== 'resolved').toSorted(byUrgency),
    incidents.filter((one) => one.status === 'resolved'),
  ];
  const section = (title: string, list: readonly Incident[], none: string) => html`<h2>${title}</h2>
${list.length === 0 ? html`<p class="meta">${none}</p>` : html`<ul class="list">${list.map((one) => row(one, timeZone))}</ul>`}`;
  return page(
    'Incidents',
    html`<h1>Incidents</h1>${section('Unresolved', open, 'Nothing is open.')}${section('Resolved lately', resolved, 'None yet.')}`,
  );
}

function row(incident: Incident, timeZone: string): Html {
  return html`<li>${badges(incident)}<a href="/incidents/${incident.number}">#${incident.number} ${spoken(incident, 240)}</a>
<div class="meta">${place(incident)} · since ${moment(incident.startedAt, timeZone)}</div></li>`;
}

/** What a page shows beside the record. */
export interface PageExtras {
  readonly timeZone: string;
  /** There is a chart, at `/incidents/N/chart.png`. */
  readonly hasChart: boolean;
  /** Where the incident is in Slack; null when that is not known. */
  readonly slackUrl: string | null;
}

/** One incident with its alerts and its timeline. Read-only: what changes it is typed in Slack or the terminal. */
export function incidentPage(
  known: IncidentWithAlerts,
  timeline: readonly TimelineEntry[],
  { timeZone, hasChart, slackUrl }: PageExtras,
): string {
  const { incident, alerts } = known;
  const { all } = countAlerts(known);
  const when = (at: number | null) => moment(at, timeZone);
  const content = html`<nav><a href="/incidents">All incidents</a>${
    slackUrl === null ? '' : html` · <a href="${slackUrl}" rel="noreferrer">In Slack</a>`
  }</nav>
<h1>#${incident.number} ${spoken(incident, 400)}</h1>
<p>${badges(incident)}</p>
${whatIsKnown(incident, when)}
${hasChart ? html`<p><img class="chart" src="/incidents/${incident.number}/chart.png" alt="Chart of what the alert measures"></p>` : ''}
<h2>Timeline</h2>
<table class="cards"><thead><tr><th>Time</th><th>Who</th><th>What</th></tr></thead>
<tbody>${timeline.slice(-500).map((entry) => entryRow(entry, when))}</tbody></table>
${timeline.length > 500 ? html`<p class="meta">The last 500 of ${timeline.length} entries; the API has them all.</p>` : ''}
<h2>Alerts (${all})</h2>
<table class="cards"><thead><tr><th>Alert</th><th>State</th><th>Since</th><th>Summary</th></tr></thead>
<tbody>${alerts.slice(0, 200).map((alert) => alertRow(alert, when))}</tbody></table>
${all > 200 ? html`<p class="meta">200 of ${all} alerts; the API has them all.</p>` : ''}`;
  return page(`#${incident.number} ${spoken(incident, 120)}`, content);
}

type When = (at: number | null) => Html;

function whatIsKnown(incident: Incident, when: When): Html {
  const sentence = sentenceOf(incident);
  return html`<dl>
<dt>Cause</dt><dd>${causesInWords(sentence) ?? 'not known yet'}</dd>
<dt>Impact</dt><dd>${sentence.impact ?? 'not recorded'}</dd>
<dt>To do</dt><dd>${sentence.action ?? 'see the runbook'}</dd>
<dt>Runbook</dt><dd>${runbook(incident.playbookId)}</dd>
<dt>Where</dt><dd>${place(incident)}</dd>
<dt>Firing since</dt><dd>${when(incident.startedAt)}</dd>
<dt>Known since</dt><dd>${when(incident.openedAt)}</dd>
<dt>Acknowledged</dt><dd>${who(incident.acknowledgedAt, incident.acknowledgedBy, when)}</dd>
<dt>Resolved</dt><dd>${who(incident.resolvedAt, incident.resolvedBy, when)}</dd>
<dt>Severity</dt><dd>${severityName(incident.severity)} (${incident.severityReason})</dd>
</dl>`;
}

/** A page for what cannot be shown. */
export function problemPage(title: string, text: string): string {
  return page(title, html`<nav><a href="/incidents">All incidents</a></nav><h1>${title}</h1><p>${text}</p>`);
}

function runbook(id: string | null): Html {
  return id === null ? html`none matches` : html`<a href="/runbooks/${id}">${id}</a>`;
}

function badges(incident: Incident): Html {
  const flags = [
    incident.status,
    incident.drill ? 'DRILL' : null,
    incident.quietSince !== null && incident.status !== 'resolved' ? 'quiet' : null,
    incident.staleSince !== null ? 'stale' : null,
    incident.flappingSince !== null ? 'flapping' : null,
  ].filter((flag) => flag !== null);
  return html`<span class="badge ${incident.severity}">${severityName(incident.severity)}</span>${flags.map(
    (flag) => html`<span class="state">${flag}</span>`,
  )}`;
}

function place(incident: Incident): string {
  return [incident.cluster, incident.namespace, `${incident.subject.kind} ${incident.subject.name}`]
    .filter(Boolean)
    .join(' · ');
}

function who(at: number | null, actor: Incident['acknowledgedBy'], when: When): Html {
  return at === null ? html`not yet` : html`${when(at)} by ${actor?.name ?? actor?.id ?? 'unknown'}`;
}

function alertRow(alert: IncidentAlert, when: When): Html {
  const summary = alert.annotations.summary ?? alert.annotations.description ?? '';
  return html`<tr><td>${alert.name}</td><td>${alert.status}</td><td>${when(alert.startsAt)}</td><td>${summary.slice(0, 500)}</td></tr>`;
}

function entryRow(entry: TimelineEntry, when: When): Html {
  return html`<tr><td>${when(entry.at)}</td><td>${entry.actor.name ?? entry.actor.id}</td><td>${entry.text.slice(0, 1000)}</td></tr>`;
}
