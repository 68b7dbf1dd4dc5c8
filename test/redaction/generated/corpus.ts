import { SECRET_NAMES } from './names.ts';
import { BARE, QUOTED } from './notations.ts';
import { PLACES, PROVIDERS } from './providers.ts';
import { type Random, seeded } from './random.ts';
import { placed, privateKeys } from './structures.ts';
import { VALUES } from './values.ts';

/** A text with a secret in it. */
export interface Planted {
  /** `notation / value` or `provider / place`: what is crossed here. */
  readonly kind: string;
  readonly text: string;
  readonly secrets: readonly string[];
}

/** What may stand around a line in a log, an event or an object. */
const AROUND: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => `2026-11-26T10:00:00.000Z INFO ${line}`,
  (line) => `I1126 10:00:00.123456       1 main.go:12] ${line}`,
  (line) => `some line before\n${line}\nsome line after`,
];

/**
 * Every notation crossed with every kind of value (names taken by turns), every provider's token with every place, every
 * command with three kinds of value, every writing of a private key. Made from the seed alone.
 */
export function plantedCorpus(seed: number): readonly Planted[] {
  const random = seeded(seed);
  return [...crossed(random), ...tokens(random), ...structures(random)];
}

function crossed(random: Random): readonly Planted[] {
  const planted: Planted[] = [];
  const values = Object.entries(VALUES);
  for (const [bare, notations] of [
    [false, QUOTED],
    [true, BARE],
  ] as const) {
    for (const [notation, write] of Object.entries(notations)) {
      for (const [kind, make] of values) {
        if (bare && !isBare(kind, notation)) continue;
        const secret = make(random);
        const line = write(random.one(SECRET_NAMES), secret);
        planted.push({
          kind: `${notation} / ${kind}`,
          text: random.one(AROUND)(line),
          secrets: writings(line, secret),
        });
      }
    }
  }
  return planted;
}

/** Without quotes the text itself must say where the value ends, which some values make impossible. */
function isBare(value: string, notation: string): boolean {
  if (/brace|bracket|angle|marks|dollar/.test(value))
    return /^(?:env line|properties|logfmt|YAML|header|Kaniko step)$/.test(notation);
  return value !== 'with a colon' || !/map|Java|list|Go/.test(notation);
}

/** The secret as the line has it: some notations write it in characters of their own. */
function writings(line: string, secret: string): readonly string[] {
  const asWritten = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
  ].filter((each) => line.includes(each));
  if (asWritten.length === 0) throw new Error(`the secret is not in its own line: ${line}`);
  return asWritten;
}

function tokens(random: Random): readonly Planted[] {
  return Object.entries(PROVIDERS).flatMap(([provider, make]) =>
    Object.entries(PLACES).map(([place, write]) => {
      const token = make(random);
      const text = write(token);
      const secrets = text.includes(token) ? [token] : [JSON.stringify(token).slice(1, -1)];
      return { kind: `${provider} / ${place}`, text, secrets };
    }),
  );
}

function structures(random: Random): readonly Planted[] {
  const kinds = ['letters and digits', 'a word changed', 'four words'] as const;
  const commands = kinds.flatMap((kind) =>
    Object.entries(placed(random, VALUES[kind]?.(random) ?? '')).map(([command, structure]) => ({
      kind: `${command} / ${kind}`,
      ...structure,
    })),
  );
  const keys = Object.entries(privateKeys(random)).map(([writing, structure]) => ({
    kind: `private key / ${writing}`,
    ...structure,
  }));
  return [...commands, ...keys];
}

/** Whether enough of a secret is left in a text to be of use: the whole of it, or more than half in one piece. */
export function survives(planted: Planted, out: string): boolean {
  return planted.secrets.some((secret) => {
    const length = Math.max(6, Math.ceil(secret.length * 0.6));
    if (secret.length <= length) return out.includes(secret);
    for (let at = 0; at + length <= secret.length; at += 1)
      if (out.includes(secret.slice(at, at + length))) return true;
    return false;
  });
}
