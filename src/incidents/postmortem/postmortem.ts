import { isRedacted } from '../../alerts/redacted.ts';
import { counted } from '../../wording/counts.ts';
import { affected } from '../affected.ts';
import type { CollectedEvidence, Finding } from '../evidence.ts';
import {
  type Actor,
  countAlerts,
  type Incident,
  type IncidentAlert,
  type IncidentWithAlerts,
  type Resolution,
  type Severity,
  type Subject,
} from '../incident.ts';
import { type StepRecord, stepRecords } from '../runbookSteps.ts';
import type { EntryKind, TimelineEntry } from '../timeline.ts';
import { type Figure, figuresOf, type Pending, peakSeverity, type Times, timeInSeverity } from './postmortemFigures.ts';
import { causesOf, summaryOf, triggerOf } from './postmortemSummary.ts';

export interface PostMortemInput {
  readonly known: IncidentWithAlerts;
  readonly timeline: readonly TimelineEntry[];
  readonly evidence: readonly CollectedEvidence[];
  /** The timelines of the incidents that are part of this one. */
  readonly merged?: readonly { readonly number: number; readonly timeline: readonly TimelineEntry[] }[];
  /** How long its earliest alert was pending before it fired; null or absent when nobody could say. */
  readonly pending?: Pending | null;
  readonly playbookTitle: string | null;
  /** Epoch ms: when it is written; an unresolved incident lasts until then. */
  readonly now: number;
}

/** The alerts of one name: how many, about what, when. */
export interface Impact {
  readonly alert: string;
  readonly alerts: number;
  readonly firing: number;
  /** `3 pods`, `1 node`: what they named, without repeats. */
  readonly objects: readonly string[];
  readonly firstStartedAt: number;
  /** Null while one of them fires. */
  readonly lastEndedAt: number | null;
}

export interface PostMortemEntry {
  readonly at: number;
  readonly recordedAt: number;
  readonly kind: EntryKind;
  readonly actor: Actor;
  readonly text: string;
  readonly permalink: string | null;
  /** The incident it was written for, where that one was merged into this. */
  readonly of: number | null;
}

/** Where an alert leads: `HighLatency: expression`. */
export interface RecordLink {
  readonly what: string;
  readonly url: string;
}

/** An incident as it is remembered: the one model behind Markdown and JSON. Times are epoch ms, null is not recorded. */
export interface PostMortem {
  readonly number: number;
  readonly title: string;
  readonly drill: boolean;
  readonly cluster: string;
  readonly namespace: string | null;
  readonly subject: Subject;
  readonly status: Incident['status'];
  readonly resolution: Resolution | null;
  readonly resolvedBy: Actor | null;
  readonly severity: Severity;
  readonly severityReason: string;
  readonly peakSeverity: Severity;
  readonly timeInSeverity: readonly { readonly severity: Severity; readonly ms: number }[];
  readonly summary: string;
  /** What the diagnosis came to in the end, the first explaining most; empty when it named no cause. */
  readonly causes: readonly Finding[];
  /** The change that came right before it began; null when none was seen. */
  readonly trigger: Finding | null;
  readonly times: Times;
  readonly figures: readonly Figure[];
  readonly impact: readonly Impact[];
  readonly timeline: readonly PostMortemEntry[];
  readonly diagnostics: readonly CollectedEvidence[];
  readonly playbook: { readonly id: string; readonly title: string } | null;
  /** Runbook steps somebody acted on. */
  readonly steps: readonly StepRecord[];
  /** People who acted, in the order in which they came, with how often. */
  readonly responders: readonly { readonly actor: Actor; readonly acts: number }[];
  readonly previousNumber: number | null;
  readonly mergedInto: number | null;
  readonly related: Incident['related'];
  readonly links: readonly RecordLink[];
  /** What is missing or doubtful about the record, in words. */
  readonly gaps: readonly string[];
  readonly generatedAt: number;
}

/** Gathers the record of an incident for its post-mortem. Pure: the same record gives the same document. */
export function postmortem(input: PostMortemInput): PostMortem {
  const { incident, alerts } = input.known;
  const timeline = [...input.timeline].sort(byTime);
  const pending = incident.declared ? null : (input.pending ?? null);
  const first = timeline.find((entry) => entry.kind === 'acknowledged');
  const times = {
    startedAt: incident.startedAt - (pending?.ms ?? 0),
    pending,
    openedAt: incident.openedAt,
    acknowledgedAt: first?.at ?? incident.acknowledgedAt,
    mitigatedAt: incident.mitigatedAt ?? timeline.find((entry) => entry.kind === 'mitigated')?.at ?? null,
    resolvedAt: incident.resolvedAt,
  };
  const impact = impactOf(alerts);
  const causes = causesOf(input.evidence);
  const trigger = triggerOf(input.evidence);
  return {
    number: incident.number,
    title: incident.title,
    drill: incident.drill,
    cluster: incident.cluster,
    namespace: incident.namespace,
    subject: incident.subject,
    status: incident.status,
    resolution: incident.resolution,
    resolvedBy: incident.resolvedBy,
    severity: incident.severity,
    severityReason: incident.severityReason,
    peakSeverity: peakSeverity(incident, timeline),
    timeInSeverity: timeInSeverity(incident, timeline, input.now),
    summary: summaryOf(incident, {
      alerts: impact.map(({ alert }) => alert),
      timeline,
      causes,
      trigger,
      merged: (input.merged ?? []).map(({ number }) => number).toSorted((a, b) => a - b),
      startedAt: times.startedAt,
    }),
    causes,
    trigger,
    times,
    figures: figuresOf(incident, times, timeline),
    impact,
    timeline: withMerged(timeline, input.merged ?? []),
    diagnostics: [...input.evidence].sort((a, b) => a.capturedAt - b.capturedAt),
    playbook: playbookOf(incident, input.playbookTitle),
    steps: stepRecords(timeline),
    responders: respondersOf(timeline),
    previousNumber: incident.previousNumber,
    mergedInto: incident.mergedInto,
    related: incident.related,
    links: linksOf(alerts),
    gaps: gapsOf(input.known, times, input.playbookTitle),
    generatedAt: input.now,
  };
}

function byTime(a: TimelineEntry, b: TimelineEntry): number {
  return a.at - b.at || a.id - b.id;
}

/** What happened, whichever incident it was written for at the time. */
function withMerged(
  own: readonly TimelineEntry[],
  merged: NonNullable<PostMortemInput['merged']>,
): readonly PostMortemEntry[] {
  const others = merged.flatMap(({ number, timeline }) => timeline.map((entry) => ({ entry, of: number })));
  return [...own.map((entry) => ({ entry, of: null })), ...others]
    .toSorted((one, other) => byTime(one.entry, other.entry))
    .map(({ entry: { at, recordedAt, kind, actor, text, permalink }, of }) => ({
      at,
      recordedAt,
      kind,
      actor,
      text,
      permalink,
      of,
    }));
}

function impactOf(alerts: readonly IncidentAlert[]): readonly Impact[] {
  const byName = Map.groupBy(alerts, (alert) => alert.name);
  return [...byName]
    .map(([alert, same]): Impact => {
      const firing = same.filter((each) => each.status === 'firing').length;
      const everything = same.map((each) => ({ ...each, status: 'firing' as const }));
      return {
        alert,
        alerts: same.length,
        firing,
        objects: affected(everything).map((each) => each.text),
        firstStartedAt: same.reduce((first, each) => Math.min(first, each.startsAt), Number.POSITIVE_INFINITY),
        lastEndedAt: firing > 0 ? null : same.reduce((last, each) => Math.max(last, each.endsAt ?? each.lastSeenAt), 0),
      };
    })
    .sort((a, b) => a.firstStartedAt - b.firstStartedAt || (a.alert < b.alert ? -1 : 1));
}

function playbookOf(incident: Incident, title: string | null): PostMortem['playbook'] {
  return incident.playbookId === null ? null : { id: incident.playbookId, title: title ?? incident.playbookId };
}

function respondersOf(timeline: readonly TimelineEntry[]): PostMortem['responders'] {
  const acts = new Map<string, { actor: Actor; acts: number }>();
  for (const { actor } of timeline) {
    if (actor.type === 'responder' || actor.type === 'alertmanager') continue;
    const key = `${actor.type}/${actor.id}`;
    const known = acts.get(key);
    acts.set(key, { actor: known?.actor.name ? known.actor : actor, acts: (known?.acts ?? 0) + 1 });
  }
  return [...acts.values()];
}

const MAX_LINKS = 10;

function linksOf(alerts: readonly IncidentAlert[]): readonly RecordLink[] {
  const links = new Map<string, RecordLink>();
  for (const { name, generatorUrl, annotations } of alerts) {
    const named = { expression: generatorUrl, dashboard: annotations.dashboard_url, runbook: annotations.runbook_url };
    for (const [what, url] of Object.entries(named)) {
      if (url && !isRedacted(url) && !links.has(url) && links.size < MAX_LINKS)
        links.set(url, { what: `${name}: ${what}`, url });
    }
  }
  return [...links.values()];
}

function gapsOf(known: IncidentWithAlerts, times: PostMortem['times'], title: string | null): readonly string[] {
  const { incident } = known;
  const gaps: string[] = [];
  const { all, firing } = countAlerts(known);
  if (known.unread)
    gaps.push(
      `Counts and names of its alerts are of ${known.alerts.length} of them; there are ${counted(all, 'alert')}.`,
    );
  if (times.acknowledgedAt === null) gaps.push('Nobody acknowledged it.');
  if (times.mitigatedAt === null) gaps.push('When it was mitigated is not recorded.');
  if (incident.status === 'resolved' && incident.resolvedBy?.type === 'responder') {
    gaps.push('No person resolved it: the time to resolve includes the quiet the bot waited for.');
  }
  if (incident.truncatedAlerts > 0)
    gaps.push(`${counted(incident.truncatedAlerts, 'alert was', 'alerts were')} not sent by Alertmanager.`);
  if (firing > 0 && incident.status === 'resolved') {
    gaps.push('Some of its alerts were still firing when it was resolved.');
  }
  if (incident.playbookId === null) gaps.push('There was no runbook.');
  else if (title === null) gaps.push(`Its runbook ${incident.playbookId} no longer exists.`);
  if (incident.staleSince !== null)
    gaps.push('Nothing was heard of its alerts for a while; they may have ended earlier.');
  return gaps;
}
