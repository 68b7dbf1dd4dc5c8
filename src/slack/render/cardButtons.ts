import type { ActionsBlock, Button } from '@slack/types';
import type { Incident } from '../../incidents/incident.ts';
import { actions, button, LIMITS, overflow } from './blocks.ts';
import { encodePress, PRESS_PREFIX } from './press.ts';

type Press = (command: string) => string;

/**
 * Three buttons and a menu. The first place is Acknowledge's, and never Resolve's: who presses twice must not resolve
 * (docs/rules.md#slips). What destroys something opens a form first or can be undone from its answer.
 */
export function cardButtons(incident: Incident): ActionsBlock {
  const press: Press = (command) =>
    encodePress({ incidentNumber: incident.number, command }, LIMITS.optionValue) ?? '# help';
  return actions(`card:${incident.number}`, [
    ...BUTTONS[incident.status](press),
    overflow(id('more'), menu(incident, press)),
  ]);
}

const id = (name: string): string => `${PRESS_PREFIX}${name}`;

const BUTTONS: Readonly<Record<Incident['status'], (press: Press) => readonly Button[]>> = {
  open: (press) => [
    button(id('ack'), 'Acknowledge', press('ack'), { style: 'primary' }),
    button(id('diagnose'), 'Diagnose', press('diag all')),
    button(id('runbook'), 'Steps', press('runbook')),
  ],
  acknowledged: taken,
  mitigated: taken,
  resolved: (press) => [
    button(id('postmortem'), 'Post-mortem', press('postmortem')),
    button(id('reopen'), 'Reopen', press('reopen')),
  ],
};

function taken(press: Press): readonly Button[] {
  return [
    button(id('note'), 'Note …', press('form note')),
    button(id('diagnose'), 'Diagnose', press('diag all')),
    button(id('resolve'), 'Resolve …', press('form resolve')),
  ];
}

function menu(incident: Incident, press: Press): readonly { label: string; value: string }[] {
  const list = { label: 'Open incidents', value: press('incidents') };
  const runbook = { label: 'Runbook', value: press('runbook') };
  const events = { label: 'Events', value: press('diag events') };
  if (incident.status === 'resolved') return [runbook, events, list, { label: 'Help', value: press('help') }];
  const merge = mergesInto(incident);
  return [
    ...(incident.status === 'open'
      ? [
          { label: 'Note …', value: press('form note') },
          { label: 'Resolve …', value: press('form resolve') },
        ]
      : [runbook, events]),
    ...(merge === null ? [] : [{ label: `Merge into #${merge}`, value: press(`merge ${merge}`) }]),
    { label: 'Post-mortem', value: press('postmortem') },
    list,
  ];
}

/** Merging goes from the younger into the older: the other way it would take the cause away from where people look. */
function mergesInto({ number, related }: Incident): number | null {
  return related.find((other) => other.number < number)?.number ?? null;
}
