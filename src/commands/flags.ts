import { kindOfWord, spellingOf } from '../alerts/kindWords.ts';
import { ResponderError } from '../errors.ts';
import { short } from '../wording/cuts.ts';
import { type Call, optionText } from './command.ts';
import {
  containerName,
  fieldSelector,
  filterText,
  incidentNumber,
  labelSelector,
  lineCount,
  type NamedObject,
  namespaceName,
  objectName,
  sinceInstant,
  sortPath,
} from './names.ts';

/** The options of a diagnostic, each checked; null where not given. */
export interface Flags {
  readonly name: NamedObject | null;
  /** All objects of this kind, as requests spell it: `describe deployment`. */
  readonly kind: string | null;
  readonly namespace: string | null;
  readonly allNamespaces: boolean;
  readonly selector: string | null;
  readonly fieldSelector: string | null;
  readonly container: string | null;
  readonly tail: number | null;
  readonly since: number | null;
  readonly previous: boolean;
  readonly sortBy: string | null;
  readonly filter: string | null;
  readonly output: 'wide' | 'json' | 'yaml' | null;
  readonly cluster: string | null;
  readonly incident: number | null;
}

/** Reads and checks what was typed; throws `bad_input` with what would be accepted. `now` is epoch milliseconds. */
export function readFlags(call: Call, now: number): Flags {
  const read = <T>(option: string, check: (value: string) => T): T | null => {
    const value = optionText(call, option);
    return value === undefined ? null : check(value);
  };
  const [word] = call.words;
  const kind = word !== undefined && call.path[1] === 'describe' ? kindOfWord(word.replace(/\/$/, '')) : null;
  const flags: Flags = {
    name: word === undefined || kind !== null ? null : objectName(word),
    kind: kind === null ? null : spellingOf(kind),
    namespace: read('namespace', namespaceName),
    allNamespaces: call.options.allNamespaces === true,
    selector: read('selector', labelSelector),
    fieldSelector: read('fieldSelector', fieldSelector),
    container: read('container', containerName),
    tail: read('tail', lineCount),
    since: read('since', (value) => sinceInstant(value, now)),
    previous: call.options.previous === true,
    sortBy: read('sortBy', sortPath),
    filter: read('filter', filterText),
    output: read('output', outputForm),
    cluster: read('cluster', clusterName),
    incident: read('incident', wholeNumber),
  };
  if (flags.allNamespaces && flags.namespace !== null)
    throw new ResponderError('bad_input', '-A and -n contradict each other.', { hint: 'Give one of them.' });
  if (flags.name && flags.selector)
    throw new ResponderError('bad_input', 'A name and -l cannot be combined.', {
      hint: 'Give the name of one object, or a selector for several.',
    });
  if (flags.name && flags.allNamespaces)
    throw new ResponderError('bad_input', 'A name cannot be looked up with -A.', { hint: 'Say where it is with -n.' });
  return flags;
}

function outputForm(value: string): 'wide' | 'json' | 'yaml' {
  if (value === 'wide' || value === 'json' || value === 'yaml') return value;
  throw new ResponderError('bad_input', `“${short(value, 60)}” is no form of a file.`, {
    hint: 'The file comes with all columns (-o wide), or as the objects (-o json, -o yaml).',
  });
}

function clusterName(value: string): string {
  if (/^[\w.:@/-]{1,100}$/.test(value)) return value;
  throw new ResponderError('bad_input', `“${short(value, 60)}” is not the name of a cluster.`);
}

function wholeNumber(value: string): number {
  const number = incidentNumber(value);
  if (number !== null) return number;
  throw new ResponderError('bad_input', `“${short(value, 60)}” is not the number of an incident.`, {
    hint: 'Use -i 12.',
  });
}
