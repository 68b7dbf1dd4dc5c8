import { short } from '../../wording/cuts.ts';
import type { Facts } from '../facts/facts.ts';
import { knativeServiceOf, revisionOfPod } from '../subjects/knative.ts';
import { type ContainerStatus, containerNamed, isOver, type Pod, statusesOf } from '../subjects/pod.ts';
import { type Case, found } from './case.ts';
import { diag, podName, whoOf } from './words.ts';

const WAITING =
  /^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|ImageInspectError|RegistryUnavailable|SignatureValidationFailed)$/;
const MISSING_SECRET = /Unable to retrieve some image pull secrets \(([^)]+)\)/;

/** A registry, or a proxy in front of it, that answers with an error of its own. */
const SERVER_ERROR =
  /\b(5\d\d (?:Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out))|unexpected status[^:]{0,40}: (5\d\d)/i;

/** Messages of container runtimes and registries, the more telling first. */
const WHY = [
  ['image-no-space', /no space left on device/i],
  ['image-registry-failing', SERVER_ERROR],
  ['image-rate-limited', /toomanyrequests|too many requests|rate limit/i],
  ['image-platform', /no match for platform|no matching manifest for|does not match the specified platform/i],
  [
    'image-network',
    /no such host|server misbehaving|temporary failure in name resolution|lookup .{1,200}? on |dial tcp|i\/o timeout|TLS handshake|x509|certificate|connection (?:refused|reset)|context deadline exceeded|Client\.Timeout|network is unreachable|EOF$|http: server gave HTTP response/i,
  ],
  [
    'image-not-found',
    /not found|manifest unknown|no such (?:image|manifest)|repository does not exist(?! or may require)|name unknown|NAME_UNKNOWN|manifest for .{1,200}? not/i,
  ],
  [
    'image-unauthorized',
    /unauthori[sz]ed|\b401\b|\b403\b|forbidden|access denied|denied|authentication required|authorization failed|insufficient_scope|no basic auth/i,
  ],
] as const;
/** How a registry cannot be reached, the more telling first. */
const REACHING = [
  [/no such host|name resolution|server misbehaving|lookup /i, 'its name cannot be resolved by DNS'],
  [/HTTP response to HTTPS client/i, 'it speaks plain HTTP, and the node asks by HTTPS'],
  [/x509|certificate|TLS/i, 'its certificate is not accepted'],
  [/refused/i, 'the connection is refused'],
] as const;
/** Registries that hide what somebody may not see say both; then credentials are as likely as the name. */
const EITHER = /does not exist or may require|repository does not exist or/i;

/** Images that cannot be pulled, each with what the registry or the kubelet said. */
export function imageCases(facts: Facts): readonly Case[] {
  return facts
    .all('Pod')
    .flatMap((pod) => (isOver(pod) ? [] : statusesOf(pod).flatMap((status) => pullCase(pod, status, facts))));
}

function pullCase(pod: Pod, status: ContainerStatus, facts: Facts): readonly Case[] {
  const waiting = status.state?.waiting;
  if (!waiting?.reason || !WAITING.test(waiting.reason)) return [];
  const subject = podName(pod);
  const image = containerNamed(pod.spec, status.name)?.image ?? status.image ?? 'unnamed';
  // Older kubelets say why only in an event: the status has `Back-off pulling image "..."`.
  const events = facts
    .eventsAbout(subject)
    .filter((one) => (one.message ?? '').includes(image) || MISSING_SECRET.test(one.message ?? ''));
  const failures = events
    .filter((one) => /^Failed to pull|^Error:/.test(one.message ?? ''))
    .map((one) => one.message ?? '');
  const told = [waiting.message ?? '', ...failures.slice(-2)].join('\n');
  const secret = events.map((one) => MISSING_SECRET.exec(one.message ?? '')?.[1]).findLast(Boolean);
  const why = causeOf(told);
  const line = failures.at(-1) ?? waiting.message ?? waiting.reason;
  const parts = {
    image,
    who: whoOf(pod, facts),
    container: status.name,
    detail: detailOf(told, why, pod, facts),
    look: diag('events', subject),
  };
  const because = [
    `${status.name}: ${waiting.reason}: ${short(line, 280)}`,
    ...(secret ? [`pull secret ${secret} cannot be retrieved`] : []),
  ];
  const given = { subject, because, parts };
  if (waiting.reason === 'InvalidImageName') return [found('image-name-invalid', given)];
  if (waiting.reason === 'ErrImageNeverPull') return [found('image-never-pulled', given)];
  if (waiting.reason === 'SignatureValidationFailed')
    return [found('image-signature', { ...given, parts: { ...parts, detail: signatureDetail(told) } })];
  if (secret && (why === 'image-unauthorized' || why === null || EITHER.test(told)))
    return [found('image-pull-secret-missing', { ...given, parts: { ...parts, secret } })];
  if (why === 'image-no-space')
    return [found(why, { ...given, parts: { ...parts, node: pod.spec.nodeName ?? 'its node' } })];
  if (why === 'image-network' || why === 'image-registry-failing')
    return [found(why, { ...given, parts: { ...parts, registry: registryOf(image, told) } })];
  return [why === null ? found('image-pull', { ...given, confidence: 'likely' }) : found(why, given)];
}

function causeOf(told: string): (typeof WHY)[number][0] | null {
  if (EITHER.test(told)) return 'image-unauthorized';
  return WHY.find(([, pattern]) => pattern.test(told))?.[0] ?? null;
}

/** The host that was asked, as the error names it: a mirror or a token server may stand between. */
function registryOf(image: string, told: string): string {
  const looked = /lookup ([a-z0-9.-]+)/i.exec(told)?.[1] ?? /https?:\/\/([a-z0-9.:-]+)/i.exec(told)?.[1];
  const [host = ''] = image.split('/');
  return looked ?? (/[.:]/.test(host) || host === 'localhost' ? host : 'docker.io');
}

function detailOf(told: string, why: string | null, pod: Pod, facts: Facts): string {
  const serves = stillServes(pod, facts);
  const also = serves ? `; revision ${serves} still serves` : '';
  const answered = SERVER_ERROR.exec(told);
  if (why === 'image-registry-failing') return ` ${answered?.[1] ?? answered?.[2] ?? 'an error'}${also}`;
  if (why === 'image-network') {
    const kind = REACHING.find(([pattern]) => pattern.test(told))?.[1] ?? 'it does not answer in time';
    return `: ${kind}${also}`;
  }
  if (why === 'image-unauthorized' && (pod.spec.imagePullSecrets ?? []).length === 0)
    return `, and the pod has no imagePullSecrets${EITHER.test(told) ? ' (or the repository does not exist)' : ''}${also}`;
  if (why === null) return `: ${short(told.split('\n').at(-1) ?? '', 120) || 'no reason is given'}${also}`;
  return also;
}

/** What the policy of the runtime asks: the words after its own "because". */
function signatureDetail(told: string): string {
  const why = /signature validation failed:? ?([^\n]+)/i.exec(told)?.[1];
  return why ? `: ${short(why, 120)}` : '';
}

/** The revision that takes the traffic while this one cannot start; null when none does. */
function stillServes(pod: Pod, facts: Facts): string | null {
  const service = facts.get('KnativeService', pod.metadata.namespace, knativeServiceOf(pod));
  const ready = service?.status.latestReadyRevisionName;
  return ready && ready !== revisionOfPod(pod) ? ready : null;
}
