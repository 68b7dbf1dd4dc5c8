import type { CardGroup } from '../../incidents/decide/storm.ts';
import type { Incident } from '../../incidents/incident.ts';
import { FIXED_RULES } from '../../incidents/policy.ts';
import { headline } from '../../incidents/sentence.ts';
import { actions, button, context, header, type Rendered, section } from './blocks.ts';
import { code, cutEscaped, date, escapeMrkdwn, oneLine, plain } from './mrkdwn.ts';
import { encodePress, PRESS_PREFIX } from './press.ts';

const LOCK_SCREEN = FIXED_RULES.messages.lockScreen;

export interface GroupView {
  readonly group: CardGroup;
  /** The worst unresolved incident on it, whose sentence the card says; null when all are over. */
  readonly worst: Incident | null;
  readonly marks: readonly string[];
  /** Slack id of the user group to mention in this very message; null for edits and when nobody is mentioned. */
  readonly mention: string | null;
  /** One more line, such as why it is not where it should be. */
  readonly note: string | null;
}

/** A card that stands for several incidents: counts, the most frequent alert names, and a button that lists them. */
export function renderGroup({ group, worst, marks, mention, note }: GroupView): Rendered {
  const where = group.cluster === 'default' ? '' : ` on ${oneLine(group.cluster)}`;
  const title = titleOf(group, where);
  const first = worst === null ? [] : [`*Worst:* ${escapeMrkdwn(oneLine(headline(worst, 300)))}`];
  const lines = [stateLine(group), ...first, ...group.top.map(groupLine)];
  if (group.otherNames > 0) lines.push(`and ${group.otherNames.toLocaleString('en-US')} more alert names`);
  const press = (command: string) => encodePress({ incidentNumber: null, command }, 75) ?? '# incidents';
  const id = (name: string) => `${PRESS_PREFIX}${name}`;
  const blocks: Rendered['blocks'] = [
    header(`${marks.map((mark) => `[${mark}] `).join('')}${plain(title, 120)}`),
    section(lines),
    context(note === null ? [hintOf(group)] : [oneLine(note), hintOf(group)]),
    actions(`group:${group.id}`, [
      button(id('group'), 'List them', press(`incidents --storm ${group.id}`)),
      ...(worst === null ? [] : [button(id('worst'), `Open #${worst.number}`, press(`status ${worst.number}`))]),
      button(id('open'), 'All open incidents', press('incidents')),
    ]),
  ];
  if (mention !== null) blocks.unshift(context([`<!subteam^${mention}>`]));
  const text = `${title}, ${group.unresolved.toLocaleString('en-US')} open`;
  return { text: escapeMrkdwn(cutEscaped(text, LOCK_SCREEN)), blocks };
}

function titleOf(group: CardGroup, where: string): string {
  const count = group.total.toLocaleString('en-US');
  if (group.kind === 'shared') return `🔴 ${count} more ${oneLine(group.alertName ?? 'alerts')}${where}`;
  return group.endedAt === null
    ? `⛈️ STORM${where}: ${count} incidents${mostly(group)}`
    : `🌤️ Storm${where} is over: ${count} incidents${mostly(group)}`;
}

/** What most of them are: `, mostly KubePodCrashLooping`. */
function mostly({ top, total }: CardGroup): string {
  const [first] = top;
  if (first === undefined || first.total * 2 <= total) return '';
  return `, ${first.total === total ? 'all' : 'mostly'} ${oneLine(first.alertName)}`;
}

function stateLine(group: CardGroup): string {
  const open = `*${group.unresolved.toLocaleString('en-US')} of ${group.total.toLocaleString('en-US')} unresolved*`;
  const until = group.endedAt === null ? '' : ` until ${date(group.endedAt)}`;
  return `${open} · since ${date(group.since)}${until}`;
}

function groupLine(each: CardGroup['top'][number]): string {
  const of = each.unresolved === each.total ? '' : ` of ${each.total.toLocaleString('en-US')}`;
  return `• ${each.unresolved.toLocaleString('en-US')}${of} × ${code(each.alertName, 80)} · newest #${each.last}`;
}

function hintOf(group: CardGroup): string {
  if (group.kind === 'shared')
    return 'More than ten in five minutes share this card; `/lambda ack NUMBER` gives one its own.';
  return 'SEV1 and SEV2 have cards of their own; `/lambda ack NUMBER` or `/lambda status NUMBER` for one of these.';
}
