import { utc } from '../../wording/instants.ts';
import { type Html, html } from './html.ts';

/** `2026-11-24 05:31:45 GMT+1` in a time zone of the IANA database, with the instant itself beside it for machines. */
export function moment(at: number | null, timeZone: string): Html {
  if (at === null) return html`not recorded`;
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}" title="${utc(at)}">${inZone(at, timeZone)}</time>`;
}

function inZone(at: number, timeZone: string): string {
  if (timeZone === 'UTC') return utc(at);
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'long',
    hourCycle: 'h23',
  }).formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? '';
  return `${of('year')}-${of('month')}-${of('day')} ${of('hour')}:${of('minute')}:${of('second')} ${of('timeZoneName')}`;
}
