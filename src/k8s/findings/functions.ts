import { counted } from '../../incidents/counted.ts';
import type { Finding } from '../../incidents/evidence.ts';
import { conditionOf, conditionText, isTrue } from '../conditions.ts';
import { type FunctionChain, type KnativeObject, revisionOf, serving, trafficOf } from '../knative.ts';
import { finding, look, nameOf } from './finding.ts';
import { lambdaFindings } from './lambda.ts';
import { podFindings } from './pods.ts';

/**
 * What is wrong along a function's chain, pods first: Knative's own word is not believed without them
 * (https://github.com/knative/serving/issues/12048). A revision without traffic that scaled to zero is healthy.
 */
export function functionFindings(chain: FunctionChain): readonly Finding[] {
  const ofPods = chain.pods.flatMap((pod) => [...podFindings(pod), ...queueProxy(pod)]);
  return [
    ...withoutVague(ofPods),
    ...serviceFindings(chain),
    ...readyButFailing(chain),
    ...scaling(chain),
    ...traffic(chain),
    ...lambdaFindings(chain),
  ];
}

/** `not-ready` of queue-proxy is only how a function that does not answer shows. */
function withoutVague(findings: readonly Finding[]): readonly Finding[] {
  const told = new Set(findings.filter(({ code }) => code === 'function-not-answering').map(nameKey));
  return findings.filter((one) => one.code !== 'not-ready' || !told.has(nameKey(one)));
}

const nameKey = ({ subject }: Finding) => subject.name;

/** Knative asks a function's readiness probe through queue-proxy, so an unready queue-proxy beside a running container means the container. */
function queueProxy(pod: FunctionChain['pods'][number]): readonly Finding[] {
  const { containerStatuses: all = [] } = pod.status;
  const proxy = all.find(({ name }) => name === 'queue-proxy');
  const user = all.filter(({ name }) => name !== 'queue-proxy' && /user-container/.test(name));
  const running = user.length > 0 && user.every(({ state }) => state?.running !== undefined);
  if (proxy?.ready !== false || !proxy.state?.running || !running || pod.metadata.deletionTimestamp) return [];
  const subject = nameOf('Pod', pod.metadata);
  return [
    finding({
      code: 'function-not-answering',
      level: 'warning',
      confidence: 'likely',
      subject,
      conclusion:
        'user-container runs but does not answer the readiness probe that queue-proxy puts to it: it listens on another port, starts slowly, or hangs.',
      because: [
        `queue-proxy: ready=false; ${user.map(({ name, ready }) => `${name}: running, ready=${ready}`).join(', ')}`,
      ],
      nextStep: `Does it say that it listens? ${look('logs', subject, '-c user-container')}`,
    }),
  ];
}

function serviceFindings(chain: FunctionChain): readonly Finding[] {
  const { service, name } = chain;
  if (!service || isTrue(service, 'Ready')) return [];
  const subject = nameOf('Service', service.metadata);
  const { latestCreatedRevisionName: created, latestReadyRevisionName: ready } = service.status;
  const because = reasonsOf(chain, created);
  const of = { name, namespace: chain.namespace };
  const behind = created !== undefined && created !== ready;
  if (isTrue(service, 'RoutesReady')) {
    const failed = conditionOf(service, 'Ready')?.status === 'False';
    const serves = serving(chain).join(', ') || ready || 'the one before';
    return [
      finding({
        code: failed ? 'function-degraded' : 'function-deploying',
        level: 'warning',
        subject,
        conclusion: behind
          ? `The newest revision of ${name} (${created}) ${failed ? 'is not ready' : 'is not ready yet'}; ${serves} still serves, so callers notice nothing.`
          : `${name} is not ready, although its route still serves (${serves}).`,
        because,
        nextStep: `What holds the new revision up? ${look('logs', of, '-c user-container')}`,
      }),
    ];
  }
  const route = conditionOf(service, 'RoutesReady');
  const down = route?.status === 'False';
  return [
    finding({
      code: down ? 'function-down' : 'function-deploying',
      level: down ? 'critical' : 'warning',
      subject,
      conclusion: down
        ? `Nothing serves ${name}: ${routeWords(chain, route?.reason)}.`
        : `${name} is not deployed yet, and no older revision serves.`,
      because,
      nextStep: `What holds it up? ${look('logs', of, '-c user-container')}`,
    }),
  ];
}

function routeWords(chain: FunctionChain, reason: string | undefined): string {
  if (reason === 'RevisionMissing') return 'no revision of it has ever become ready';
  if (isTrue(chain.route, 'AllTrafficAssigned') && !isTrue(chain.route, 'IngressReady'))
    return 'its ingress is not ready, so look at the gateway and its controller';
  return reason ? `its route says ${reason}` : 'its route is not ready';
}

/** The conditions that are not true, from the service down to the newest revision. */
function reasonsOf(chain: FunctionChain, created: string | undefined): readonly string[] {
  const revision = chain.revisions.find(({ metadata }) => metadata.name === created) ?? null;
  const of = (object: KnativeObject | null, what: string, types: readonly string[]) =>
    types
      .filter((type) => conditionOf(object, type) !== null && !isTrue(object, type))
      .map((type) => `${what} ${conditionText(object, type)}`);
  return [
    ...of(revision, created ?? 'revision', ['ContainerHealthy', 'ResourcesAvailable', 'Ready']).slice(0, 2),
    ...of(chain.service, 'service', ['ConfigurationsReady', 'RoutesReady', 'Ready']),
    ...of(chain.route, 'route', ['AllTrafficAssigned', 'IngressReady', 'CertificateProvisioned']),
    ...of(chain.ingress, 'ingress', ['NetworkConfigured', 'LoadBalancerReady']),
  ].slice(0, 5);
}

function readyButFailing(chain: FunctionChain): readonly Finding[] {
  const { service, name } = chain;
  if (!isTrue(service, 'Ready')) return [];
  const serves = new Set(serving(chain));
  const pods = chain.pods.filter((pod) => serves.has(revisionOf(pod) ?? '') && !pod.metadata.deletionTimestamp);
  const failing = pods.filter((pod) => podFindings(pod).some(({ level }) => level === 'critical'));
  if (failing.length === 0 || !service) return [];
  const first = failing[0];
  return [
    finding({
      code: 'ready-but-failing',
      level: failing.length === pods.length ? 'critical' : 'warning',
      subject: nameOf('Service', service.metadata),
      conclusion: `Knative says that ${name} is ready, but ${howMany(failing.length, pods.length)}.`,
      because: [
        conditionText(service, 'Ready') ?? 'Ready=True',
        ...(first ? podFindings(first).map((one) => `${first.metadata.name}: ${one.conclusion}`) : []),
      ],
      nextStep: `Believe the pods: ${look('logs', { name: first?.metadata.name, namespace: chain.namespace }, '-c user-container', '--previous')}`,
    }),
  ];
}

function howMany(failing: number, all: number): string {
  if (failing < all) return `${failing} of the ${all} pods that serve it ${failing === 1 ? 'does' : 'do'} not run`;
  return all === 1 ? 'its only pod does not run' : `none of the ${all} pods that serve it runs`;
}

function scaling(chain: FunctionChain): readonly Finding[] {
  return serving(chain).flatMap((revision) => {
    const object = chain.revisions.find(({ metadata }) => metadata.name === revision) ?? null;
    const autoscaler = chain.autoscalers.find(({ metadata }) => metadata.name === revision) ?? null;
    const active = conditionOf(autoscaler, 'Active') ?? conditionOf(object, 'Active');
    const pods = chain.pods.filter((pod) => revisionOf(pod) === revision);
    const subject = { kind: 'Revision', namespace: chain.namespace, name: revision };
    const line = `${revision} Active=${active?.status}/${active?.reason ?? ''}, ${counted(pods.length, 'pod')}`;
    if (active?.status === 'False' && active.reason === 'NoTraffic' && pods.length === 0 && chain.podsRead)
      return [
        finding({
          code: 'scaled-to-zero',
          level: 'ok',
          subject,
          conclusion: `${revision} is scaled to zero for want of traffic, which is healthy; the next request starts a pod.`,
          because: [line],
        }),
      ];
    const stuck =
      active?.status !== 'True' && /^(Queued|TimedOut|FailedCreate|FailedToCreate)$/.test(active?.reason ?? '');
    if (stuck)
      return [
        finding({
          code: active?.reason === 'Queued' ? 'cold-start-waiting' : 'activation-failed',
          level: active?.reason === 'Queued' ? 'warning' : 'critical',
          confidence: active?.reason === 'Queued' ? 'likely' : 'confirmed',
          subject,
          conclusion:
            active?.reason === 'Queued'
              ? `Requests to ${revision} wait for its first pod (a cold start).`
              : `${revision} could not be started from zero: ${active?.reason}.`,
          because: [line, ...(active?.message ? [active.message] : [])],
          nextStep: `Are activator and autoscaler up? ${look('serving', {})}`,
        }),
      ];
    const { desiredScale = 0, actualScale = 0 } = autoscaler?.status ?? {};
    if (desiredScale <= actualScale) return [];
    return [
      finding({
        code: 'scaling-behind',
        level: 'notice',
        subject,
        conclusion: `${revision} wants more pods than it has (${desiredScale} wanted, ${actualScale} there).`,
        because: [`kpa ${revision}: desired ${desiredScale}, actual ${actualScale}`],
        nextStep: `What do the missing ones wait for? ${look('pods', { namespace: chain.namespace }, `-l serving.knative.dev/revision=${revision}`)}`,
      }),
    ];
  });
}

function traffic(chain: FunctionChain): readonly Finding[] {
  const { service, name } = chain;
  const shares = trafficOf(service);
  const ready = service?.status.latestReadyRevisionName;
  if (!service || shares.size === 0 || !ready) return [];
  const split = [...shares].map(([revision, percent]) => `${revision} ${percent} %`).join(', ');
  const pinned = !shares.has(ready) || shares.get(ready) === 0;
  if (!pinned && shares.size === 1) return [];
  return [
    finding({
      code: pinned ? 'traffic-pinned' : 'traffic-split',
      level: 'notice',
      subject: nameOf('Service', service.metadata),
      conclusion: pinned
        ? `The traffic of ${name} is pinned: ${split}; its newest ready revision ${ready} gets none.`
        : `The traffic of ${name} is split: ${split}.`,
      because: [`status.traffic: ${split}`],
      nextStep: `Who did it, and when? ${look('rollouts', { namespace: chain.namespace })}`,
    }),
  ];
}
