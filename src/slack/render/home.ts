import type { HomeView } from '@slack/types';
import type { Incident } from '../../incidents/incident.ts';
import { spoken } from '../../incidents/sentence.ts';
import { actions, button, context, header, LIMITS, section } from './blocks.ts';
import { code, date, prose } from './mrkdwn.ts';
import { encodePress, PRESS_PREFIX } from './press.ts';

const SHOWN = 20;
const DOT = { sev1: '🔴', sev2: '🟠', sev3: '🟡', sev4: '⚪' } as const;

/** The App Home of who may not see what is open, with why. */
export function renderRefusedHome(title: string, why: string): HomeView {
  return { type: 'home', blocks: [header(title), section([prose(why, 1_000)])] };
}

/** The App Home: what is open now. */
export function renderHome(open: readonly Incident[]): HomeView {
  const blocks: HomeView['blocks'] = [
    header(
      open.length === 0 ? 'No open incidents' : `${open.length} open ${open.length === 1 ? 'incident' : 'incidents'}`,
    ),
  ];
  for (const incident of open.slice(0, SHOWN)) {
    const where = incident.namespace === null ? '' : ` · ${code(incident.namespace, 70)}`;
    const lines = [
      `${DOT[incident.severity]} *#${incident.number}* ${prose(spoken(incident, 150), 150)}`,
      `${incident.status}${where} · since ${date(incident.startedAt)}`,
    ];
    const value = encodePress({ incidentNumber: incident.number, command: 'status' }, LIMITS.buttonValue) ?? '# help';
    blocks.push({ ...section(lines), accessory: button(`${PRESS_PREFIX}home:${incident.number}`, 'Status', value) });
  }
  if (open.length > SHOWN) blocks.push(context([`and ${open.length - SHOWN} more: \`/lambda incidents\``]));
  const help = button(`${PRESS_PREFIX}help`, 'What can I ask?', '# help');
  blocks.push(actions('home', [help]));
  return { type: 'home', blocks };
}
