import { counted } from '../../incidents/counted.ts';
import { conditionLine, conditionOf } from '../conditions.ts';
import type { Conditioned, Pod, Trigger } from '../objects.ts';
import { isReady } from './deployments.ts';
import { type Facts, functionOfJob, functionOfPod, isBuild, logsOf, namesOfPod, timeOf, wasRead } from './facts.ts';
import { type Case, cause, DEPTH, excluded, found, type Hypothesis, object, several, undecided } from './hypothesis.ts';
import { changeBefore } from './whatChanged.ts';

const HANDLER = /failed to (?:load|import) handler|Cannot import handler|No handler function/i;

/** F20: health is fine, answers are 200, and the handler was never loaded. */
export const silentFailure: Hypothesis = {
  id: 'F20',
  title: 'A function answers although its handler cannot be loaded',
  areas: ['functions', 'eventing'],
  judge(facts) {
    const logged = servingLogs(facts);
    if (logged.length === 0) return undecided('no log of a function was read');
    const cases = logged.flatMap(({ pod, lines }) => {
      const line = lines.findLast((one) => HANDLER.test(one));
      if (!line) return [];
      const name = functionOfPod(pod, facts.profile) ?? pod.metadata.name;
      return [
        cause({
          code: 'handler-not-loaded',
          subject: object('Pod', pod.metadata.namespace, pod.metadata.name),
          conclusion: `${name} answers without its handler: it could not be loaded.`,
          because: [line, ...(isReady(pod) ? ['its pod is ready all the same'] : [])],
          nextStep: 'Send traffic back to the last revision that worked; the owner has to correct the handler.',
          touches: namesOfPod(pod, facts.profile),
          areas: ['functions', 'eventing'],
        }),
      ];
    });
    return cases.length > 0 ? found(cases) : excluded('no function complains about its handler');
  },
};

const FAILED_CALL =
  /"status(?:_?code)?"\s*:\s*5\d\d|\bstatus[= ]5\d\d\b|Invocation failed|Unhandled (?:exception|promise rejection|error)|Traceback \(most recent call last\)|HTTP\/1\.[01]" 5\d\d|\b500 Internal Server Error/i;
const ABOUT_ERRORS = /error|5xx|fail|dlq|dead|burn|availability|success|deliver/i;
const TELLS = /"error"\s*:\s*"((?:[^"\\]|\\.){1,200})"|((?:[A-Z]\w*(?:Error|Exception)): .{1,160})/;

/** The function's own code answers with errors: its log says so, whatever Knative's conditions say. */
export const functionErrors: Hypothesis = {
  id: 'F12',
  title: 'A subscriber or function answers with errors; its events are dead-lettered',
  areas: ['functions', 'eventing'],
  judge(facts) {
    const broken = facts.triggers.flatMap((one) => triggerCase(one, facts.target.functions) ?? []);
    const sinks = facts.brokers.flatMap((one) => brokerCase(one) ?? []);
    const failing = servingLogs(facts).flatMap(({ pod, lines }) => errorCase(pod, lines, facts) ?? []);
    const cases = [...broken, ...failing, ...sinks];
    if (cases.length > 0) return found(cases);
    const logged = servingLogs(facts).length;
    if (logged === 0) return undecided('no log of a function was read');
    return excluded(
      `the logs of ${logged} function pods show no failed call${facts.triggers.length > 0 ? `, ${facts.triggers.length} Triggers are ready` : ''}`,
    );
  },
};

function servingLogs(facts: Facts): readonly { readonly pod: Pod; readonly lines: readonly string[] }[] {
  return facts.pods.flatMap((pod) => {
    if (!pod.metadata.labels?.['serving.knative.dev/service'] && !pod.metadata.labels?.['serving.knative.dev/revision'])
      return [];
    const lines = logsOf(facts, pod)
      .filter(({ missing, container }) => missing === null && container !== 'queue-proxy')
      .flatMap((log) => log.lines.filter(({ at }) => at === null || at >= facts.target.from).map(({ text }) => text));
    return logsOf(facts, pod).some(({ missing }) => missing === null) ? [{ pod, lines }] : [];
  });
}

function errorCase(pod: Pod, lines: readonly string[], facts: Facts): Case | null {
  const failed = lines.filter((line) => FAILED_CALL.test(line));
  const last = failed.at(-1);
  const asked = ABOUT_ERRORS.test(facts.target.alert);
  // A few failed calls among many explain no other complaint, such as one about latency.
  if (!last || (!asked && failed.length * 3 < lines.length)) return null;
  const name =
    pod.metadata.labels?.['serving.knative.dev/revision'] ?? functionOfPod(pod, facts.profile) ?? pod.metadata.name;
  const told = TELLS.exec(failed.find((line) => TELLS.test(line)) ?? lines.find((line) => TELLS.test(line)) ?? '');
  const why = told?.[1] ?? told?.[2];
  const since = changeBefore(pod, facts);
  const owner = functionOfPod(pod, facts.profile) ?? '';
  const triggers = facts.triggers
    .filter(({ spec }) => spec.subscriber?.ref?.name === owner)
    .map(({ metadata }) => metadata.name);
  const named = facts.target.functions.includes(owner) || facts.target.names.has(pod.metadata.name);
  const status = /(?:status(?:_?code)?"?\s*[:= ]\s*"?)(5\d\d)/.exec(last)?.[1];
  return cause({
    code: 'function-errors',
    // For a queue of dead letters the failing subscriber is where they most likely come from.
    confidence: named ? 'confirmed' : 'likely',
    subject: object('Pod', pod.metadata.namespace, pod.metadata.name),
    conclusion: `${name} answers ${status ?? 'with errors'}${since.words.replace(`, since revision ${name} was deployed`, ' since it was deployed')}${why ? `: ${why}` : ''}.`,
    because: [
      `${counted(failed.length, 'failed call')} in the last ${counted(lines.length, 'line')}`,
      last,
      ...since.lines,
    ],
    nextStep: `Send traffic back to the revision before ${name}; replay a sample of the dead letters when it works.`,
    touches: [...namesOfPod(pod, facts.profile), ...triggers],
    areas: ['functions', 'eventing'],
  });
}

/** A Trigger that is not ready, with what is missing; `named` are functions that may be its subscriber. */
export function triggerCase(one: Trigger, named: readonly string[]): Case | null {
  const ready = conditionOf(one, 'Ready');
  if (!ready || ready.status === 'True') return null;
  const bad = (one.status.conditions ?? []).filter(({ status, type }) => status !== 'True' && type !== 'Ready');
  const told = bad.find(({ message }) => message) ?? ready;
  const subscriber = one.spec.subscriber?.ref?.name ?? null;
  const missing = /not found/i.test(told.message ?? '');
  return cause({
    code: bad.some(({ type }) => type === 'BrokerReady') ? 'broker-not-ready' : 'trigger-not-ready',
    subject: object('Trigger', one.metadata.namespace, one.metadata.name),
    conclusion: `Trigger ${one.metadata.name} is not ready: ${missing ? `its subscriber${subscriber ? ` ${subscriber}` : ''} does not exist` : (told.message ?? told.reason ?? told.type)}.`,
    because: [ready, ...bad].map(conditionLine).slice(0, 3),
    nextStep: `/lambda diag eventing${one.metadata.namespace ? ` -n ${one.metadata.namespace}` : ''}`,
    touches: [
      one.metadata.name,
      ...(subscriber ? [subscriber] : []),
      ...named.filter((name) => one.metadata.name.startsWith(`${name}-`)),
    ],
    areas: ['eventing', 'functions', 'builds'],
    depth: DEPTH.symptom,
  });
}

/** A Broker whose parts are not ready. */
export function brokerCase(one: Conditioned): Case | null {
  const bad = (one.status.conditions ?? []).filter(({ status, type }) => status === 'False' && type !== 'Ready');
  if (bad.length === 0) return null;
  const deadLetters = bad.every(({ type }) => type === 'DeadLetterSinkResolved');
  return cause({
    code: deadLetters ? 'dead-letter-sink-missing' : 'broker-not-ready',
    level: deadLetters ? 'warning' : 'critical',
    subject: object('Broker', one.metadata.namespace, one.metadata.name),
    conclusion: `Broker ${one.metadata.name} ${deadLetters ? 'has no dead letter sink: what cannot be delivered is lost' : `is not ready: ${bad[0]?.message ?? bad[0]?.reason ?? bad[0]?.type}`}.`,
    because: bad.map(conditionLine).slice(0, 3),
    nextStep: '/lambda diag eventing',
    touches: [one.metadata.name],
    areas: ['eventing'],
    depth: deadLetters ? DEPTH.symptom : DEPTH.platform,
  });
}

const AFTER_BUILD_MS = 2 * 60_000;

/** A build that is complete with nothing deployed after it: the event, the Trigger or the service is missing. */
export const builtNotDeployed: Hypothesis = {
  id: 'T1',
  title: 'A build succeeded and nothing was deployed',
  areas: ['builds', 'functions', 'eventing'],
  judge(facts) {
    if (!facts.read.has(`services ${facts.profile.controlNamespace}`) && !wasRead(facts, 'services'))
      return undecided('Knative Services were not read');
    const services = new Set(facts.services.map(({ metadata }) => metadata.name));
    const complete = facts.jobs.filter((job) => {
      const at = timeOf(job.status.completionTime);
      const name = functionOfJob(job, facts.profile);
      const wanted = facts.target.functions.length === 0 || (name !== null && facts.target.functions.includes(name));
      return (
        isBuild(job, facts.profile) &&
        wanted &&
        at !== null &&
        at >= facts.target.from &&
        facts.now - at > AFTER_BUILD_MS &&
        name !== null &&
        !services.has(name)
      );
    });
    if (complete.length === 0) return excluded('every function that was built has its Knative Service');
    return found(
      complete.map((job) => {
        const name = functionOfJob(job, facts.profile) ?? job.metadata.name;
        const minutes = Math.round((facts.now - (timeOf(job.status.completionTime) ?? facts.now)) / 60_000);
        const triggers = facts.triggers.filter(
          ({ spec, metadata }) => spec.subscriber?.ref?.name === name || metadata.name.startsWith(`${name}-`),
        );
        const bad = triggers.flatMap((one) =>
          (one.status.conditions ?? [])
            .filter(({ status }) => status !== 'True')
            .map((condition) => `Trigger ${one.metadata.name}: ${conditionLine(condition)}`),
        );
        const sends = facts.logs.flatMap((log) =>
          log.lines
            .filter(({ text }) => /Failed to send CloudEvent/i.test(text) && text.includes(name))
            .map(({ text }) => text),
        );
        return cause({
          code: 'built-not-deployed',
          subject: object('Job', job.metadata.namespace, job.metadata.name),
          conclusion: `${name} was built ${minutes} min ago and has no Knative Service${bad.length > 0 ? `; Trigger ${several(triggers.map(({ metadata }) => metadata.name))} does not find its subscriber` : ''}.`,
          because: [
            `Job ${job.metadata.name}: complete at ${job.status.completionTime}`,
            `no Knative Service ${name}`,
            ...sends.slice(-1),
            ...bad,
          ].slice(0, 5),
          nextStep:
            'Send the build-completed event again or apply the Knative Service, then check the Trigger: /lambda diag eventing',
          touches: [name, job.metadata.name, ...triggers.map(({ metadata }) => metadata.name)],
          areas: ['builds', 'functions', 'eventing'],
          depth: DEPTH.workload,
        });
      }),
    );
  },
};
