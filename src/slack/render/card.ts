import type { PlaybookView } from '../../commands/ports.ts';
import type { NextRung } from '../../incidents/escalation.ts';
import type { Finding } from '../../incidents/evidence.ts';
import { countAlerts, type Incident, type IncidentWithAlerts } from '../../incidents/incident.ts';
import { FIXED_RULES } from '../../incidents/policy.ts';
import { type KnownProgress, progressInWords } from '../../incidents/runbookKnown.ts';
import { saidBy, speaker } from '../../incidents/said.ts';
import { headline, MAX_HEADLINE, sentenceOf } from '../../incidents/sentence.ts';
import { severityName } from '../../wording/counts.ts';
import { adviceLine } from './advice.ts';
import { context, header, LIMITS, type Rendered, section } from './blocks.ts';
import { cardButtons } from './cardButtons.ts';
import { badgeLine, stateLine } from './cardState.ts';
import { cardLinks } from './links.ts';
import { code, cutEscaped, escapeMrkdwn, link, oneLine, pathLine, plain, prose } from './mrkdwn.ts';
import { affectedLine } from './objects.ts';

/** All a card shows. The same view gives the same blocks, so that an edit which would change nothing is skipped. */
export interface CardView {
  readonly known: IncidentWithAlerts;
  readonly playbook: PlaybookView | null;
  /** What was done with the playbook's steps; null when there is none. */
  readonly progress: KnownProgress | null;
  /** The diagnosis' top finding. */
  readonly finding: Finding | null;
  /** Slack id of the user group to mention in this very message; null for edits and when nobody is mentioned. */
  readonly mention: string | null;
  /** Who is called next while nobody acknowledges; null when nobody is, and for a message that is posted anew. */
  readonly next: NextRung | null;
  /** Something about this message itself, such as why it is not in the channel it was meant for. */
  readonly note: string | null;
  /** Slack id of the incident's own channel, for the card that stands elsewhere; null when it has none. */
  readonly ownChannel: string | null;
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

const DOT = { sev1: '🔴', sev2: '🟠', sev3: '🟡', sev4: '⚪' } as const;

/**
 * An incident's message, at most twelve lines: the sentence, what it means, what to do, and the buttons, which a phone
 * shows without scrolling; then the state, the evidence and where it is. Every value that came from outside is escaped
 * and cut; the result is within Slack's limits whatever the labels hold.
 */
export function renderCard(view: CardView): Rendered {
  const { incident, alerts } = view.known;
  const marks = [incident.drill ? 'DRILL' : '', view.simulated ? 'SIMULATED' : ''].filter((mark) => mark !== '');
  const mark = marks.map((each) => `[${each}] `).join('');
  const { firing, all } = countAlerts(view.known);
  const first = adviceLines(view);
  const facts = [
    stateLine(incident, firing, all, view.next),
    evidenceLine(view) ?? saidLine(view.known),
    whereLine(view.known),
    badgeLine(incident, alerts),
  ].filter((line) => line !== null && line !== '') as string[];
  const footer = footerLine(view);
  const used = [...first, ...facts].reduce((lines, text) => lines + text.split('\n').length, 1);
  const steps = runbookLines(view, CARD_LINES - used - (footer.length > 0 ? 1 : 0));
  const blocks: Rendered['blocks'] = [
    header(`${DOT[incident.severity]} ${mark}${plain(titleOf(incident), LIMITS.header - mark.length - 3)}`),
  ];
  if (view.mention) blocks.push(context([`<!subteam^${view.mention}>`]));
  if (first.length > 0) blocks.push(section(first));
  blocks.push(cardButtons(incident), section(facts));
  if (steps.length > 0) blocks.push(section(steps));
  if (footer.length > 0) blocks.push(context(footer));
  return { text: lockScreen(view, marks), blocks };
}

/** What is broken and why; what it means and what to do have lines of their own. */
function titleOf(incident: Incident): string {
  const { sentence } = incident;
  const told =
    sentence === undefined ? incident : { ...incident, sentence: { ...sentence, impact: null, action: null } };
  return oneLine(headline(told, LIMITS.header));
}

/** What a phone shows without being unlocked: at most 120 characters, one line. */
function lockScreen(view: CardView, marks: readonly string[]): string {
  const mark = marks.map((each) => `${each} `).join('');
  const line = `${mark}${oneLine(headline(view.known.incident, MAX_HEADLINE - mark.length))}`;
  return escapeMrkdwn(cutEscaped(line, MAX_HEADLINE)) || `Incident ${view.known.incident.number}`;
}

/** What it means to users, and the one thing to do. */
function adviceLines({ known, finding, playbook, progress, known: { incident } }: CardView): readonly string[] {
  if (incident.status === 'resolved') return [];
  const { impact, action, causes } = sentenceOf(incident);
  const isKnown = causes.length > 0;
  const next = isKnown ? (action ?? finding?.nextStep ?? null) : null;
  const step = playbook?.steps[progress?.current ?? 0];
  const todo = next ?? (step && !step.automatic ? step.text : null);
  return [
    impact === null ? '' : `👥 ${/\bimpact\b/i.test(impact) ? '' : 'Impact: '}${prose(impact, LINE)}`,
    todo === null || known.incident.status === 'mitigated' ? '' : `➡️ *${adviceLine(todo, LINE)}*`,
  ].filter((line) => line !== '');
}

/** What the sender says beside its summary, and the values it measured. */
function saidLine(known: IncidentWithAlerts): string | null {
  const alert = speaker(known.alerts);
  if (alert === null || known.incident.status === 'resolved') return null;
  const { description, values } = saidBy(alert);
  const measured = values === null ? null : `(${values})`;
  return prose([description, measured].filter((part) => part !== null).join(' '), LINE) || null;
}

/** What the diagnosis found, as far as the sentence does not say it. */
function evidenceLine({ finding, known: { incident } }: CardView): string | null {
  if (!finding) return null;
  const { causes } = sentenceOf(incident);
  const more = causes.length > 1 ? ` _(+${causes.length - 1} more in the thread)_` : '';
  const way = finding.path === undefined ? '' : `\n${pathLine(finding.path)}`;
  return `🔎 ${prose(finding.conclusion, LINE)}${more}${way}`;
}

/** Where it is and how much of it: namespace, object, cluster, and how many objects where the alerts name several. */
function whereLine(known: IncidentWithAlerts): string {
  const { incident } = known;
  const parts = [incident.namespace === null ? null : `namespace ${code(incident.namespace, 70)}`];
  if (incident.subject.kind !== 'alert') parts.push(`${incident.subject.kind} ${code(incident.subject.name, 90)}`);
  if (incident.cluster !== 'default') parts.push(`cluster ${code(incident.cluster, 60)}`);
  const objects = affectedLine(known);
  if (objects !== null) parts.push(objects);
  return `📍 ${parts.filter((part) => part !== null).join(' · ') || 'the alert names no namespace and no object'}`;
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
  // What is next stands first, with what was done last above it; a branch that the cause excludes is left out.
  const order = (progress?.order ?? playbook.steps.map(({ index }) => index)).filter(
    (index) => !progress?.known[index]?.excluded,
  );
  const next = begun ? (progress.current === null ? order.length : order.indexOf(progress.current)) : 0;
  const isOpen = (index: number): boolean => (progress?.steps[index]?.state ?? 'open') === 'open';
  const from = Math.max(0, Math.min(next - 1, order.length - (room - 1)));
  const ahead = order.slice(from).filter((index, at) => from + at < next || isOpen(index));
  const steps = ahead
    .slice(0, room - 1)
    .map(
      (index) => `${stepSign(progress, index)} ${prose(playbook.steps[index]?.text ?? '', 160) || 'see the runbook'}`,
    );
  const rest = ahead.length - steps.length;
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

function stepSign(progress: KnownProgress | null, index: number): string {
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
  const severity = `${severityName(incident.severity)} by ${prose(incident.severityReason, 120) || 'no recorded reason'}`;
  const names = [...new Set(view.known.alerts.map(({ name }) => name))];
  const alerts =
    names.length === 0
      ? []
      : [
          `alert ${names
            .slice(0, 2)
            .map((name) => code(name, 80))
            .join(', ')}${names.length > 2 ? ` and ${names.length - 2} more` : ''}`,
        ];
  const why = incident.status === 'resolved' ? [] : [severity];
  const room = view.ownChannel === null ? [] : [`own channel: <#${view.ownChannel}>`];
  return [
    ...note,
    ...room,
    ...cardLinks(view.known, view.publicUrl, shownRunbook(view)),
    ...previous,
    ...related,
    ...alerts,
    ...why,
  ];
}
