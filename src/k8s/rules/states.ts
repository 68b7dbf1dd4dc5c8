import type { Facts } from '../facts/facts.ts';
import { type KnativeObject, knativeServiceOf, readinessOf, revisionOfPod, trafficOf } from '../subjects/knative.ts';
import { isCordoned } from '../subjects/node.ts';
import { conditionOf, named } from '../subjects/object.ts';
import { isReady } from '../subjects/pod.ts';
import { usesOf } from '../subjects/quota.ts';
import { updatedReplicas, wantedReplicas } from '../subjects/workload.ts';
import { type Case, found } from './case.ts';
import { conditionLine } from './knative.ts';
import { say } from './words.ts';

/**
 * States that are no trouble by themselves: reported to a person who asks about an object, never concluded by a first
 * look.
 */
export function stateCases(facts: Facts): readonly Case[] {
  return [
    ...cordoned(facts),
    ...nearlyFull(facts),
    ...paused(facts),
    ...disabledScalers(facts),
    ...facts.all('KnativeService').flatMap((one) => functionStates(one, facts)),
    ...inProgress(facts),
  ];
}

function cordoned(facts: Facts): readonly Case[] {
  return facts
    .all('Node')
    .filter(isCordoned)
    .map(({ metadata: { name } }) => {
      const subject = named('Node', { name });
      return found('node-cordoned', { subject, parts: { node: name }, because: ['spec.unschedulable is true'] });
    });
}

const NEARLY = 0.9;

function nearlyFull(facts: Facts): readonly Case[] {
  return facts.all('ResourceQuota').flatMap((one) =>
    usesOf(one).flatMap(({ resource, used, hard, share }) => {
      if (share === null || share < NEARLY || share >= 1) return [];
      const { name, namespace = '' } = one.metadata;
      return [
        found('quota-nearly-full', {
          subject: named('ResourceQuota', one.metadata),
          parts: { quota: name, resource, used, hard, namespace },
          because: [`${resource}: used ${used}, hard ${hard}`],
        }),
      ];
    }),
  );
}

/** No rollout is pending; a paused rollout with a change in it is trouble and has a rule of its own. */
function paused(facts: Facts): readonly Case[] {
  return facts.all('Deployment').flatMap((of) => {
    if (of.spec.paused !== true || updatedReplicas(of) < wantedReplicas(of)) return [];
    const subject = named('Deployment', of.metadata);
    return [
      found('paused', { subject, level: 'notice', parts: { who: say(subject) }, because: ['spec.paused is true'] }),
    ];
  });
}

function disabledScalers(facts: Facts): readonly Case[] {
  return facts.all('HorizontalPodAutoscaler').flatMap((of) => {
    const active = conditionOf(of, 'ScalingActive');
    if (active?.status !== 'False' || active.reason !== 'ScalingDisabled') return [];
    const { kind = '', name = '' } = of.spec.scaleTargetRef ?? {};
    return [
      found('hpa-disabled', {
        subject: named('HorizontalPodAutoscaler', of.metadata),
        parts: { hpa: of.metadata.name, who: say(named(kind, { namespace: of.metadata.namespace, name })) },
        because: [conditionLine(active)],
      }),
    ];
  });
}

function functionStates(one: KnativeObject, facts: Facts): readonly Case[] {
  const waiting = coldStarts(one, facts);
  return [...traffic(one), ...deploying(one), ...waiting, ...(waiting.length === 0 ? idle(one, facts) : [])];
}

function shareOf(one: KnativeObject): readonly (readonly [string, number])[] {
  return [...trafficOf(one)].filter(([, percent]) => percent > 0);
}

function traffic(one: KnativeObject): readonly Case[] {
  const subject = named('KnativeService', one.metadata);
  const { name } = one.metadata;
  const { latestReadyRevisionName: ready } = one.status;
  const shares = shareOf(one);
  const [only] = shares;
  const detail = shares.map(([revision, percent]) => `${percent} % to ${revision}`).join(', ');
  const because = [`status.traffic: ${detail}`];
  if (shares.length > 1) return [found('traffic-split', { subject, parts: { name, detail }, because })];
  if (!only || ready === undefined || only[0] === ready || readinessOf(one) !== 'true') return [];
  return [
    found('traffic-pinned', {
      subject,
      parts: { name, revision: only[0], detail: ready },
      because: [...because, `latestReadyRevisionName ${ready}`],
    }),
  ];
}

function deploying(one: KnativeObject): readonly Case[] {
  const { latestCreatedRevisionName: created, latestReadyRevisionName: ready } = one.status;
  if (readinessOf(one) !== 'unknown' || created === undefined || created === ready) return [];
  const { name } = one.metadata;
  const waits = conditionOf(one, 'ConfigurationsReady') ?? conditionOf(one, 'Ready');
  return [
    found('function-deploying', {
      subject: named('KnativeService', one.metadata),
      parts: { name, revision: created, detail: ready ? `; ${ready} still serves` : '; nothing serves before it' },
      because: waits ? [conditionLine(waits)] : ['Ready is not decided'],
    }),
  ];
}

/** A request came and no pod is ready: the activator holds it. */
function coldStarts(one: KnativeObject, facts: Facts): readonly Case[] {
  const { name, namespace } = one.metadata;
  const serving = new Set(shareOf(one).map(([revision]) => revision));
  return facts.within('PodAutoscaler', namespace).flatMap((scaler) => {
    const revision = scaler.metadata.name;
    const active = conditionOf(scaler, 'Active');
    if (!serving.has(revision) || active?.status !== 'Unknown' || active.reason !== 'Queued') return [];
    if (facts.within('Pod', namespace).some((pod) => revisionOfPod(pod) === revision && isReady(pod))) return [];
    const { desiredScale, actualScale = 0 } = scaler.status;
    const detail = desiredScale === undefined ? '' : ` (${actualScale} of ${desiredScale} there)`;
    return [
      found('cold-start-waiting', {
        subject: named('KnativeService', one.metadata),
        parts: { name, revision, detail },
        because: [conditionLine(active)],
      }),
    ];
  });
}

function idle(one: KnativeObject, facts: Facts): readonly Case[] {
  const { name, namespace } = one.metadata;
  if (readinessOf(one) !== 'true' || facts.coverage('Pod', namespace ?? null) !== 'whole') return [];
  if (facts.within('Pod', namespace).some((pod) => knativeServiceOf(pod) === name)) return [];
  return [
    found('function-idle', {
      subject: named('KnativeService', one.metadata),
      parts: { name, detail: '' },
      because: ['Ready=True, no pods'],
    }),
  ];
}

function inProgress(facts: Facts): readonly Case[] {
  return facts.all('LambdaFunction').flatMap((one) => {
    const { phase, conditions = [] } = one.status;
    if (phase === undefined || phase === 'Ready' || phase === 'Failed') return [];
    if (conditions.some(({ status }) => status === 'False')) return [];
    const service = facts.get('KnativeService', one.metadata.namespace, one.metadata.name);
    if (service && readinessOf(service) === 'true') return [];
    return [
      found('function-in-progress', {
        subject: named('LambdaFunction', one.metadata),
        parts: { name: one.metadata.name, detail: phase },
        because: [`phase ${phase}`],
      }),
    ];
  });
}
