import type { Button } from '@slack/types';
import type { PlaybookView } from '../../commands/ports.ts';
import type { Finding } from '../../incidents/evidence.ts';
import { type Actor, countAlerts, type Incident, type IncidentWithAlerts } from '../../incidents/incident.ts';
import { FIXED_RULES } from '../../incidents/policy.ts';
import { progressInWords, type StepProgress } from '../../incidents/runbookSteps.ts';
import { saidBy, speaker } from '../../incidents/said.ts';
import { counted, severityName } from '../../wording/counts.ts';
import { actions, button, context, header, LIMITS, overflow, type Rendered, section } from './blocks.ts';
import { cardLinks } from './links.ts';
import { affectedLine } from './objects.ts';
import { encodePress, PRESS_PREFIX } from './press.ts';
import { code, cutEscaped, date, escapeMrkdwn, link, oneLine, plain, prose, userMention } from './text.ts';

/** All a card shows. The same view gives the same blocks, so that an edit which would change nothing is skipped. */
export interface CardView {
  readonly known: IncidentWithAlerts;
  /** The incident in one line (incidents/headline.ts), for the lock screen. It ages, so it is no reason for an edit. */
  readonly headline: string;
  readonly playbook: PlaybookView | null;
  /** What was done with the playbook's steps; null when there is none. */
  readonly progress: StepProgress | null;
  /** The first look's top finding; shown for sev1 and sev2. */
  readonly finding: Finding | null;
  /** Slack id of the user group to mention in this very message; null for edits and when nobody is mentioned. */
  readonly mention: string | null;
  /** Something about this message itself, such as why it is not in the channel it was meant for. */
  readonly note: string | null;
  /** Where our own pages are reachable; null when they are not. */
  readonly publicUrl: string | null;
  /** Where it is explained how to add a runbook. */
  readonly runbookHelpUrl: string | null;
  /** Something behind this card is our simulator. */
  readonly simulated: boolean;
}

/** A phone shows about this much without scrolling (docs/rules.md#card-lines). */
export const CARD_LINES = FIXED_RULES.messages.cardLines;
const LINE = 230;
const LOCK_SCREEN = FIXED_RULES.messages.lockScreen;

const DOT = { sev1: '🔴', sev2: '🟠', sev3: '🟡', sev4: '⚪' } as const;

/**
 * An incident's message: at most twelve lines, three buttons and a menu. Every value that came from outside is escaped
 * and cut; the result is within Slack's limits whatever the labels hold.
 */
export function renderCard(view: CardView): Rendered {
  const { incident } = view.known;
  const marks = [incident.drill ? 'DRILL' : '', view.simulated ? 'SIMULATED' : ''].filter((mark) => mark !== '');
  const title = `${severityName(incident.severity)} #${incident.number} ${oneLine(incident.title) || 'untitled'}`;
  const facts = factLines(view);
  const footer = footerLine(view);
  const steps = runbookLines(view, CARD_LINES - 1 - facts.length - (footer.length > 0 ? 1 : 0));
  const blocks: Rendered['blocks'] = [
    header(`${DOT[incident.severity]} ${marks.map((mark) => `[${mark}] `).join('')}${plain(title, 120)}`),
    section(facts),
  ];
  if (steps.length > 0) blocks.push(section(steps));
  if (footer.length > 0) blocks.push(context(footer));
  blocks.push(buttons(view));
  if (view.mention) blocks.unshift(context([`<!subteam^${view.mention}>`]));
  return { text: lockScreen(view, marks), blocks };
}

/** What a phone shows without being unlocked: at most 120 characters, one line. */
function lockScreen(view: CardView, marks: readonly string[]): string {
  const line = `${marks.map((mark) => `${mark} `).join('')}${oneLine(view.headline)}`;
  return escapeMrkdwn(cutEscaped(line, LOCK_SCREEN)) || `Incident ${view.known.incident.number}`;
}

function factLines(view: CardView): readonly string[] {
  const { incident, alerts } = view.known;
  const { firing, all } = countAlerts(view.known);
  const finding = view.finding && (incident.severity === 'sev1' || incident.severity === 'sev2') ? view.finding : null;
  const lines = [
    stateLine(incident, firing, all),
    whereLine(incident),
    affectedLine(view.known),
    summaryLine(view.known),
    finding ? `🔎 *${prose(finding.conclusion, LINE)}*` : null,
    badgeLine(incident, alerts),
    incident.status === 'resolved' ? null : severityLine(incident),
  ];
  return lines.filter((line) => line !== null && line !== '') as string[];
}

function stateLine(incident: Incident, firing: number, all: number): string {
  const since = `since ${date(incident.startedAt)}`;
  const count = all > 1 ? ` · ${firing.toLocaleString('en-US')} of ${all.toLocaleString('en-US')} alerts firing` : '';
  if (incident.status === 'resolved') {
    const how =
      incident.resolution === 'dismissed' ? 'Dismissed' : incident.resolution === 'merged' ? 'Merged' : 'Resolved';
    const into = incident.mergedInto === null ? '' : ` into #${incident.mergedInto}`;
    return `✅ *${how}*${into} ${by(incident.resolvedBy, incident.resolvedAt)} · ${HOW[incident.resolution ?? 'person']} · started ${date(incident.startedAt)}`;
  }
  if (incident.status === 'mitigated') return `🩹 *Mitigated* ${at(incident.mitigatedAt)} · ${since}${count}`;
  if (incident.status === 'acknowledged')
    return `👀 *Acknowledged* ${by(incident.acknowledgedBy, incident.acknowledgedAt)} · ${since}${count}`;
  if (incident.quietSince !== null)
    return `🌙 *Quiet* since ${date(incident.quietSince)} · started ${date(incident.startedAt)}`;
  return `🔥 *${incident.declared && all === 0 ? 'Declared' : 'Firing'}* ${since}${count}`;
}

const HOW = {
  person: 'by hand',
  quiet: 'all alerts resolved',
  poll: 'no longer in Alertmanager',
  timeout: 'closed after a day of quiet',
  dismissed: 'not an incident',
  merged: 'continues there',
} as const;

function by(actor: Actor | null, when: number | null): string {
  return `${actor ? `by ${actorName(actor)}` : ''} ${at(when)}`.trim();
}

function at(when: number | null): string {
  return when === null ? '' : date(when);
}

/** A Slack user as a mention that opens the profile (an edit notifies nobody); anybody else by name. */
export function actorName(actor: Actor): string {
  if (actor.type === 'slack') return userMention(actor.id);
  return prose(actor.name ?? actor.id, 60) || actor.type;
}

function whereLine(incident: Incident): string {
  const parts = [incident.namespace === null ? null : `namespace ${code(incident.namespace, 70)}`];
  if (incident.subject.kind !== 'alert') parts.push(`${incident.subject.kind} ${code(incident.subject.name, 90)}`);
  if (incident.cluster !== 'default') parts.push(`cluster ${code(incident.cluster, 60)}`);
  return `📍 ${parts.filter((part) => part !== null).join(' · ') || 'the alert names no namespace and no object'}`;
}

function summaryLine(known: IncidentWithAlerts): string | null {
  const alert = speaker(known.alerts);
  if (alert === null) return null;
  const { summary, values } = saidBy(alert);
  return (
    prose([summary, values === null ? null : `(${values})`].filter((part) => part !== null).join(' '), LINE) || null
  );
}

function badgeLine(incident: Incident, alerts: IncidentWithAlerts['alerts']): string | null {
  const silenced = alerts.reduce<number | null>((latest, alert) => maxOf(latest, alert.silencedUntil), null);
  const skewed = incident.truncatedAlerts;
  const badges = [
    skewed > 0 ? `➕ ${skewed.toLocaleString('en-US')} more not sent by Alertmanager` : null,
    incident.staleSince === null ? null : `🕰️ stale: nothing heard since ${date(incident.staleSince)}`,
    incident.flappingSince === null ? null : `🔁 flapping, ${counted(incident.flapCount, 'cycle')}`,
    incident.quietSince !== null && incident.status !== 'open' && incident.status !== 'resolved'
      ? `🌙 quiet since ${date(incident.quietSince)}`
      : null,
    silenced === null ? null : `🔕 silenced until ${date(silenced)}`,
    incident.reopenCount > 0 ? `↩️ reopened ${incident.reopenCount}×` : null,
  ].filter((badge) => badge !== null);
  return badges.length > 0 ? badges.join(' · ') : null;
}

function maxOf(left: number | null, right: number | null): number | null {
  if (left === null || right === null) return left ?? right;
  return Math.max(left, right);
}

/** Why it is this bad: what a person needs in order to disagree. */
function severityLine(incident: Incident): string {
  return `${incident.severity}: ${prose(incident.severityReason, 120) || 'no reason recorded'}`;
}

function runbookLines(view: CardView, room: number): readonly string[] {
  const { incident } = view.known;
  if (incident.status === 'resolved' || room <= 0) return [];
  const { playbook } = view;
  if (!playbook) {
    const own = ownRunbook(view);
    if (own) return [`📖 *${link(own, 'Runbook of the alert')}*`];
    const how = view.runbookHelpUrl
      ? `: ${link(view.runbookHelpUrl, 'how to add one')}`
      : ': add a Markdown file that names this alert, see `/lambda help runbook`';
    return [`📕 No runbook for this alert${how}`];
  }
  const owner = playbook.owner ? ` · ${prose(playbook.owner, 60)}` : '';
  const missing =
    playbook.missing.length > 0
      ? ` · the alert lacks ${playbook.missing
          .slice(0, 4)
          .map((name) => code(name, 40))
          .join(', ')}`
      : '';
  const { progress } = view;
  const begun = progress !== null && progress.done + progress.skipped > 0;
  const far = begun ? ` · *${progressInWords(progress)}*` : '';
  const title = `📖 *${link(playbook.url, playbook.title)}*${far}${owner}${missing}`;
  // What is next stands first, with what was done last above it.
  const next = begun ? (progress.current ?? playbook.steps.length) : 0;
  const from = Math.max(0, Math.min(next - 1, playbook.steps.length - (room - 1)));
  const steps = playbook.steps
    .slice(from, from + room - 1)
    .map((step) => `${stepSign(progress, step.index)} ${prose(step.text, 160) || 'see the runbook'}`);
  const rest = playbook.steps.length - from - steps.length;
  const last = steps.length - 1;
  return [title, ...steps.map((step, index) => (index === last && rest > 0 ? `${step} _(+${rest} more)_` : step))];
}

function ownRunbook(view: CardView): string | null {
  const alert = speaker(view.known.alerts);
  return alert === null ? null : saidBy(alert).runbookUrl;
}

/** Where the runbook that the card shows is read. */
function shownRunbook(view: CardView): string | null {
  if (view.known.incident.status === 'resolved') return null;
  return view.playbook ? view.playbook.url : ownRunbook(view);
}

function stepSign(progress: StepProgress | null, index: number): string {
  const state = progress?.steps[index]?.state;
  return state === 'done' ? '✅' : state === 'skipped' ? '⏭️' : '☐';
}

function footerLine(view: CardView): readonly string[] {
  const { incident } = view.known;
  const related = incident.related
    .slice(0, 2)
    .map((other) => `possibly related: #${other.number} (${prose(other.why, 60)})`);
  const previous = incident.previousNumber === null ? [] : [`previous: #${incident.previousNumber}`];
  const note = view.note === null ? [] : [prose(view.note, 300)];
  return [...note, ...cardLinks(view.known, view.publicUrl, shownRunbook(view)), ...previous, ...related];
}

function buttons(view: CardView): ReturnType<typeof actions> {
  const { incident } = view.known;
  const press = (command: string): string =>
    encodePress({ incidentNumber: incident.number, command }, LIMITS.optionValue) ?? '# help';
  const id = (name: string): string => `${PRESS_PREFIX}${name}`;
  const offered: Button[] =
    incident.status === 'resolved'
      ? [button(id('reopen'), 'Reopen', press('reopen')), button(id('postmortem'), 'Post-mortem', press('postmortem'))]
      : [
          incident.status === 'open'
            ? button(id('ack'), 'Acknowledge', press('ack'), { style: 'primary' })
            : button(id('resolve'), 'Resolve', press('resolve'), { style: 'primary' }),
          button(id('diagnose'), 'Diagnose', diagnosePress(view) ?? press('diag pods')),
          button(id('runbook'), 'Runbook', press('runbook')),
        ];
  return actions(`card:${incident.number}`, [...offered, overflow(id('more'), menu(incident, press))]);
}

function menu(incident: Incident, press: (command: string) => string): readonly { label: string; value: string }[] {
  const events = { label: 'Events', value: press('diag events') };
  const list = { label: 'Open incidents', value: press('incidents') };
  const help = { label: 'Help', value: press('help') };
  if (incident.status === 'resolved') return [{ label: 'Runbook', value: press('runbook') }, events, list, help];
  const [other] = incident.related;
  const merge = other ? [{ label: `Merge into #${other.number}`, value: press(`merge ${other.number}`) }] : [];
  return [
    { label: 'Note …', value: press('form note') },
    { label: 'Resolve …', value: press('form resolve') },
    { label: 'Post-mortem', value: press('postmortem') },
    ...merge,
    events,
    list,
    help,
  ];
}

/** The first diagnostic the runbook names, else what fits the object. */
function diagnosePress(view: CardView): string | null {
  const { incident } = view.known;
  const named = view.playbook?.steps.flatMap((step) => step.commands).find((command) => /^diag\s/.test(command));
  const fallback = incident.subject.kind === 'job' ? 'diag jobs' : 'diag pods';
  return encodePress({ incidentNumber: incident.number, command: named ?? fallback }, LIMITS.buttonValue);
}
