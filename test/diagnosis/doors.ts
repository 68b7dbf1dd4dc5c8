import { kindOfWord, spellingOf } from '../../src/alerts/kindWords.ts';
import { PROFILES } from '../../src/alerts/profile.ts';
import { coerceError } from '../../src/errors.ts';
import type { Finding } from '../../src/incidents/evidence.ts';
import { DIAGNOSTICS } from '../../src/k8s/ask/diagnostics.ts';
import { replayed } from '../../src/k8s/facts/replayed.ts';
import { momentOf, type Snapshot } from '../../src/k8s/facts/snapshot.ts';
import type { Target } from '../../src/k8s/facts/target.ts';
import { type Kind, kindOf } from '../../src/k8s/subjects/kinds.ts';
import { keyOf } from '../../src/k8s/subjects/object.ts';
import { asking } from '../builders/diagnostics.ts';
import { sentence, told } from './faults.ts';

/** What one door says: a first look, or a command of `diag`. */
export interface Door {
  /** `first look`, or the command with its object. */
  readonly name: string;
  readonly summary: string;
  readonly findings: readonly Finding[];
}

const profile = PROFILES.builder;

/** Every command of `diag` about a recorded cluster: of its namespace, and of each object that is named. */
export async function commandsOf(taken: Snapshot, target: Target): Promise<readonly Door[]> {
  const namespace = placeOf(taken, target);
  const asked = DIAGNOSTICS.flatMap(({ name }) =>
    namesFor(name, taken, target).map((of): [string, string | null] => [name, of]),
  );
  const doors: Door[] = [];
  for (const [diagnostic, name] of asked) {
    const door = await answer(taken, target, { diagnostic, name, namespace });
    if (door) doors.push(door);
  }
  return doors;
}

/** The namespace the commands are asked about. */
export function placeOf(taken: Snapshot, target: Target): string {
  return target.namespace ?? taken.namespace ?? 'default';
}

interface Question {
  readonly diagnostic: string;
  readonly name: string | null;
  readonly namespace: string;
}

/** Null where the command has no answer: there is no such object, or its reads were refused. */
async function answer(
  taken: Snapshot,
  target: Target,
  { diagnostic, name, namespace }: Question,
): Promise<Door | null> {
  const command = DIAGNOSTICS.find((one) => one.name === diagnostic);
  if (!command) throw new Error(`no diagnostic ${diagnostic}`);
  const request = asking(diagnostic, { namespace, name, startedAt: target.startsAt });
  try {
    const found = await command.collect({
      cluster: replayed(taken),
      request,
      profile,
      clock: () => momentOf(taken),
    });
    return { name: `diag ${diagnostic}${name === null ? '' : ` ${name}`}`, ...found };
  } catch (thrown) {
    const { code } = coerceError(thrown);
    if (['not_found', 'forbidden', 'timeout', 'unavailable', 'bad_input'].includes(code)) return null;
    throw thrown;
  }
}

function wordOf(kind: string): string {
  return spellingOf(kindOfWord(kind.toLowerCase()) ?? 'Pod');
}

/** The objects a command is asked about; null: its namespace. */
function namesFor(diagnostic: string, taken: Snapshot, { objects }: Target): readonly (string | null)[] {
  const typed = objects.map(({ kind, name }) => `${wordOf(kind)}/${name}`);
  switch (diagnostic) {
    case 'function':
      return taken.objects
        .filter(({ apiVersion, kind }) => kindOf(apiVersion, kind) === 'KnativeService')
        .map(({ metadata }) => metadata.name)
        .slice(0, 4);
    case 'describe':
      return typed.slice(0, 2);
    case 'all':
      return [null, ...typed.slice(0, 1)];
    case 'logs':
      return objects.filter(({ kind }) => kind === 'Pod').map(({ name }) => `pod/${name}`);
    default:
      return [null];
  }
}

/** What a command's summary claims of all objects of a kind in the namespace it was asked of, when it claims that all is well. */
const CLAIMS: readonly (readonly [door: string, claim: RegExp, kind: Kind | null])[] = [
  ['diag pods', /\b(?:all|which) looks? healthy\b/, 'Pod'],
  ['diag nodes', /\ball ready and under no pressure\b/, 'Node'],
  ['diag eventing', /\ball ready\b/, 'Trigger'],
  ['diag all', /^Nothing wrong was found/, null],
];
/** What may be so on purpose is trouble of the object that an alert or a person names, and of no other. */
const ON_PURPOSE = ['cronjob-suspended', 'job-suspended', 'paused', 'daemonset-no-node'];
/** That nothing was changed says nothing about whether all is well. */
const NO_VERDICT = ['no-change'];

/**
 * Where two doors cannot both be right: one confirms what the other excludes or calls well, by a finding or by what its summary
 * says of all. That something is not about an alert is no word about whether it is so.
 * @param namespace what the commands were asked about
 */
export function contradictions(doors: readonly Door[], namespace: string): readonly string[] {
  return doors.flatMap((one) => doors.flatMap((other) => [...denied(one, other), ...claimed(one, other, namespace)]));
}

/** Findings of `one` that `other` excludes, or whose object it calls well. */
function denied(one: Door, other: Door): readonly string[] {
  const sick = new Set(told(other.findings).map(({ subject }) => keyOf(subject)));
  return sure(one).flatMap((finding) =>
    other.findings
      .filter(({ subject, code, confidence, level, role }) => {
        if (keyOf(subject) !== keyOf(finding.subject) || NO_VERDICT.includes(code)) return false;
        const isExcluded = confidence === 'excluded' && role !== 'elsewhere' && code === finding.code;
        return isExcluded || (level === 'ok' && !sick.has(keyOf(subject)));
      })
      .map((against) => `${one.name}: ${sentence(finding)}\n  ${other.name}: ${against.level} ${sentence(against)}`),
  );
}

/** A summary that calls all of a kind well, beside a finding about one of them. */
function claimed(one: Door, other: Door, namespace: string): readonly string[] {
  return CLAIMS.flatMap(([door, claim, kind]) => {
    if (door !== other.name || !claim.test(other.summary)) return [];
    const against = sure(one).filter(({ subject, code }) => {
      const isHere = subject.namespace === null ? kind === subject.kind : subject.namespace === namespace;
      return isHere && (kind === null ? !ON_PURPOSE.includes(code) : subject.kind === kind);
    });
    return against.map(
      (finding) => `${one.name}: ${finding.code} ${sentence(finding)}\n  ${other.name}: ${other.summary}`,
    );
  });
}

/** What a door is sure of, and is trouble. */
function sure({ findings }: Door): readonly Finding[] {
  return findings.filter(
    ({ level, confidence }) => confidence === 'confirmed' && (level === 'critical' || level === 'warning'),
  );
}
