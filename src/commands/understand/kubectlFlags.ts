import { REFUSED } from '../parse.ts';

/** The flags of a kubectl line as our options spell them, apart from its words. */
export interface Flagged {
  readonly words: readonly string[];
  /** `['-n', 'x']`, `['-A']`, `['--tail=50']`, in the order they were typed. */
  readonly flags: readonly (readonly [string, ...string[]])[];
  /** What has no meaning here, as it was typed. */
  readonly left: readonly string[];
  readonly has: (flag: string) => boolean;
  readonly with: (flag: string, value: string) => Flagged;
  readonly without: (flag: string) => Flagged;
  /** Only those that our options know. */
  readonly known: () => Flagged;
  /** The namespace alone, as words. */
  readonly scope: readonly string[];
}

/** kubectl's flags that take a value and mean something here, by the spelling of our options. */
const VALUED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '-n': '-n',
    '--namespace': '-n',
    '--ns': '-n',
    '-namespace': '-n',
    '-l': '-l',
    '--selector': '-l',
    '--label': '-l',
    '--labels': '-l',
    '--field-selector': '--field-selector',
    '--sort-by': '--sort-by',
    '--filter': '--filter',
    '-c': '-c',
    '--container': '-c',
    '--tail': '--tail',
    '--since': '--since',
    '--since-time': '--since',
    '--cluster': '--cluster',
    '--incident': '-i',
    '--for': '--for',
    '--types': '--types',
    '-o': '-o',
    '--output': '-o',
  }),
);
/** Those without a value. */
const PLAIN: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '-A': '-A',
    '-a': '-A',
    '--all-namespaces': '-A',
    '--all-namespace': '-A',
    '-p': '-p',
    '--previous': '-p',
    '-f': '-f',
    '--follow': '-f',
    '-w': '-w',
    '--watch': '-w',
    '--watch-only': '-w',
  }),
);
const KNOWN = new Set([...VALUED.values(), ...PLAIN.values()]);
/** Flags of other uses whose value must not be read as a word. */
const LEFT_VALUED =
  /^(?:-L|--label-columns|--limit-bytes|--max-log-requests|--request-timeout|--replicas|--chunk-size|--grace-period|--timeout|--to-revision|--template|--pod-running-timeout|--revision|--current-replicas|--image|--overrides|--subresource|--cache-dir|--filename|-k|--kustomize|-v)$/;
/** Flags that change nothing of what an answer says. */
const IDLE =
  /^(?:--all-containers(?:=true)?|--timestamps(?:=true)?|--prefix(?:=true)?|--containers|--show-labels|--no-headers(?:=true)?|--show-kind|--show-managed-fields|--ignore-not-found|--wide|-it|-ti|-t|--stdin|--tty|--show-events|--ignore-errors)$/;

export function flagsOf(typed: readonly string[]): Flagged {
  const words: string[] = [];
  const flags: [string, ...string[]][] = [];
  const left: string[] = [];
  for (let at = 0; at < typed.length; at += 1) {
    const word = typed[at] ?? '';
    if (word === '--') {
      left.push(typed.slice(at).join(' '));
      break;
    }
    if (!/^-[A-Za-z-]/.test(word)) {
      words.push(word);
      continue;
    }
    const [name, joined] = nameAndValue(word);
    const valued = VALUED.get(name);
    const plain = PLAIN.get(name);
    if (valued !== undefined) {
      const value = joined ?? typed[at + 1] ?? '';
      if (joined === null) at += 1;
      const read = valuedFlag(valued, value, joined !== null && word.startsWith('--'));
      if (read.word !== undefined) words.push(read.word);
      if (read.flag) flags.push(read.flag);
    } else if (plain !== undefined) {
      if (joined !== 'false') flags.push([plain]);
    } else if (IDLE.test(word)) continue;
    else if (LEFT_VALUED.test(name)) {
      left.push(joined === null ? `${word} ${typed[at + 1] ?? ''}`.trim() : word);
      if (joined === null) at += 1;
    } else if (REFUSED.has(name) && name !== '--insecure-skip-tls-verify') {
      // Kept with its value, so that the refusal names the flag and the button leaves both out.
      flags.push([`${name}=${joined ?? typed[at + 1] ?? ''}`]);
      if (joined === null) at += 1;
    } else flags.push([word]);
  }
  return made(words, flags, left);
}

/** `--tail=50`, `-n=x`, `-nx`: the flag and what is joined to it; null when its value is the next word. */
function nameAndValue(word: string): readonly [name: string, value: string | null] {
  const equals = word.indexOf('=');
  if (equals > 0) return [word.slice(0, equals), word.slice(equals + 1)];
  const short = /^(-[nlco])(.+)$/.exec(word);
  if (short && !word.startsWith('--') && VALUED.get(word) === undefined)
    return [short[1] ?? '', (short[2] ?? '').replace(/^[:]/, '')];
  return [word, null];
}

function valuedFlag(
  flag: string,
  value: string,
  joined: boolean,
): { readonly flag?: [string, ...string[]]; readonly word?: string } {
  if (flag === '--for') return { word: value };
  if (flag === '--types') return { flag: ['--field-selector', `type=${value.split(',')[0] ?? ''}`] };
  return { flag: joined && flag.startsWith('--') ? [`${flag}=${value}`] : [flag, value] };
}

function made(
  words: readonly string[],
  flags: readonly (readonly [string, ...string[]])[],
  left: readonly string[],
): Flagged {
  const named = (flag: readonly [string, ...string[]]): string => flag[0].split('=', 1)[0] ?? '';
  return {
    words,
    flags: flags.map((flag): readonly [string, ...string[]] => {
      const at = flag[0].indexOf('=');
      // Each flag by its name and its value, so that whoever takes it finds it by its name.
      return at > 0 && flag[0].startsWith('--') ? [flag[0].slice(0, at), flag[0].slice(at + 1)] : flag;
    }),
    left,
    has: (wanted) => flags.some((flag) => named(flag) === wanted),
    with: (flag, value) => made(words, [...flags, [flag, value]], left),
    without: (unwanted) =>
      made(
        words,
        flags.filter((flag) => named(flag) !== unwanted),
        left,
      ),
    known: () =>
      made(
        words,
        flags.filter((flag) => KNOWN.has(named(flag))),
        left,
      ),
    scope: flags.filter((flag) => named(flag) === '-n').flatMap((flag) => [...flag]),
  };
}
