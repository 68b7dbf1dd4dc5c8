import { listed } from '../../wording/counts.ts';
import { short } from '../../wording/cuts.ts';
import { spoken } from '../../wording/lengths.ts';
import type { Facts } from '../facts/facts.ts';
import type { Kind } from '../subjects/kinds.ts';
import { brokenConditions, type KnativeObject, readinessOf, revisionOfPod, trafficOf } from '../subjects/knative.ts';
import { type Condition, conditionOf, named, timeOf } from '../subjects/object.ts';
import { endedBadly, isReady, isTerminating, lastEnd, STUCK_MS, statusesOf } from '../subjects/pod.ts';
import { type Case, found } from './case.ts';
import { functionPod } from './functionPods.ts';

/** What Knative's controllers and the operator of Knative Lambda say of their objects, and what functions log. */
export function knativeCases(facts: Facts): readonly Case[] {
  return [
    ...facts.all('Revision').flatMap((one) => revisionCase(one, facts)),
    ...facts.all('KnativeService').flatMap((one) => serviceCases(one, facts)),
    ...facts.all('LambdaFunction').flatMap((one) => lambdaCase(one, facts)),
    ...facts.all('Pod').flatMap((pod) => functionPod(pod, facts)),
    ...facts.all('Broker').flatMap((one) => brokerCase(one, facts)),
    ...facts.all('Trigger').flatMap((one) => triggerCase(one, facts)),
  ];
}

export function conditionLine(one: Condition): string {
  return `${one.type}=${one.status}${one.reason ? `/${one.reason}` : ''}${one.message ? `: ${short(one.message, 220)}` : ''}`;
}

const DIGEST =
  /(?:Unable to fetch image|failed to resolve image) "?([^"]*?)"?:? (?:failed to resolve image to digest: )?(.*)$/s;

function revisionCase(one: KnativeObject, facts: Facts): readonly Case[] {
  const subject = named('Revision', one.metadata);
  const name = one.metadata.labels?.['serving.knative.dev/service'] ?? one.metadata.name;
  const broken = brokenConditions(one);
  const [root] = broken;
  if (readinessOf(one) !== 'false' || !root) return [];
  const because = broken.map(conditionLine).slice(0, 3);
  const parts = {
    name,
    revision: one.metadata.name,
    detail: short(root.message ?? root.reason ?? 'no reason is given', 160),
  };
  const told = broken
    .map(({ message }) => message ?? '')
    .find((message) => /digest|Unable to fetch image/.test(message));
  if (told) {
    const [, image = 'of the revision', why = told] = DIGEST.exec(told) ?? [];
    return [
      found('image-digest', {
        subject,
        parts: { ...parts, image, detail: short(why, 150) },
        because,
        at: timeOf(root.lastTransitionTime),
      }),
    ];
  }
  const isCurrent = isInUse(one, facts);
  return [
    found('revision-failed', {
      subject,
      parts,
      because,
      level: isCurrent ? 'critical' : 'notice',
      confidence: isCurrent ? 'confirmed' : 'unknown',
      at: timeOf(root.lastTransitionTime),
    }),
  ];
}

/** The newest revision of its Service, or one with traffic; old ones that failed once are history. */
function isInUse(one: KnativeObject, facts: Facts): boolean {
  const service = facts.get(
    'KnativeService',
    one.metadata.namespace,
    one.metadata.labels?.['serving.knative.dev/service'],
  );
  if (!service) return true;
  return (
    service.status.latestCreatedRevisionName === one.metadata.name ||
    (trafficOf(service).get(one.metadata.name) ?? 0) > 0
  );
}

function serviceCases(one: KnativeObject, facts: Facts): readonly Case[] {
  const subject = named('KnativeService', one.metadata);
  const { name } = one.metadata;
  const broken = brokenConditions(one);
  const { latestCreatedRevisionName: created, latestReadyRevisionName: ready } = one.status;
  const because = broken.map(conditionLine).slice(0, 3);
  if (readinessOf(one) === 'true') return readyButFailing(one, facts);
  if (readinessOf(one) !== 'false') return waitingRoute(one, facts);
  const routes = conditionOf(one, 'RoutesReady');
  const route = facts.get('Route', one.metadata.namespace, name);
  const ofRoute = route ? brokenConditions(route).filter(({ type }) => /Ingress|Certificate/.test(type)) : [];
  const routeCases =
    ofRoute[0] && route
      ? [
          found('route-failed', {
            subject: named('Route', route.metadata),
            parts: { name, detail: short(ofRoute[0].message ?? ofRoute[0].reason ?? '', 140) },
            because: ofRoute.map(conditionLine),
          }),
        ]
      : [];
  const why = conditionOf(one, 'ConfigurationsReady')?.message ?? broken[0]?.message ?? '';
  if (routes?.status === 'True') {
    const serves =
      listed([...trafficOf(one)].filter(([, percent]) => percent > 0).map(([revision]) => revision)) ||
      ready ||
      'the one before';
    return [
      found('function-degraded', {
        subject,
        parts: { name, revision: created ?? 'unknown', serves, detail: why ? ` (${short(why, 120)})` : '' },
        because,
      }),
    ];
  }
  const detail =
    ready === undefined
      ? `no revision of it has become ready${why ? ` (${short(why, 130)})` : ''}`
      : short(routes?.message ?? routes?.reason ?? why, 140) || 'its route is not ready';
  return [
    ...routeCases,
    found('function-down', {
      subject,
      parts: { name, detail },
      because,
      confidence: routes?.status === 'False' ? 'confirmed' : 'likely',
    }),
  ];
}

/** What a route may wait for without end, and how that is told; Knative calls it Unknown. */
const AWAITED = [
  ['IngressReady', 'no gateway has taken up its ingress'],
  ['CertificateProvisioned', 'its certificate has not been issued'],
] as const;

/** A route that waits for its gateway or its certificate longer than a start may take. */
function waitingRoute(one: KnativeObject, facts: Facts): readonly Case[] {
  const route = facts.get('Route', one.metadata.namespace, one.metadata.name);
  if (!route) return [];
  return AWAITED.flatMap(([type, lacks]) => {
    const awaited = conditionOf(route, type);
    const since = timeOf(awaited?.lastTransitionTime);
    if (awaited?.status !== 'Unknown' || since === null || facts.now - since <= STUCK_MS) return [];
    const why = short(awaited.message ?? awaited.reason ?? 'no reason is given', 120);
    return [
      found('route-failed', {
        subject: named('Route', route.metadata),
        confidence: 'likely',
        parts: { name: one.metadata.name, detail: `${lacks} for ${spoken(facts.now - since)} (${why})` },
        because: [conditionLine(awaited)],
        at: since,
      }),
    ];
  });
}

/** Knative reports ready while its pods fail: the case says so, and the pods decide. */
function readyButFailing(one: KnativeObject, facts: Facts): readonly Case[] {
  const serving = new Set([...trafficOf(one)].filter(([, percent]) => percent > 0).map(([name]) => name));
  const pods = facts
    .within('Pod', one.metadata.namespace)
    .filter((pod) => serving.has(revisionOfPod(pod) ?? '') && !isTerminating(pod));
  const failing = pods.filter(
    (pod) =>
      !isReady(pod) &&
      statusesOf(pod).some(
        (status) => endedBadly(lastEnd(status)) || /BackOff|Err/.test(status.state?.waiting?.reason ?? ''),
      ),
  );
  if (failing.length === 0) return [];
  const detail =
    failing.length < pods.length
      ? `${failing.length} of the ${pods.length} pods that serve it ${failing.length === 1 ? 'does' : 'do'} not run`
      : pods.length === 1
        ? 'its only pod does not run'
        : `none of the ${pods.length} pods that serve it runs`;
  return [
    found('ready-but-failing', {
      subject: named('KnativeService', one.metadata),
      parts: { name: one.metadata.name, detail },
      because: ['Ready=True', ...failing.slice(0, 3).map(({ metadata }) => `${metadata.name} is not ready`)],
      level: failing.length === pods.length ? 'critical' : 'warning',
    }),
  ];
}

/** Conditions of a LambdaFunction in the order in which they come true, with what a False one means (docs/platform: LambdaFunction). */
const STEPS: Readonly<Record<string, string>> = {
  SourceReady: 'its source could not be fetched',
  EventingReady: 'its trigger could not be made',
  BuildReady: 'its build failed',
  DeployReady: 'its Knative Service could not be made',
  ServiceReady: 'its Knative Service is not healthy',
};

function lambdaCase(one: KnativeObject, facts: Facts): readonly Case[] {
  const { name, namespace } = one.metadata;
  const phase = one.status.phase ?? 'Pending';
  const failed = Object.keys(STEPS).find((type) => conditionOf(one, type)?.status === 'False');
  const service = facts.get('KnativeService', namespace, name);
  const isServed = service !== null && readinessOf(service) === 'true';
  const subject = named('LambdaFunction', one.metadata);
  const line = failed ? conditionOf(one, failed) : null;
  const because = [
    `phase ${phase}`,
    ...(line ? [conditionLine(line)] : []),
    ...(one.status.buildStatus?.error ? [short(one.status.buildStatus.error, 250)] : []),
  ];
  if (isServed && (phase === 'Failed' || phase === 'Deploying') && failed !== 'BuildReady')
    return [found('phase-stale', { subject, parts: { name, phase, detail: 'ready' }, because, confidence: 'unknown' })];
  if (phase !== 'Failed' && !(failed && phase !== 'Deploying' && phase !== 'Ready')) return [];
  return [
    found('function-failed', {
      subject,
      parts: { name, detail: failed ? (STEPS[failed] ?? failed) : 'the operator gives no reason' },
      because,
      level: isServed ? 'warning' : 'critical',
    }),
  ];
}

/** Conditions that are False, or have been Unknown too long; `Ready` only repeats the others. */
function troubled(one: KnativeObject, facts: Facts): readonly Condition[] {
  return (one.status.conditions ?? []).filter(({ type, status, lastTransitionTime }) => {
    const since = timeOf(lastTransitionTime);
    return (
      type !== 'Ready' &&
      (status === 'False' || (status === 'Unknown' && since !== null && facts.now - since > STUCK_MS))
    );
  });
}

function brokerCase(one: KnativeObject, facts: Facts): readonly Case[] {
  const subject = named('Broker', one.metadata);
  return eventingCases(one, `Broker ${one.metadata.name}`, subject, facts, (bad) => [
    found('broker-not-ready', {
      subject,
      parts: { name: one.metadata.name, detail: short(bad.message ?? bad.reason ?? bad.type, 150) },
      because: [conditionLine(bad)],
      confidence: bad.status === 'False' ? 'confirmed' : 'likely',
    }),
  ]);
}

function eventingCases(
  one: KnativeObject,
  name: string,
  subject: Case['subject'],
  facts: Facts,
  rest: (bad: Condition) => readonly Case[],
): readonly Case[] {
  const bad = troubled(one, facts);
  const sink = bad.find(({ type, status }) => type === 'DeadLetterSinkResolved' && status === 'False');
  const [other] = bad.filter((condition) => condition !== sink);
  const sinks = sink
    ? [
        found('dead-letter-sink-missing', {
          subject,
          parts: { name, detail: short(sink.message ?? sink.reason ?? '', 120) },
          because: [conditionLine(sink)],
        }),
      ]
    : [];
  return [...sinks, ...(other ? rest(other) : [])];
}

function triggerCase(one: KnativeObject, facts: Facts): readonly Case[] {
  const subject = named('Trigger', one.metadata);
  const { name } = one.metadata;
  return eventingCases(one, `Trigger ${name}`, subject, facts, (bad) => {
    const because = [conditionLine(bad)];
    const ref = one.spec.subscriber?.ref;
    if (/Subscriber/.test(bad.type) && /not found/i.test(bad.message ?? '')) {
      const kind: Kind =
        ref?.kind === 'Service' && /knative/.test(ref.apiVersion ?? 'knative') ? 'KnativeService' : 'Service';
      const of = named(kind, { namespace: ref?.namespace ?? one.metadata.namespace, name: ref?.name ?? '' });
      const subscriber =
        ref?.name ?? one.spec.subscriber?.uri ?? /"([^"]+)" not found/.exec(bad.message ?? '')?.[1] ?? 'that it names';
      return [
        found('subscriber-missing', {
          subject,
          affects: [of],
          parts: { name, subscriber, detail: '' },
          because,
        }),
      ];
    }
    return [
      found('trigger-not-ready', {
        subject,
        parts: { name, detail: short(bad.message ?? bad.reason ?? bad.type, 150) },
        because,
        confidence: bad.status === 'False' ? 'confirmed' : 'likely',
      }),
    ];
  });
}
