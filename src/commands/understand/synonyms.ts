import { short } from '../../wording/cuts.ts';
import { leadingNumber } from '../names.ts';

import { laterOf, laterVerb } from './later.ts';
import { courtesy, searched, stepOf, takenBack } from './spoken.ts';
import { lineOf, offers, perhaps, runs, type Understood } from './understood.ts';

/** Other words for a command that mean just that: they run it. */
const SURE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    acknowledge: 'ack',
    acknowlege: 'ack',
    aknowledge: 'ack',
    take: 'ack',
    claim: 'ack',
    unacknowledge: 'unack',
    unclaim: 'unack',
    unmerge: 'split',
    close: 'resolve',
    escalation: 'escalate',
    'on-call': 'oncall',
    rota: 'oncall',
    rotation: 'oncall',
    shift: 'oncall',
    schedule: 'oncall',
    comment: 'note',
    remark: 'note',
    sev: 'severity',
    prio: 'severity',
    priority: 'severity',
    postmortem: 'postmortem',
    'post-mortem': 'postmortem',
    pm: 'postmortem',
    playbook: 'runbook',
    incident: 'incidents',
    incidents: 'incidents',
  }),
);

/** Words that tell of a state as well as ask for it: sure only alone or with a number. */
const PARTICIPLES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    acknowledged: 'ack',
    acked: 'ack',
    acking: 'ack',
    "ack'd": 'ack',
    ackd: 'ack',
    unacked: 'unack',
    resolved: 'resolve',
    mitigated: 'mitigate',
    reopened: 'reopen',
  }),
);

/** What the state is called that a participle tells of; an incident that was reopened has none of its own. */
const STATUS_OF: ReadonlyMap<string, string> = new Map([
  ['ack', 'acknowledged'],
  ['unack', 'open'],
  ['resolve', 'resolved'],
  ['mitigate', 'mitigated'],
]);

/** Words of people, not of commands: what they probably want is offered. The patterns see the line in lower case, without its number. */
const PROBABLY: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:dismiss(?:ed)?|false (?:alarm|positive)|not an(?: incident)?|no incident|fehlalarm|falsa alarma|fausse alerte|alarme falso)$/,
    'resolve --dismiss',
  ],
  [/^(?:release|drop|unassign|give (?:it )?back|not mine|hand (?:it )?back)(?: it)?$/, 'unack'],
  [
    /^(?:re-?open|open again|it'?s back|is back|back again|(?:it )?(?:came|comes|coming) back|happening again)$/,
    'reopen',
  ],
  [
    /^(?:mine|on it|i(?:'?m| am)? on it|i'?ve got (?:it|this)|i have (?:it|this)|got (?:it|this)|i got (?:it|this)|i(?:'ll| will) take (?:it|this)|(?:i(?:'?m| am|'?ll| will)? |we(?:'re| are|'ll| will)? )?(?:be )?(?:looking|look|checking|check|investigating|working|handling|handle|taking|take|having a look|have a look)(?: (?:at|into|on|over|after))?(?: (?:it|this|that))?|👀|🙋|my incident|assign to me|assign me|me)$/,
    'ack',
  ],
  [
    /^(?:ubernehme|ubernommen|ich ubernehme|ubernehmen|bin dran|ich bin dran|mach ich|tomar|lo tomo|la tomo|tomo|me encargo|voy|yo me encargo|prendre|je prends|je m'en charge|lo tengo|la tengo|yo lo llevo|je m'?en occupe|pris|assumir|assumo|eu assumo|pego|deixa comigo|対応します|対応中)$/,
    'ack',
  ],
  [
    /^(?:fixed(?: it)?|done|solved|finished|over|it(?:'?s| is) (?:fixed|over|done|solved|resolved|good|fine|ok|working(?: again)?)|all (?:good|clear|ok|fine|done)|works(?: again)?|it works(?: again)?|we'?re good|end|finish|complete|completed|closed|is fixed|recovered|back to normal|(?:it(?:'?s| is|s)|all|this is|that'?s) (?:fixed|working|resolved|solved|good|ok|fine)(?: (?:now|again|for me))*|✅|☑️)$/,
    'resolve',
  ],
  [
    /^(?:erledigt|gelost|behoben|geschlossen|schliessen|fertig|cerrar|cerrado|resuelto|resolver|solucionado|arreglado|fermer|ferme|resolu|resoudre|regle|corrige|fechar|fechado|resolvido|encerrar|解決|解決済み|完了)$/,
    'resolve',
  ],
  [/^(?:c'est (?:regle|bon|resolu|fini)|ja (?:resolvi|foi|esta)|resolvi|ya (?:esta|funciona))$/, 'resolve'],
  [/^(?:notes?|notizen|notas|comments)$/, 'status'],
  [/^(?:stable|stopped the bleeding|bleeding stopped|contained|impact (?:is )?over)$/, 'mitigate'],
];

const SEVERITY = /^(sev|p|s)[-_ ]?([0-4])$/i;

/** Other words and other orders for our own commands; null when the line has none of them. */
export function synonym(line: string): Understood | null {
  const said = line.toLowerCase().replaceAll(/\s+/g, ' ').trim();
  return (
    courtesy(said) ??
    severityOf(said) ??
    stepOf(said) ??
    searched(line) ??
    takenBack(said) ??
    listOf(said) ??
    numberFirst(line, said) ??
    participle(line) ??
    sureWord(line) ??
    later(said) ??
    wordy(line, said) ??
    probably(said)
  );
}

/** `sev1`, `SEV 2`, `sev1 5`, `5 sev1`, `raise to sev1`. */
function severityOf(said: string): Understood | null {
  const match = /^(.*?)\s*\b((?:sev(?:erity)?|p|prio(?:rity)?)[-_ ]?[0-4])\b\s*(.*)$/.exec(said);
  if (!match) return null;
  const [, before = '', level = '', after = ''] = match;
  const digits = /[0-4]$/.exec(level)?.[0] ?? '';
  const isP = /^p[-_ ]?\d$/.test(level);
  const severity = isP ? `p${digits}` : `sev${digits}`;
  if (!SEVERITY.test(severity) || (!isP && digits === '0')) return null;
  const other = `${before} ${after}`
    .replaceAll(/\b(?:to|is|as|the|now|an?)\b/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const leading = leadingNumber(other);
  const isTold = /\bis\b/.test(before);
  if (!isTold && (other === '' || (leading !== null && leading.rest === '')))
    return runs(['severity', leading ? String(leading.number) : '', severity]);
  if (/^(?:(?:list|show|get|see|all|open|the|any|me) ?)+(?:s|incidents?|ones)?$|^s? ?incidents?$/.test(other))
    return runs(['incidents']);
  const set = /^(?:set )?(?:severity|sev|priority|prio)(?: (?:of )?(.*))?$/.exec(other);
  if (set) return runs(['severity', numberIn(set[1] ?? ''), severity]);
  if (
    !isTold &&
    !/^(?:raise|lower|make|set|bump|change|upgrade|downgrade|escalate|mark|put|it should be|promote|demote|increase|decrease)\b/.test(
      other,
    )
  )
    return null;
  return offers('Change the severity?', 'It tells everybody in the channel, so it is done at a press.', [
    lineOf(['severity', numberIn(other), severity]),
  ]);
}

/** `5 ack`, `#5`, `4?`, `incident 4`, `show 4`: the number said first, or nothing but a number. */
function numberFirst(line: string, said: string): Understood | null {
  const leading = leadingNumber(
    line.replace(/^(?:ticket|case|issue|about|re:?)\s+(?=#?\d)/i, '').replace(/^\((#?\d+)\)$/, '$1'),
  );
  if (!leading) return null;
  if (leading.rest === '') return runs(['status', String(leading.number)]);
  const [typed = '', ...more] = leading.rest.split(/\s+/);
  const word = typed.toLowerCase();
  const number = String(leading.number);
  if (/^(?:resolve|note|reopen|mitigate)$/.test(word)) return runs([word, number, ...more]);
  const own = /^(?:ack|unack|status|runbook|postmortem)$/.test(word) ? word : null;
  const command = own ?? SURE.get(word) ?? PARTICIPLES.get(word);
  if (command !== undefined && more.length === 0 && command !== 'note') return runs([command, number]);
  if (command !== undefined && TAKES_TEXT.test(command))
    return perhaps(`${command} #${number} ${more.join(' ')}`.trim(), [`status ${number}`]);
  return probably(said);
}

/** Commands that take free text behind the number. */
const TAKES_TEXT = /^(?:resolve|note|reopen|mitigate)$/;

/** `resolved incidents`, `list all mitigated incidents`: those of a status. */
function listOf(said: string): Understood | null {
  const match = /^(?:(?:list|show|get|the|me|all)\s+)*([\w'-]+)\s+inc(?:ident)?s$/.exec(said);
  const word = match?.[1] ?? '';
  const command = word === 'closed' ? 'resolve' : PARTICIPLES.get(word);
  if (command === undefined) return null;
  const status = STATUS_OF.get(command);
  return status === undefined ? runs(['incidents', '--all']) : runs(['incidents', '--status', status]);
}

/** `acked`, `resolved 5`; with any other word beside it a participle tells or asks, so that nothing is done. */
function participle(line: string): Understood | null {
  const match = /^(?:i\s+)?([\w'-]+):?(?:\s+([\s\S]*))?$/i.exec(line);
  const command = PARTICIPLES.get((match?.[1] ?? '').toLowerCase());
  if (command === undefined) return null;
  const rest = withoutSmall(match?.[2] ?? '');
  const sure = numberOnly(command, rest);
  if (sure !== null) return sure;
  const status = STATUS_OF.get(command);
  const text = TAKES_TEXT.test(command) ? marked(rest) : '';
  return perhaps(`${command} ${text}`.trim(), [status === undefined ? 'incidents' : `incidents --status ${status}`]);
}

/** `acknowledge 5`, `close 5`; `close 5 rolled back` and `comment customer told` are offered: they may be about something else. */
function sureWord(line: string): Understood | null {
  const match = /^(?:i\s+)?([\w'-]+):?(?:\s+([\s\S]*))?$/i.exec(line);
  const typed = (match?.[1] ?? '').toLowerCase();
  if (/^add$/.test(typed)) {
    const note = /^add\s+(?:a\s+)?(?:note|comment)s?:?\s+([\s\S]+)$/i.exec(line);
    return note ? raw('note', note[1] ?? '') : null;
  }
  if (/^note$/.test(typed) && /^note:/i.test(line)) return raw('note', match?.[2] ?? '');
  const command = SURE.get(typed);
  if (command === undefined) return null;
  const text = (match?.[2] ?? '').trim();
  if (command === 'note') return text === '' ? raw('note', '') : perhaps(`note ${marked(text)}`, ['status']);
  const rest = withoutSmall(text);
  if (command === 'incidents') return rest === '' ? runs(['incidents']) : numberOnly('status', rest);
  if (command === 'resolve') return numberOnly('resolve', rest) ?? perhaps(`resolve ${marked(rest)}`, ['incidents']);
  return numberOnly(command, rest);
}

/** What follows the verb, without the small word that means the incident: `close it`, `close the 5`. */
function withoutSmall(text: string): string {
  return text
    .trim()
    .replace(/^(?:it|this|(?:the|on|of)(?=\s))\b[\s:]*/i, '')
    .trim();
}

/** A text whose number in front stands as an incident's, however it was written. */
function marked(text: string): string {
  const leading = leadingNumber(text);
  return leading === null ? text : `${leading.marked ? '#' : ''}${leading.number} ${leading.rest}`.trim();
}

/** A command with free text behind it, word for word. */
function raw(command: string, rest: string): Understood {
  return { kind: 'run', line: `${command} ${rest}`.trim(), left: [] };
}

function numberOnly(command: string, rest: string): Understood | null {
  if (rest === '') return runs([command]);
  const leading = leadingNumber(rest.replace(/^(?:incident|number|the)\s+(?=\S)/i, '')) ?? leadingNumber(rest);
  return leading !== null && leading.rest === '' ? runs([command, String(leading.number)]) : null;
}

function later(said: string): Understood | null {
  const [first = '', second = '', ...rest] = said.split(' ');
  const two = laterVerb(`${first}-${second}`) ?? (first === 'roll' && second === 'back' ? 'rollback' : null);
  const isGiven = /^(?:giv|hand|pass|transfer)(?:e|ing)?\b.*\bto [a-z@]/.test(said);
  const verb = two ?? (isGiven ? 'assign' : laterVerb(first));
  if (verb === null || said.split(' ').length > 6) return null;
  const words = (two === null ? [second, ...rest] : rest).filter(
    (word) =>
      !/^(?:it|the|this|to|for|of|a|someone|somebody|incident|me|all|alert|alerts|-.*|\d+ ?(?:m|h|min|hours?))$/.test(
        word,
      ) && word !== '',
  );
  const number =
    words.map((word) => leadingNumber(word)).find((found) => found !== null && found.rest === '')?.number ?? '';
  const takesNumber = /^(?:fix|silence|call|assign)$/.test(verb);
  const object = takesNumber ? '' : objectWord(words.find((word) => /^[a-z][a-z0-9./-]*$/.test(word)) ?? '');
  return laterOf(verb, object, [], takesNumber ? String(number) : '');
}

function objectWord(word: string): string {
  return word.replace(/^(deploy|deployments?)\//, 'deployment/').replace(/^(po|pods?)\//, 'pod/');
}

/** `status of 4`, `merge 5 with 4`, `open 5 again`, `new incident x`: our commands in a sentence. */
function wordy(line: string, said: string): Understood | null {
  const show =
    /^(?:status|show|view|open|see|display|get|what is|what's|whats|who has|who owns|who is on|timeline|history|summary|state|details?|info)(?: me)?(?: (?:of|for|on|the|timeline|history|status|summary|details))*\s+(.+)$/.exec(
      said,
    );
  const asked = show ? leadingNumber(show[1] ?? '') : null;
  if (asked?.rest === '' && !/^open\b/.test(said)) return runs(['status', String(asked.number)]);
  const same =
    /^(?:(?:this|it) is |it'?s )?(?:an? |the )?(?:duplicate|dup|dupe|copy|same|same thing)(?: (?:of|as|like))(?: (?:incident|no\.?))? (.+)$/.exec(
      said,
    );
  const twin = same ? leadingNumber(same[1] ?? '') : null;
  if (twin?.rest === '')
    return offers('Merge them?', 'This one is closed and its alerts go to the other.', [
      `merge into ${twin.number}`,
      `status ${twin.number}`,
    ]);
  const merged = /^(?:merge|join|combine|link|duplicate|dup)\s+(.+?)\s+(?:with|and|to|in|onto|of|is)\s+(.+)$/.exec(
    said,
  );
  const from = merged ? leadingNumber(merged[1] ?? '') : null;
  const into = merged ? leadingNumber((merged[2] ?? '').replace(/^(?:duplicate|dup)(?: of)?\s+/, '')) : null;
  if (from && into)
    return offers('Merge them?', 'The first is closed and its alerts go to the second.', [
      `merge ${from.number} into ${into.number}`,
      `merge ${into.number} into ${from.number}`,
    ]);
  const opened =
    /^(?:new|create|open|start|raise|report|declare|file|trigger|make)\s+(?:a\s+|an\s+)?(?:new\s+)?(?:incident|outage|alert)[:\s]+(.+)$/i.exec(
      line.trim(),
    );
  if (opened && leadingNumber(opened[1] ?? '')?.rest === '')
    return runs(['status', String(leadingNumber(opened[1] ?? '')?.number)]);
  if (opened) return offers('Open an incident?', 'Everybody in the channel sees it.', [`declare ${opened[1] ?? ''}`]);
  const how = /^how (?:do|can|to|should)(?: i| you| we)? (.+)$/.exec(said);
  const about = how ? (SURE.get((how[1] ?? '').split(' ')[0] ?? '') ?? (how[1] ?? '').split(' ')[0] ?? '') : '';
  return /^(?:ack|unack|note|resolve|merge|declare|reopen|mitigate|severity|postmortem|runbook|status|incidents)$/.test(
    about,
  )
    ? runs(['help', about])
    : null;
}

function numberIn(text: string): string {
  for (const word of text.split(' ')) {
    const found = leadingNumber(word);
    if (found !== null && found.rest === '') return String(found.number);
  }
  return '';
}

/** What people say when they mean a change: offered, never done. */
function probably(said: string): Understood | null {
  const plain = said
    .replaceAll('’', "'")
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .replaceAll('ß', 'ss');
  const number = numberIn(plain);
  const rest = plain
    .split(' ')
    .filter((word) => numberIn(word) === '' && !/^(?:incident|inc|number|no\.?)$/.test(word))
    .join(' ')
    .replace(/^(?:mark|set|call)\s+(?:it |as )*/, '')
    .trim();
  const found = PROBABLY.find(([pattern]) => pattern.test(rest));
  if (!found) return null;
  const line = `${found[1]} ${number}`.trim();
  return offers(
    `Do you mean “${short(line, 40)}”?`,
    'What changes an incident is done when its own word is typed, or at a press.',
    [line, ...(number === '' ? ['incidents'] : [`status ${number}`])],
  );
}
