import { listed } from '../../wording/counts.ts';
import { short } from '../../wording/cuts.ts';
import type { Facts } from '../facts/facts.ts';
import { named, selects } from '../subjects/object.ts';
import { isOver, isReady, isTerminating, type Pod } from '../subjects/pod.ts';
import {
  backendsOf,
  type Ingress,
  isSelecting,
  offeredPorts,
  readyAddresses,
  type Service,
  type ServicePort,
  serviceOfSlice,
  targetOf,
} from '../subjects/service.ts';
import { isScaledToZero } from '../subjects/workload.ts';
import { type Case, found } from './case.ts';
import { say, whoOf } from './words.ts';

/** Services that lead nowhere, by selector, port, protocol or readiness, and Ingresses before them. */
export function serviceCases(facts: Facts): readonly Case[] {
  return [
    ...facts.all('Service').flatMap((one) => (isSelecting(one) ? serviceCase(one, facts) : [])),
    ...facts.all('Service').flatMap((one) => balancerCases(one, facts)),
    ...facts.all('Ingress').flatMap((one) => ingressCases(one, facts)),
  ];
}

/** A load balancer that its provider does not make: the Service has no address outside. */
function balancerCases(service: Service, facts: Facts): readonly Case[] {
  if (service.spec.type !== 'LoadBalancer' || (service.status.loadBalancer?.ingress ?? []).length > 0) return [];
  const subject = named('Service', service.metadata);
  const event = facts.warningsAbout(subject).findLast(({ reason }) => /LoadBalancerFailed$/.test(reason ?? ''));
  if (!event) return [];
  const why = (event.message ?? '').replace(/^Error syncing load balancer: (?:failed to ensure load balancer: )?/, '');
  return [
    found('load-balancer-failed', {
      subject,
      parts: { service: service.metadata.name, detail: short(why, 160) },
      because: [`${event.reason}: ${short(event.message ?? '', 250)}`, 'status.loadBalancer.ingress is empty'],
    }),
  ];
}

function serviceCase(service: Service, facts: Facts): readonly Case[] {
  const { namespace } = service.metadata;
  if (facts.coverage('Pod', namespace) !== 'whole') return [];
  const selector = service.spec.selector ?? {};
  const pods = facts.within('Pod', namespace).filter((pod) => selects(selector, pod.metadata.labels) && !isOver(pod));
  if (pods.length === 0) return emptySelection(service, selector, facts);
  const wrong = portCases(service, pods);
  if (wrong.length > 0) return wrong;
  if (pods.some((pod) => isReady(pod)) || service.spec.publishNotReadyAddresses === true) return [];
  if (hasReadySlice(service, facts) || pods.every(isTerminating)) return [];
  const subject = named('Service', service.metadata);
  return [
    found('service-no-ready-endpoints', {
      subject,
      parts: {
        service: service.metadata.name,
        detail: `: none of the ${pods.length} pods of ${whoOf(pods[0] as Pod, facts)} is ready`,
      },
      because: [`0 of ${pods.length} selected pods are ready`],
    }),
  ];
}

function hasReadySlice(service: Service, facts: Facts): boolean {
  const slices = facts
    .within('EndpointSlice', service.metadata.namespace)
    .filter((one) => serviceOfSlice(one) === service.metadata.name);
  return readyAddresses(slices) > 0;
}

/** Nothing has its labels: a workload scaled to zero has them in its template, else the selector is wrong. */
function emptySelection(service: Service, selector: Readonly<Record<string, string>>, facts: Facts): readonly Case[] {
  const subject = named('Service', service.metadata);
  const workloads = (['Deployment', 'StatefulSet', 'DaemonSet'] as const).flatMap((kind) =>
    facts.within(kind, service.metadata.namespace).map((of) => ({ of, name: named(kind, of.metadata) })),
  );
  const own = workloads.filter(({ of }) => selects(selector, of.spec.template?.metadata.labels));
  const complete = (['Deployment', 'StatefulSet', 'DaemonSet'] as const).every(
    (kind) => facts.coverage(kind, service.metadata.namespace) === 'whole',
  );
  const zero = own.find(({ of }) => isScaledToZero(of));
  if (zero) {
    const isCalled = facts.graph.edges(subject).some(({ to }) => to.kind === 'Pod' || to.kind === 'Ingress');
    const idle = zero.of.metadata.labels?.['serving.knative.dev/service'] !== undefined;
    if (!isCalled || idle) return [];
    return [
      found('service-scaled-to-zero', {
        subject: zero.name,
        affects: [subject],
        confidence: 'likely',
        level: 'warning',
        parts: { service: service.metadata.name, who: say(zero.name), detail: '' },
        because: [`${say(zero.name)}: replicas 0`],
      }),
    ];
  }
  // Its workload exists and has no pod yet: the workload's own case says why.
  if (own.length > 0 || !complete) return [];
  // A Service made by an operator may never have had a workload here.
  const near = nearest(service, selector, facts);
  if (workloads.length === 0 && near === null) return [];
  const text = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
  return [
    found('service-selector-mismatch', {
      subject,
      affects: near ? [near.name] : [],
      confidence: near ? 'confirmed' : 'likely',
      parts: {
        service: service.metadata.name,
        selector: text,
        detail: near ? `; the pods of ${say(near.name)} have ${near.labels}` : '',
      },
      because: [
        `selector: ${text}`,
        ...(near ? [`${say(near.name)}: labels ${near.labels}`] : ['no pod and no template has these labels']),
      ],
    }),
  ];
}

/** The workload that the Service most probably means: the same name, or all labels but few. */
function nearest(service: Service, selector: Readonly<Record<string, string>>, facts: Facts) {
  const values = new Set([service.metadata.name, ...Object.values(selector)]);
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet'] as const)
    for (const { metadata, spec } of facts.within(kind, service.metadata.namespace)) {
      const labels = spec.template?.metadata.labels ?? {};
      const shared = Object.entries(selector).some(([key, value]) => labels[key] === value);
      if (!values.has(metadata.name) && !shared) continue;
      const keys = Object.keys(selector).filter((key) => labels[key] !== undefined);
      const told = (keys.length > 0 ? keys : Object.keys(labels)).map((key) => `${key}=${labels[key]}`);
      return { name: named(kind, metadata), labels: listed(told, 4) };
    }
  return null;
}

function portCases(service: Service, pods: readonly Pod[]): readonly Case[] {
  const [first] = pods;
  const containers = first?.spec.containers ?? [];
  const offered = first ? offeredPorts(first) : [];
  return (service.spec.ports ?? []).flatMap((port) => {
    if (targetOf(port, containers)) return [];
    return wrongPort(service, port, pods, offered);
  });
}

function wrongPort(
  service: Service,
  port: ServicePort,
  pods: readonly Pod[],
  offered: readonly string[],
): readonly Case[] {
  const subject = named('Service', service.metadata);
  const [first] = pods;
  const wanted = port.targetPort ?? String(port.port ?? '');
  const isName = !/^\d+$/.test(wanted);
  const protocol = port.protocol ?? 'TCP';
  const other = first?.spec.containers
    .flatMap((one) => one.ports ?? [])
    .find((one) => one.name === wanted || String(one.containerPort) === wanted);
  const parts = { service: service.metadata.name, detail: '' };
  if (other && (other.protocol ?? 'TCP') !== protocol)
    return [
      found('service-protocol', {
        subject,
        parts: { ...parts, port: String(port.port), asked: protocol, offered: other.protocol ?? 'TCP' },
        because: [
          `port ${port.port}: protocol ${protocol}`,
          `container port ${other.containerPort}: protocol ${other.protocol ?? 'TCP'}`,
        ],
      }),
    ];
  // A container need not declare its ports: only a name must be declared to be found.
  if (offered.length === 0 && !isName) return [];
  const probed = first?.spec.containers.some((one) =>
    [one.readinessProbe, one.livenessProbe].some(
      (probe) => (probe?.httpGet?.port ?? probe?.tcpSocket?.port ?? probe?.grpc?.port) === wanted,
    ),
  );
  if (probed) return [];
  return [
    found('service-target-port', {
      subject,
      confidence: isName || offered.length > 0 ? 'confirmed' : 'likely',
      parts: { ...parts, port: wanted, offered: offered.length > 0 ? listed(offered) : 'no named port' },
      because: [`port ${port.port}: targetPort ${wanted}`, `containers offer ${offered.join(', ') || 'no port'}`],
    }),
  ];
}

function ingressCases(ingress: Ingress, facts: Facts): readonly Case[] {
  const subject = named('Ingress', ingress.metadata);
  const { namespace } = ingress.metadata;
  const name = ingress.spec.ingressClassName;
  const cases: Case[] = [];
  if (name && facts.coverage('IngressClass') === 'whole' && !facts.get('IngressClass', null, name))
    cases.push(
      found('ingress-class-missing', {
        subject,
        parts: { ingress: ingress.metadata.name, class: name },
        because: [
          `ingressClassName: ${name}`,
          `there ${facts.all('IngressClass').length === 0 ? 'is none' : `are ${listed(facts.all('IngressClass').map(({ metadata }) => metadata.name))}`}`,
        ],
      }),
    );
  if (facts.coverage('Service', namespace) !== 'whole') return cases;
  for (const { service, port, where } of backendsOf(ingress)) {
    const backend = facts.get('Service', namespace, service);
    if (!backend) {
      cases.push(
        found('ingress-backend-missing', {
          subject,
          parts: { ingress: ingress.metadata.name, service, where },
          because: [`${where}: backend ${service}`],
        }),
      );
      continue;
    }
    const ports = backend.spec.ports ?? [];
    if (port === '' || ports.some((one) => one.name === port || String(one.port) === port)) continue;
    const offered = listed(ports.map((one) => `${one.port}${one.name ? ` (${one.name})` : ''}`));
    cases.push(
      found('ingress-backend-port', {
        subject,
        parts: { ingress: ingress.metadata.name, service, port, offered },
        because: [`${where}: port ${port}`, `Service ${service}: ports ${offered}`],
      }),
    );
  }
  return cases;
}
