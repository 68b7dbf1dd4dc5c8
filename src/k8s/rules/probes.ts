import { short } from '../../wording/cuts.ts';
import type { Facts } from '../facts/facts.ts';
import { containerOf, type Event, lastSeen } from '../subjects/event.ts';
import { conditionOf, timeOf } from '../subjects/object.ts';
import {
  type Container,
  type ContainerStatus,
  containerNamed,
  isFlapping,
  isOver,
  isTerminating,
  lastEnd,
  type Pod,
  type Probe,
} from '../subjects/pod.ts';
import { type Case, found } from './case.ts';
import { diag, podName, whoOf } from './words.ts';

/** Longest normal time to the first successful readiness probe, milliseconds. */
const WARMING_MS = 2 * 60_000;

/** Probes that fail now: liveness and startup kill, readiness takes out of service. */
export function probeCases(facts: Facts): readonly Case[] {
  return facts.all('Pod').flatMap((pod) => {
    if (isOver(pod) || isTerminating(pod)) return [];
    return (pod.status.containerStatuses ?? []).flatMap((status) => probeCase(pod, status, facts));
  });
}

function probeCase(pod: Pod, status: ContainerStatus, facts: Facts): readonly Case[] {
  const container = containerNamed(pod.spec, status.name);
  if (!container) return [];
  const about = eventsOf(pod, status, facts);
  const kill = killOf(about, status, pod, facts.now);
  if (kill) return [killCase(pod, status, container, kill, about, facts)];
  return readiness(pod, status, container, about, facts);
}

function eventsOf(pod: Pod, status: ContainerStatus, facts: Facts): readonly Event[] {
  return facts
    .eventsAbout(podName(pod))
    .filter(
      (one) => (containerOf(one) ?? status.name) === status.name && (lastSeen(one) ?? facts.now) >= facts.target.from,
    );
}

/** The kubelet ended the last instance because of a probe. */
export function isKilledByProbe(pod: Pod, status: ContainerStatus, facts: Facts): boolean {
  return killOf(eventsOf(pod, status, facts), status, pod, facts.now) !== null;
}

type Killing = 'Liveness' | 'Startup';

/** Which probe ended the last instance; null when none did. A container that has been ready since is over it. */
function killOf(about: readonly Event[], status: ContainerStatus, pod: Pod, now: number): Killing | null {
  const restarted = (status.restartCount ?? 0) > 0 || status.state?.terminated !== undefined;
  const kills = about.filter(
    ({ reason, message }) => reason === 'Killing' && /failed (?:liveness|startup) probe/i.test(message ?? ''),
  );
  const failed = about.filter(
    ({ reason, message }) => reason === 'Unhealthy' && /^(?:Liveness|Startup) probe/.test(message ?? ''),
  );
  const said = kills.at(-1) ?? failed.at(-1);
  if (!said || !restarted) return null;
  const code = lastEnd(status)?.exitCode;
  // Without the kubelet's own word a probe is suspected only of an end by signal.
  if (kills.length === 0 && code !== 137 && code !== 143 && code !== 0) return null;
  if (kills.length === 0 && lastEnd(status)?.reason === 'OOMKilled') return null;
  const readyAt = timeOf(conditionOf(pod, 'Ready')?.lastTransitionTime);
  const newest = Math.max(...[...kills, ...failed].map((one) => lastSeen(one) ?? 0));
  const isUp = status.ready === true && status.state?.running !== undefined;
  if (isUp && readyAt !== null && readyAt >= newest && !isFlapping(status, now)) return null;
  return /startup/i.test(said.message ?? '') ? 'Startup' : 'Liveness';
}

function killCase(
  pod: Pod,
  status: ContainerStatus,
  container: Container,
  kill: Killing,
  about: readonly Event[],
  facts: Facts,
): Case {
  const probe = kill === 'Startup' ? container.startupProbe : container.livenessProbe;
  const failure = about.findLast(({ reason, message }) => reason === 'Unhealthy' && (message ?? '').startsWith(kill));
  const killed = about.findLast(({ reason }) => reason === 'Killing');
  const end = lastEnd(status);
  const subject = podName(pod);
  return found(kill === 'Startup' ? 'startup-failed' : 'liveness-failed', {
    subject,
    parts: {
      who: whoOf(pod, facts),
      container: status.name,
      probe: probeText(probe, container),
      detail: probe ? faultOf(probe, container, failure?.message ?? '', kill) : '',
      look: diag('events', subject),
    },
    because: [
      ...(killed ? [`${killed.reason}: ${short(killed.message ?? '', 200)}`] : []),
      ...(failure ? [`${failure.reason}: ${short(failure.message ?? '', 240)}`] : []),
      ...(end
        ? [`${status.name}: exit code ${end.exitCode ?? 'not recorded'}, restarts ${status.restartCount ?? 0}`]
        : []),
    ],
    at: lastSeen(killed ?? failure ?? about[0] ?? ({} as Event)),
  });
}

function readiness(
  pod: Pod,
  status: ContainerStatus,
  container: Container,
  about: readonly Event[],
  facts: Facts,
): readonly Case[] {
  if (status.ready !== false || status.state?.running === undefined) return [];
  const failure = about.findLast(
    ({ reason, message }) => reason === 'Unhealthy' && /^(?:Readiness|Startup|Liveness) probe/.test(message ?? ''),
  );
  const since = timeOf(status.state.running.startedAt);
  const isFresh = since !== null && facts.now - since < WARMING_MS;
  if (!failure) return [];
  const kind = /^Startup/.test(failure.message ?? '')
    ? 'startup'
    : /^Liveness/.test(failure.message ?? '')
      ? 'liveness'
      : 'readiness';
  const probe =
    kind === 'startup'
      ? container.startupProbe
      : kind === 'liveness'
        ? container.livenessProbe
        : container.readinessProbe;
  const subject = podName(pod);
  const fault = probe ? faultOf(probe, container, failure.message ?? '', 'Readiness') : '';
  return [
    found(isProbeFault(fault) ? 'readiness-failed' : 'readiness-failing', {
      subject,
      confidence: isFresh && fault === '' ? 'likely' : 'confirmed',
      parts: {
        who: whoOf(pod, facts),
        container: status.name,
        probe: probeText(probe, container),
        detail: fault || `: ${reasonOf(failure.message ?? '')}`,
        look: diag('logs', subject),
      },
      because: [`${failure.reason}: ${short(failure.message ?? '', 280)}`],
      at: lastSeen(failure),
    }),
  ];
}

/** A probe in words: `HTTP GET /healthz on port 8080`. */
function probeText(probe: Probe | undefined, container: Container): string {
  if (!probe) return 'not in the spec that was read';
  const { httpGet, tcpSocket, grpc, exec } = probe;
  const port = (of: string | undefined) => portText(of, container);
  if (httpGet)
    return `${httpGet.scheme === 'HTTPS' ? 'HTTPS' : 'HTTP'} GET ${httpGet.path ?? '/'} on port ${port(httpGet.port)}`;
  if (grpc) return `gRPC on port ${port(grpc.port)}`;
  if (tcpSocket) return `TCP connection to port ${port(tcpSocket.port)}`;
  return `command ${short((exec?.command ?? []).join(' '), 80)}`;
}

function portText(port: string | undefined, container: Container): string {
  const named = (container.ports ?? []).find(({ name }) => name === port);
  return named?.containerPort === undefined ? (port ?? '?') : `${port} (${named.containerPort})`;
}

function askedPort(probe: Probe): string | undefined {
  return probe.httpGet?.port ?? probe.tcpSocket?.port ?? probe.grpc?.port;
}

/** Mismatches between probe and container, the surest first; empty without any. */
function faultOf(probe: Probe, container: Container, message: string, kind: Killing | 'Readiness'): string {
  const port = askedPort(probe);
  const offered = (container.ports ?? []).flatMap(({ name, containerPort, protocol }) =>
    (protocol ?? 'TCP') === 'TCP' ? [{ name, number: String(containerPort ?? '') }] : [],
  );
  const list = offered.map(({ number, name }) => `${number}${name ? ` (${name})` : ''}`).join(', ');
  const isOffered = offered.some(({ name, number }) => name === port || number === port);
  if (port && offered.length > 0 && !isOffered) return `: it asks port ${port}, and the container offers port ${list}`;
  if (
    /malformed HTTP response|HTTP\/1\.[01] response to|transport connection broken|HTTP\/2|preface|error reading server preface|\bHTTP\/0\.9/i.test(
      message,
    )
  )
    return `: it speaks the wrong protocol to port ${port} (${reasonOf(message)})`;
  if (/server gave HTTP response to HTTPS client|first record does not look like a TLS handshake|tls:/i.test(message))
    return `: it asks over HTTPS and port ${port} answers plain HTTP, or its certificate is wrong (${reasonOf(message)})`;
  if (/HTTP request to an HTTPS server|statuscode: 400/i.test(message) && probe.httpGet?.scheme !== 'HTTPS')
    return `: port ${port} may want HTTPS or another request (${reasonOf(message)})`;
  const status = /statuscode: (\d{3})/i.exec(message)?.[1];
  if (status === '404') return `: path ${probe.httpGet?.path ?? '/'} is not found (404)`;
  if (status === '401' || status === '403') return `: path ${probe.httpGet?.path ?? '/'} wants credentials (${status})`;
  if (status) return `: ${probe.httpGet?.path ?? '/'} answers ${status}`;
  if (/deadline exceeded|timed? ?out|Client\.Timeout|awaiting headers/i.test(message))
    return `: no answer within its timeout of ${probe.timeoutSeconds ?? 1} s${begin(probe, kind)}`;
  if (/connection refused/i.test(message))
    return `: connection refused${kind === 'Readiness' ? `, nothing listens on port ${port}` : `: nothing listens on port ${port} (yet)${begin(probe, kind)}`}`;
  if (/executable file not found|no such file|not found/i.test(message) && probe.exec)
    return `: its command is not in the image (${reasonOf(message)})`;
  return '';
}

/** Start and tolerance of the probe: one that starts too early kills a container that starts slowly. */
function begin(probe: Probe, kind: Killing | 'Readiness'): string {
  if (kind === 'Readiness') return '';
  const first = probe.initialDelaySeconds ?? 0;
  const patience = (probe.periodSeconds ?? 10) * (probe.failureThreshold ?? 3);
  return `; its timing: it begins after ${first} s (initialDelaySeconds) and gives up after ${patience} s more, maybe too early for its start`;
}

function reasonOf(message: string): string {
  return short(
    message.replace(
      /^(?:Readiness|Liveness|Startup) probe (?:failed|errored)(?: and resulted in unknown state)?:\s*/,
      '',
    ),
    120,
  );
}

/** Something about the probe itself does not fit the container; an answer of 5xx, a refusal or a time-out is the application's. */
function isProbeFault(fault: string): boolean {
  return /asks port|protocol|HTTPS|is not found|credentials|not in the image/.test(fault);
}
