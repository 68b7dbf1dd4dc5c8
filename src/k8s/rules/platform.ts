import { SERVING_NAMESPACE } from '../../alerts/profile.ts';
import type { ObjectName } from '../../incidents/evidence.ts';
import { FIXED_RULES } from '../../incidents/policy.ts';
import { short } from '../../wording/cuts.ts';
import type { Facts } from '../facts/facts.ts';
import { keyOf, named } from '../subjects/object.ts';
import { topOwner } from '../subjects/owners.ts';
import { isOver, isReady, lastEnd, type Pod, statusesOf } from '../subjects/pod.ts';
import { availableReplicas, wantedReplicas } from '../subjects/workload.ts';
import { type Case, type Code, found } from './case.ts';
import { podName } from './words.ts';

/** Platform parts that are down, webhooks that do not answer, an API server that is slow. */
export function platformCases(facts: Facts): readonly Case[] {
  return [...parts(facts), ...webhooks(facts), ...slowApi(facts)];
}

const EFFECTS: Readonly<Record<string, string>> = {
  activator: 'requests to functions scaled to zero hang and fail; warm ones are fine',
  autoscaler: 'nothing scales, and functions at zero stay there',
  '3scale-kourier-gateway': 'no request from outside gets in',
  'istio-ingressgateway': 'no request from outside gets in',
};
const SERVING = [SERVING_NAMESPACE, 'kourier-system', 'istio-system'];
const WEBHOOK = /^(?:[\w-]+-)?webhook$/;

interface Part {
  readonly code: Extract<Code, `${string}-down`>;
  readonly effect: string;
}

/** The role of a Deployment in the platform; null when it has none. */
function partOf(name: string, namespace: string, { profile }: Facts): Part | null {
  if (name === profile.controlDeployment && namespace === profile.controlNamespace)
    return { code: 'control-plane-down', effect: 'nothing is built or deployed; functions that run keep serving' };
  if (namespace === profile.storageNamespace) return { code: 'storage-down', effect: 'no build can fetch its source' };
  if (WEBHOOK.test(name) && /^knative-/.test(namespace))
    return {
      code: 'webhook-down',
      effect: 'writes to the objects it guards are refused, a rollback included; what runs goes on',
    };
  if (!SERVING.includes(namespace)) return null;
  const effect = EFFECTS[name] ?? 'changes to Knative objects have no effect';
  if (/^activator/.test(name)) return { code: 'activator-down', effect };
  if (/^autoscaler/.test(name)) return { code: 'autoscaler-down', effect };
  return { code: /gateway/.test(name) ? 'gateway-down' : 'knative-controller-down', effect };
}

function parts(facts: Facts): readonly Case[] {
  const pods = Map.groupBy(
    facts.all('Pod').filter((pod) => !isOver(pod)),
    (pod) => {
      const top = topOwner(podName(pod), pod.metadata, facts);
      return top.kind === 'Deployment' || top.kind === 'StatefulSet' ? `${top.kind}/${top.namespace}/${top.name}` : '';
    },
  );
  const places = new Set([
    ...pods.keys(),
    ...(['Deployment', 'StatefulSet'] as const).flatMap((kind) =>
      facts.all(kind).map(({ metadata }) => `${kind}/${metadata.namespace}/${metadata.name}`),
    ),
  ]);
  return [...places].flatMap((place) => {
    const [kind = '', namespace = '', name = ''] = place.split('/');
    const part = name === '' ? null : partOf(name, namespace, facts);
    return part ? downCase({ kind, namespace, name }, part, pods.get(place) ?? [], facts) : [];
  });
}

function downCase(
  of: ObjectName & { readonly namespace: string },
  part: Part,
  pods: readonly Pod[],
  facts: Facts,
): readonly Case[] {
  const workload = facts.get(of.kind === 'StatefulSet' ? 'StatefulSet' : 'Deployment', of.namespace, of.name);
  const wanted = workload ? wantedReplicas(workload) : pods.length;
  const available = workload ? availableReplicas(workload) : pods.filter(isReady).length;
  if (wanted === 0 || available > 0 || pods.some(isReady) || (pods.length === 0 && !workload)) return [];
  const ends = pods.flatMap((pod) =>
    statusesOf(pod).flatMap((status) => {
      const end = lastEnd(status);
      if (end) return [`${status.name}: ${end.reason ?? 'Error'}, exit code ${end.exitCode ?? 'not recorded'}`];
      const waiting = status.state?.waiting;
      return waiting?.reason && waiting.reason !== 'PodInitializing' ? [`${status.name}: ${waiting.reason}`] : [];
    }),
  );
  const why = ends[0] ? ` (${ends[0]})` : '';
  return [
    found(part.code, {
      subject: { kind: of.kind, namespace: of.namespace, name: of.name },
      affects: affectedBy(part.code, facts),
      parts: { name: of.name, namespace: of.namespace, effect: part.effect, why },
      because: [`${of.kind} ${of.name} in ${of.namespace}: ${available} of ${wanted} available`, ...ends].slice(0, 5),
    }),
  ];
}

/** The objects that stop with a part: everything it makes or carries, as far as it was read. */
function affectedBy(code: Code, facts: Facts): readonly ObjectName[] {
  const functions = [
    ...facts.all('KnativeService').map(({ metadata }) => named('KnativeService', metadata)),
    ...facts.all('LambdaFunction').map(({ metadata }) => named('LambdaFunction', metadata)),
  ];
  const asked = facts.target.objects.filter(({ kind }) =>
    ['KnativeService', 'LambdaFunction', 'Revision', 'Trigger', 'Broker', 'Job'].includes(kind),
  );
  if (code === 'control-plane-down' || code === 'storage-down')
    return [...asked, ...facts.all('Trigger').map(({ metadata }) => named('Trigger', metadata))];
  return [...functions, ...asked];
}

const REFUSED = /failed calling webhook "([^"]+)"(?:.{0,200}?https:\/\/([\w-]+)\.([\w-]+)\.svc)?.{0,300}/s;

/** Admission webhooks that do not answer, by conditions, events and logs. */
function webhooks(facts: Facts): readonly Case[] {
  const seen = new Map<string, Unanswered>();
  for (const { text, who } of statements(facts)) {
    const match = REFUSED.exec(text);
    if (!match) continue;
    const known = seen.get(match[1] ?? '');
    if (known) known.who.push(who);
    else
      seen.set(match[1] ?? '', {
        service: match[2] ? named('Service', { namespace: match[3], name: match[2] }) : null,
        line: match[0],
        who: [who],
      });
  }
  return [...seen].map(([name, one]) => webhookCase(name, one));
}

/** An admission webhook that did not answer. */
interface Unanswered {
  /** The service it is reached by; null when nothing names it. */
  readonly service: ObjectName | null;
  /** The first line that says so. */
  readonly line: string;
  /** The objects whose lines say so. */
  readonly who: ObjectName[];
}

/** Every line in which an object may speak of the API server: conditions that do not hold, events, logs. */
function statements(facts: Facts): readonly { readonly text: string; readonly who: ObjectName }[] {
  const kinds = [
    'LambdaFunction',
    'KnativeService',
    'Revision',
    'Configuration',
    'Trigger',
    'KnativeServing',
    'KnativeEventing',
  ] as const;
  const conditions = kinds.flatMap((kind) =>
    facts
      .all(kind)
      .flatMap((one) =>
        (one.status.conditions ?? [])
          .filter(({ status }) => status !== 'True')
          .map(({ message }) => ({ text: message ?? '', who: named(kind, one.metadata) })),
      ),
  );
  const events = facts.warnings.map(({ message, involvedObject: of }) => ({
    text: message ?? '',
    who: named(of.kind ?? '', { namespace: of.namespace, name: of.name ?? '' }),
  }));
  const logs = facts.logs.flatMap((log) =>
    log.lines
      .filter(({ at }) => at === null || at >= facts.target.from)
      .map(({ text }) => ({
        text: text.replaceAll('\\"', '"'),
        who: named('Pod', { namespace: log.namespace, name: log.pod }),
      })),
  );
  return [...conditions, ...events, ...logs];
}

function webhookCase(name: string, { service, line, who }: Unanswered): Case {
  const isCertificate = /x509|certificate/.test(line);
  const detail = isCertificate
    ? 'has a certificate the API server does not trust'
    : /no endpoints|refused/.test(line)
      ? 'has nothing ready behind it'
      : 'does not answer the API server';
  return found('webhook-unanswered', {
    subject: service ?? who[0] ?? named('Service', { name }),
    affects: who,
    confidence: isCertificate || /no endpoints|refused|timeout|deadline/.test(line) ? 'confirmed' : 'likely',
    parts: { name, detail },
    because: [short(line, 280)],
  });
}

/** Log messages of clients when the API server answers late. */
const SLOW: readonly RegExp[] = [
  /client rate limiter Wait returned an error: (?:context deadline exceeded|rate: Wait)/,
  /error retrieving resource lock .{0,200}(?:deadline exceeded|timed out|Timeout)/,
  /leader ?election lost|failed to renew lease/,
  /etcdserver: (?:request timed out|leader changed)|the server was unable to return a response in the time allotted|Client\.Timeout exceeded while awaiting headers.{0,100}|http2: client connection lost/,
];
/** Milliseconds at p95 above which answers are useless: docs/rules.md#first-look-slow. */
const SLOW_MS = FIXED_RULES.firstLook.tooSlowMs;
const FAST_MS = 500;

function ownerOf(of: ObjectName, facts: Facts): ObjectName {
  const pod = facts.get('Pod', of.namespace, of.name);
  return pod ? topOwner(of, pod.metadata, facts) : of;
}

function slowApi(facts: Facts): readonly Case[] {
  const lines = facts.logs.flatMap((log) => {
    const recent = log.lines.filter(({ at }) => at === null || at >= facts.target.from);
    return SLOW.flatMap((pattern) => {
      const line = recent.findLast(({ text }) => pattern.test(text));
      return line ? [{ pattern, line: line.text, pod: named('Pod', { namespace: log.namespace, name: log.pod }) }] : [];
    });
  });
  const kinds = new Set(lines.map(({ pattern }) => pattern)).size;
  const { p95Ms, timeouts } = facts.api;
  const isMeasured = p95Ms !== null && p95Ms > SLOW_MS;
  const own = [
    ...(isMeasured ? [`our own calls: 95 % within ${(p95Ms / 1000).toFixed(1)} s`] : []),
    ...timeouts.slice(0, 2),
  ];
  // Our own unanswered reads explain no other failure, unless the alert is about the API server.
  const isOnlyOurs = kinds === 0 && !isMeasured && !facts.target.topics.has('api');
  if (kinds === 0 && own.length === 0) return [];
  const isFast = p95Ms !== null && p95Ms < FAST_MS;
  // A slow client logs the same: others must log it too, or a client that works with the API all the time.
  const owners = lines.map(({ pod }) => ownerOf(pod, facts));
  const isBroad =
    new Set(owners.map(keyOf)).size >= 2 || owners.some(({ name }) => name === facts.profile.controlDeployment);
  // Slow to us, and nobody in the cluster says so: true of us, and no cause of what is decided otherwise.
  const isOursAlone = kinds === 0 && !facts.target.topics.has('api');
  const isOneVoice = kinds > 0 && !isBroad && own.length === 0 && !facts.target.topics.has('api');
  const decided =
    (kinds >= 2 && isBroad) || own.length >= 2 || (facts.target.topics.has('api') && kinds + own.length >= 1);
  const detail = `${kinds > 0 ? '; its clients run into their deadlines' : ''}${lines.some(({ line }) => /lease|election/.test(line)) ? ' and lose their lease' : ''}`;
  return [
    found('api-slow', {
      subject: { kind: 'Cluster', namespace: null, name: 'API server' },
      affects: decided && !isOnlyOurs ? 'cluster' : lines.map(({ pod }) => pod),
      confidence: isOnlyOurs || isOneVoice ? 'unknown' : decided && !isFast && !isOursAlone ? 'confirmed' : 'likely',
      level: isOursAlone ? 'warning' : 'critical',
      parts: { detail },
      because: [
        ...own,
        ...lines.map(({ line }) => short(line, 250)),
        ...(isFast ? [`against it: our own reads were answered within ${Math.round(p95Ms)} ms`] : []),
      ].slice(0, 6),
    }),
  ];
}
