import { counted } from '../../wording/counts.ts';
import { short } from '../../wording/cuts.ts';
import type { Facts } from '../facts/facts.ts';
import { knativeServiceOf, revisionOfPod } from '../subjects/knative.ts';
import { timeOf } from '../subjects/object.ts';
import { isReady, isTerminating, type Pod, STUCK_MS } from '../subjects/pod.ts';
import { type Case, found } from './case.ts';
import { changeBefore } from './changes.ts';
import { isTarget } from './targeted.ts';
import { podName } from './words.ts';

const HANDLER = /failed to (?:load|import) handler|Cannot import handler|No handler function/i;
const FAILED_CALL =
  /"status(?:_?code)?"\s*:\s*5\d\d|\bstatus[= ]5\d\d\b|Invocation failed|Unhandled (?:exception|promise rejection|error)|HTTP\/1\.[01]" 5\d\d|\b500 Internal Server Error/i;
const ABOUT_ERRORS = /error|5xx|fail|dlq|dead|burn|availability|success|deliver/i;
const TELLS = /"error"\s*:\s*"((?:[^"\\]|\\.){1,200})"|((?:[A-Z]\w*(?:Error|Exception)): .{1,160})/;

/** A function's own pod: whether its handler was loaded, what its calls end in, whether queue-proxy waits for it. */
export function functionPod(pod: Pod, facts: Facts): readonly Case[] {
  const service = knativeServiceOf(pod);
  if (service === null) return [];
  const name = revisionOfPod(pod) ?? service;
  const lines = facts
    .logsOf(pod)
    .filter(({ container, missing }) => container !== 'queue-proxy' && missing === null)
    .flatMap((log) => log.lines.filter(({ at }) => at === null || at >= facts.target.from).map(({ text }) => text));
  const subject = podName(pod);
  const handler = lines.findLast((line) => HANDLER.test(line));
  if (handler)
    return [
      found('handler-not-loaded', {
        subject,
        parts: { name: service, detail: '' },
        because: [short(handler, 280), ...(isReady(pod) ? ['its pod is ready all the same'] : [])],
      }),
    ];
  return [...failedCalls(pod, name, lines, facts), ...notAnswering(pod, service, facts)];
}

function failedCalls(pod: Pod, name: string, lines: readonly string[], facts: Facts): readonly Case[] {
  const failed = lines.filter((line) => FAILED_CALL.test(line));
  const last = failed.at(-1);
  // A few failed calls among many explain no other complaint, such as one about latency.
  if (!last || (!ABOUT_ERRORS.test(facts.target.alert) && failed.length * 3 < lines.length)) return [];
  const told = TELLS.exec(failed.find((line) => TELLS.test(line)) ?? lines.find((line) => TELLS.test(line)) ?? '');
  const why = told?.[1] ?? told?.[2];
  const since = changeBefore(pod, facts);
  const status = /(?:status(?:_?code)?"?\s*[:= ]\s*"?)(5\d\d)/.exec(last)?.[1];
  const detail = `${status ?? 'with errors'}${since.words ? ' since it was deployed' : ''}${why ? `: ${why}` : ''}`;
  return [
    found('function-errors', {
      subject: podName(pod),
      // Events it cannot take become dead letters, whichever queue holds them.
      affects: facts.target.topics.has('eventing') ? 'cluster' : [],
      // For a queue of dead letters the failing subscriber is where they most likely come from.
      confidence: isTarget(podName(pod), facts) ? 'confirmed' : 'likely',
      parts: { name, detail },
      because: [
        `${counted(failed.length, 'failed call')} in the last ${counted(lines.length, 'line')}`,
        short(last, 250),
        ...since.lines,
      ],
    }),
  ];
}

/** Knative asks a function's readiness probe through queue-proxy, so an unready queue-proxy beside a running container means the container. */
function notAnswering(pod: Pod, name: string, facts: Facts): readonly Case[] {
  const statuses = pod.status.containerStatuses ?? [];
  const proxy = statuses.find((one) => one.name === 'queue-proxy');
  const users = statuses.filter((one) => /user-container/.test(one.name));
  const since = timeOf(proxy?.state?.running?.startedAt);
  if (proxy?.ready !== false || since === null || facts.now - since < STUCK_MS / 5 || isTerminating(pod)) return [];
  if (users.length === 0 || !users.every(({ state }) => state?.running !== undefined)) return [];
  return [
    found('function-not-answering', {
      subject: podName(pod),
      confidence: 'likely',
      parts: { name, detail: '' },
      because: [
        `queue-proxy: ready=false; ${users.map((one) => `${one.name}: running, ready=${one.ready}`).join(', ')}`,
      ],
    }),
  ];
}
