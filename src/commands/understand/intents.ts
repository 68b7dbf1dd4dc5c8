import { type Concept, readSentence, type Sentence } from './lexicon.ts';
import { lineOf, offers, runs, type Understood } from './understood.ts';

/** A question in plain words: what it must be about, what may stand beside that, and the command it is. */
interface Intent {
  readonly needs: readonly Concept[];
  readonly beside: readonly Concept[];
  readonly takes: 'object' | 'number' | 'nothing';
  readonly line: readonly string[];
  /** The line when an object was named, where that is another. */
  readonly ofObject?: readonly string[];
}

const LOOK = [
  'show',
  'all',
  'what',
  'open',
  'next',
  'well',
  'bad',
  'why',
  'function',
  'status',
  'who',
  'owns',
] as const satisfies readonly Concept[];
const of = (needs: readonly Concept[], line: string, takes: Intent['takes'] = 'object', ofObject?: string): Intent => ({
  needs,
  beside: LOOK,
  takes,
  line: line.split(' '),
  ...(ofObject === undefined ? {} : { ofObject: ofObject.split(' ') }),
});

/** The first that fits counts; whatever is more particular stands higher. */
const INTENTS: readonly Intent[] = [
  of(['postmortem'], 'postmortem', 'number'),
  of(['runbook'], 'runbook', 'number'),
  of(['logs'], 'diag logs'),
  of(['events'], 'diag events'),
  of(['usage', 'nodes'], 'diag top nodes'),
  of(['usage'], 'diag top pods'),
  of(['nodes'], 'diag nodes'),
  of(['jobs'], 'diag jobs'),
  of(['builds'], 'diag builds'),
  of(['pods'], 'diag pods'),
  of(['slo'], 'diag slo', 'nothing'),
  of(['golden'], 'diag golden', 'nothing'),
  of(['quota'], 'diag quota', 'nothing'),
  of(['storage'], 'diag storage', 'nothing'),
  of(['hpa'], 'diag hpa', 'nothing'),
  of(['eventing'], 'diag eventing', 'nothing'),
  of(['changes'], 'diag changes', 'nothing'),
  of(['rollouts'], 'diag rollouts'),
];

/** The run of a container before the one that runs now. */
const PREVIOUS =
  /\b(?:previous|earlier)\b|\bbefore (?:the|it|its) (?:last )?(?:crash|restart|death)(?:ed)?\b|\bbefore it (?:crashed|died|restarted)\b/i;

/** What a sentence in plain words asks for; null when it is none that is known. Only what reads is run. */
export function intent(raw: string): Understood | null {
  const line = raw.replace(PREVIOUS, ' ');
  const sentence = readSentence(line);
  const isPrevious = line !== raw && sentence.concepts.includes('logs');
  const { concepts, names, namespace, numbers } = sentence;
  const has = (...wanted: readonly Concept[]): boolean => wanted.every((one) => concepts.includes(one));
  if (concepts.length === 0) return null;
  if (has('oncall')) return runs(['oncall', String(numbers[0] ?? '')]);
  const known = INTENTS.find(({ needs }) => has(...needs));
  const [name] = names;
  const where = namespace === null ? [] : ['-n', namespace];
  if (has('help')) return helpOn(sentence);
  if (known)
    return known.takes === 'number'
      ? aboutIncident(known.line, sentence)
      : aboutCluster(known, sentence, [...where, isPrevious ? '-p' : '']);
  if (names.length > 2) return null;
  if (has('who') && (has('owns') || numbers.length > 0)) return aboutIncident(['status'], sentence);
  if (
    name === undefined &&
    numbers.length > 0 &&
    (has('status') || has('incidents') || has('show') || has('what') || has('why'))
  )
    return aboutIncident(['status'], sentence);
  if (name !== undefined) return aboutObject(sentence, where);
  return aboutEverything(sentence, where);
}

function helpOn({ names, concepts }: Sentence): Understood {
  return runs(['help', ...(concepts.length === 1 ? names.slice(0, 1) : [])]);
}

function aboutIncident(line: readonly string[], { names, numbers }: Sentence): Understood {
  const words = [...line, numbers[0] ?? ''];
  return names.length === 0 && numbers.length <= 1 ? runs(words) : unsure([lineOf(words), 'incidents']);
}

function aboutCluster(known: Intent, { names, numbers, concepts }: Sentence, where: readonly string[]): Understood {
  const [name, ...more] = names;
  const tail = known.line.join(' ') === 'diag logs' && numbers.length === 1 ? [`--tail=${numbers[0]}`] : [];
  const words = [...known.line, known.takes === 'object' ? (name ?? '') : '', ...where, ...tail];
  const strange = concepts.filter((one) => !known.needs.includes(one) && !known.beside.some((other) => other === one));
  const isSure =
    more.length === 0 &&
    numbers.length === 0 &&
    strange.length === 0 &&
    (name === undefined || known.takes === 'object');
  return isSure ? runs(words) : unsure([lineOf(words), 'incidents']);
}

/** A name and what is asked of it: is it well, why is it not. */
function aboutObject({ names, concepts, numbers }: Sentence, where: readonly string[]): Understood | null {
  const [name = '', ...more] = names;
  const asks = (['bad', 'well', 'why', 'status', 'function', 'what'] as const).some((one) => concepts.includes(one));
  const words = ['diag', 'all', name, ...where];
  if (asks && more.length === 0 && numbers.length === 0) return runs(words);
  return asks || concepts.includes('show') ? unsure([lineOf(words), 'incidents']) : null;
}

function aboutEverything({ concepts }: Sentence, where: readonly string[]): Understood | null {
  const has = (one: Concept): boolean => concepts.includes(one);
  if (has('incidents'))
    return runs([
      'incidents',
      has('all') && !has('open') && !has('bad') && concepts.length > 1 && has('show') ? '--all' : '',
    ]);
  if (has('why')) return runs(['diag', 'all', ...where]);
  if (has('status')) return runs(['status']);
  if (has('bad') || has('open') || (has('all') && has('well'))) return runs(['incidents']);
  if (has('well')) return runs(['incidents']);
  if (has('function')) return runs(['diag', 'function', ...where]);
  if (concepts.every((one) => one === 'show' || one === 'all')) return runs(['incidents']);
  if (has('next')) return runs(['runbook']);
  return null;
}

function unsure(lines: readonly string[]): Understood {
  return offers('I am not sure what you mean.', 'The nearest of what I can do:', lines);
}
