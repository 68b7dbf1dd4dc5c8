import type { Facts } from '../facts/facts.ts';
import { isReplaced } from '../facts/recovered.ts';
import { isBuildPod } from '../subjects/build.ts';
import { conditionOf, timeOf } from '../subjects/object.ts';
import {
  type ContainerStatus,
  endedBadly,
  isFlapping,
  isInit,
  isOver,
  lastEnd,
  loops,
  type Pod,
  statusesOf,
} from '../subjects/pod.ts';
import { type Case, found } from './case.ts';
import { CODES } from './codes.ts';
import { lastWordsOf, tellingOf } from './logs/lastWords.ts';
import { statementsOf } from './logs/statements.ts';
import { isTarget } from './targeted.ts';
import { podName, whoOf } from './words.ts';

/** Recency and number of errors that count in the log of a healthy container: only those that go on. */
const FRESH_MS = 3 * 60_000;
const MANY = 3;

/** Causes that logs name: of failing containers why they fail, of healthy ones the errors they go on meeting. */
export function logCases(facts: Facts): readonly Case[] {
  // Logs of builds have their own table.
  const pods = facts.all('Pod').filter((pod) => !isBuildPod(pod, facts.profile) && !isReplaced(pod, facts));
  return pods.flatMap((pod) => statusesOf(pod).flatMap((status) => logCase(pod, status, facts)));
}

function logCase(pod: Pod, status: ContainerStatus, facts: Facts): readonly Case[] {
  if (pod.status.phase === 'Succeeded') return [];
  const end = lastEnd(status);
  const at = timeOf(end?.finishedAt);
  const isRecent = at === null || at >= facts.target.from || loops(status);
  const isUp = status.state?.running !== undefined && status.ready !== false && !isFlapping(status, facts.now);
  const fails = !isUp && endedBadly(end) && isRecent && end.reason !== 'OOMKilled';
  const unready = status.state?.running !== undefined && status.ready === false && !isOver(pod);
  if (fails)
    return told(pod, status, facts, {
      verb: end.exitCode === undefined ? 'fails' : `ends with exit code ${end.exitCode}`,
      confidence: 'confirmed',
      at,
    });
  if (unready)
    return told(pod, status, facts, {
      verb: 'is not ready',
      confidence: 'likely',
      at: timeOf(conditionOf(pod, 'Ready')?.lastTransitionTime),
    });
  return isUp ? goingOn(pod, status, facts) : [];
}

interface Telling {
  readonly verb: string;
  readonly confidence: 'confirmed' | 'likely';
  readonly at: number | null;
}

function told(pod: Pod, status: ContainerStatus, facts: Facts, { verb, confidence, at }: Telling): readonly Case[] {
  const words = lastWordsOf(pod, status, facts);
  if (!words?.kind) return [];
  const of = whoOf(pod, facts);
  const isFirst = pod.spec.containers[0]?.name === status.name;
  const who = isInit(pod, status.name)
    ? `Init container ${status.name} of ${of}`
    : isFirst
      ? of
      : `Container ${status.name} of ${of}`;
  const parts = { who, container: status.name, what: words.what, line: words.says, verb };
  return [
    found(words.kind.code, {
      subject: podName(pod),
      parts,
      confidence,
      at,
      because: [`log of ${status.name}: ${words.line}`],
    }),
  ];
}

/** A container that runs and is ready, and goes on meeting the same trouble until now. */
function goingOn(pod: Pod, status: ContainerStatus, facts: Facts): readonly Case[] {
  const [log] = facts.logsOf(pod, status.name).filter(({ previous, lines }) => !previous && lines.length > 0);
  const newest = log?.lines.findLast(({ at }) => at !== null)?.at ?? null;
  if (!log || newest === null) return [];
  const isNamed = isTarget(podName(pod), facts);
  // Errors before it became ready are over; of a pod outside the target only errors that go on until now count.
  const readyAt = timeOf(conditionOf(pod, 'Ready')?.lastTransitionTime) ?? 0;
  const since = Math.max(facts.target.from, isNamed ? readyAt : facts.now - FRESH_MS);
  const words = tellingOf(statementsOf(log.lines).filter(({ at }) => at !== null && at >= since));
  if (!words?.kind || words.at === null || words.times < (isNamed ? 2 : MANY)) return [];
  const parts = {
    who: whoOf(pod, facts),
    container: status.name,
    what: words.what,
    line: words.says,
    verb: 'runs and meets errors',
  };
  // Errors it meets in other workloads are a symptom; their cause is not known from here.
  const confidence = CODES[words.kind.code].depth === 'cause' ? ('likely' as const) : ('unknown' as const);
  return [
    found(words.kind.code, {
      subject: podName(pod),
      parts,
      confidence,
      level: 'warning',
      at: words.at,
      because: [`log of ${status.name} (${words.times} lines like it): ${words.line}`],
    }),
  ];
}
