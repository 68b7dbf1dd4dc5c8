import { affected } from '../../incidents/headline.ts';
import type { IncidentWithAlerts } from '../../incidents/incident.ts';
import { code } from './text.ts';

const SHOWN = 3;

/** `3 pods: a, b, c` and `5 Jobs: a, b, c and 2 more`, ready mrkdwn; null when the labels name nothing. */
export function affectedLine(known: Pick<IncidentWithAlerts, 'alerts' | 'unread'>): string | null {
  const parts = affected(known.alerts, known.unread)
    .slice(0, 2)
    .map(({ text, names }) => {
      const shown = names.slice(0, SHOWN).map((name) => code(name, 64));
      const more = names.length > SHOWN ? ` and ${(names.length - SHOWN).toLocaleString('en-US')} more` : '';
      return `${text}: ${shown.join(', ')}${more}`;
    });
  return parts.length > 0 ? parts.join(' · ') : null;
}
