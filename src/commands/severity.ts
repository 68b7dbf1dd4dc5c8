import { ResponderError } from '../errors.ts';
import type { Severity } from '../incidents/incident.ts';
import { readSeverity } from '../incidents/severity.ts';
import { short } from '../wording/cuts.ts';
import { changeIncident } from './change.ts';
import type { Call, Command } from './command.ts';
import { wantedNumber } from './number.ts';

/** `sev1`..`sev4`, `1`..`4`, or P0..P3 with P0 = sev1. */
export function severityOf(word: string): Severity {
  const severity = readSeverity(/^[1-4]$/.test(word) ? `sev${word}` : word);
  if (severity) return severity;
  throw new ResponderError('bad_input', `“${short(word, 60)}” is not a severity.`, {
    hint: 'Use sev1 (worst), sev2, sev3 or sev4.',
  });
}

function parts(call: Call): { number: number | null; severity: Severity } {
  const [first, second] = call.words;
  if (second === undefined) return { number: null, severity: severityOf(first ?? '') };
  const severityFirst = /^(?:sev|p)/i.test(first ?? '');
  return {
    number: wantedNumber(call, severityFirst ? second : first),
    severity: severityOf((severityFirst ? first : second) ?? ''),
  };
}

/** `/lambda severity [number] <sev1..sev4>`. */
export const severity: Command = {
  name: 'severity',
  usage: '[number] <sev1|sev2|sev3|sev4>',
  summary: 'raise or lower it',
  access: 'decide',
  about: ['P0 to P3 are understood as sev1 to sev4. It rises by itself and falls only by a person.'],
  examples: ['severity sev1', 'severity 12 sev3'],
  shape: (node) => {
    node.argument('<severity>', 'sev1 to sev4').argument('[number]', 'the incident');
  },
  check: (call) => {
    parts(call);
  },
  run: (call, run) => {
    const wanted = parts(call);
    return changeIncident(run, {
      number: wanted.number,
      commandFor: (number) => `severity ${number} ${wanted.severity}`,
      change: () => ({ kind: 'setSeverity', severity: wanted.severity }),
      done: (incident) => ({ title: `#${incident.number} is ${incident.severity} now.` }),
    });
  },
};
