import { counted } from '../../incidents/counted.ts';
import { conditionLine, conditionOf } from '../conditions.ts';
import type { Conditioned } from '../objects.ts';
import { timeOf, wasRead } from './facts.ts';
import { failedBuilds } from './failedBuilds.ts';
import {
  type Case,
  cause,
  DEPTH,
  excluded,
  found,
  type Hypothesis,
  object,
  several,
  undecided,
  type Verdict,
} from './hypothesis.ts';

const SLOW: readonly RegExp[] = [
  /client rate limiter Wait returned an error: (?:context deadline exceeded|rate: Wait)/,
  /error retrieving resource lock .{0,200}(?:deadline exceeded|timed out|Timeout)/,
  /leader ?election lost|failed to renew lease/,
  /etcdserver: (?:request timed out|leader changed)|the server was unable to return a response in the time allotted|Client\.Timeout exceeded while awaiting headers.{0,100}|http2: client connection lost/,
];

/** F16: the API server answers late; what its clients say, and how it answers us. */
export const slowApi: Hypothesis = {
  id: 'F16',
  title: 'The Kubernetes API server is slow',
  areas: ['api', 'control', 'builds', 'functions', 'serving'],
  judge(facts): Verdict {
    const lines = facts.logs.flatMap((log) => {
      const recent = log.lines.filter(({ at }) => at === null || at >= facts.target.from);
      return SLOW.flatMap((pattern) => {
        const line = recent.findLast(({ text }) => pattern.test(text));
        return line ? [{ pattern, line: line.text, pod: log.pod }] : [];
      });
    });
    const kinds = new Set(lines.map(({ pattern }) => pattern)).size;
    const { p95Ms, timeouts } = facts.api;
    const own = [
      ...(p95Ms !== null && p95Ms > 2_000 ? [`our own calls: 95 % within ${(p95Ms / 1000).toFixed(1)} s`] : []),
      ...timeouts.slice(0, 2),
    ];
    if (kinds === 0 && own.length === 0)
      return excluded(
        p95Ms === null
          ? 'every read was answered in time'
          : `95 % of our reads were answered within ${Math.round(p95Ms)} ms`,
      );
    const isFast = p95Ms !== null && p95Ms < 500;
    const alerted = facts.target.topics.has('api');
    const decided = kinds >= 2 || own.length >= 2 || (alerted && kinds + own.length >= 1);
    return found([
      cause({
        code: 'api-slow',
        confidence: decided && !isFast ? 'confirmed' : 'likely',
        subject: object('Cluster', null, 'API server'),
        conclusion: `The Kubernetes API server is slow${kinds > 0 ? '; its clients run into their deadlines' : ''}${lines.some(({ line }) => /lease|election/.test(line)) ? ' and lose their lease' : ''}.`,
        because: [...own, ...lines.map(({ line }) => line)].slice(0, 5),
        nextStep:
          'Find the heavy client and slow it down (dashboards, scripts with watch or -A); do not restart things.',
        touches: lines.map(({ pod }) => pod),
        areas: ['api', 'control', 'builds', 'functions', 'serving'],
        depth: DEPTH.platform,
        against: isFast ? [`our own reads were answered within ${Math.round(p95Ms)} ms`] : [],
      }),
    ]);
  },
};

/** F17: certificates that are not ready or at their end. */
export const certificates: Hypothesis = {
  id: 'F17',
  title: 'A certificate is not ready or has expired',
  areas: ['certificates', 'serving'],
  judge(facts) {
    const bad = facts.certificates.flatMap((one) => certificateCase(one, facts.now) ?? []);
    if (bad.length > 0) return found(bad);
    const builds = failedBuilds(facts).filter(({ cause: why }) => why?.id === 'F17');
    if (builds[0])
      return found([
        cause({
          code: 'registry-certificate',
          subject: object('Job', builds[0].namespace, builds[0].job),
          count: builds.length,
          conclusion: `The build of ${several(builds.map(({ name }) => name))} does not trust the certificate of the registry.`,
          because: builds[0].because,
          nextStep: builds[0].cause?.next ?? null,
          touches: builds.flatMap(({ job, name, pods }) => [job, name, ...pods.map(({ metadata }) => metadata.name)]),
          areas: ['builds', 'certificates'],
        }),
      ]);
    return wasRead(facts, 'certificates')
      ? excluded(`${counted(facts.certificates.length, 'certificate is', 'certificates are')} ready and valid`)
      : undecided('certificates were not read');
  },
};

/** A certificate that is not ready, expired, or ends within a week. */
export function certificateCase(one: Conditioned, now: number): Case | null {
  const ready = conditionOf(one, 'Ready');
  const until = timeOf(one.status.notAfter);
  const days = until === null ? null : Math.floor((until - now) / 86_400_000);
  if (ready?.status !== 'False' && (days === null || days >= 7)) return null;
  const expired = days !== null && days < 0;
  return cause({
    code: expired ? 'certificate-expired' : 'certificate-not-ready',
    level: expired || ready?.status === 'False' ? 'critical' : 'warning',
    subject: object('Certificate', one.metadata.namespace, one.metadata.name),
    conclusion: `Certificate ${one.metadata.name} ${expired ? `expired ${counted(-days, 'day')} ago` : ready?.status === 'False' ? 'is not ready' : `ends in ${counted(days ?? 0, 'day')}`}.`,
    because: [
      ...(ready ? [conditionLine(ready)] : []),
      ...(one.status.notAfter ? [`notAfter ${one.status.notAfter}`] : []),
    ],
    nextStep: `kubectl describe certificate ${one.metadata.name} -n ${one.metadata.namespace}`,
    touches: [one.metadata.name],
    areas: ['certificates', 'serving', 'functions'],
    depth: DEPTH.platform,
  });
}

/** F18: what the Knative operator says of its installations. */
export const knativeInstallation: Hypothesis = {
  id: 'F18',
  title: 'Knative’s own installation is not ready',
  areas: ['serving', 'eventing'],
  judge(facts) {
    const cases = facts.platform.flatMap((one) => installation(one) ?? []);
    if (cases.length > 0) return found(cases);
    return facts.platform.length > 0
      ? excluded(`${several(facts.platform.map(({ metadata }) => metadata.name))} ready`)
      : undecided('KnativeServing and KnativeEventing were not read');
  },
};

/** What the Knative operator says of one installation that is not ready. */
export function installation(one: Conditioned): Case | null {
  const bad = (one.status.conditions ?? []).filter(({ type, status }) => status === 'False' && type !== 'Ready');
  if (bad.length === 0) return null;
  const waiting = bad.flatMap(
    ({ message }) => /Waiting on deployments: (.+)/.exec(message ?? '')?.[1]?.split(/,\s*/) ?? [],
  );
  return cause({
    code: 'knative-not-ready',
    subject: object(one.kind ?? 'KnativeServing', one.metadata.namespace, one.metadata.name),
    conclusion: `${one.kind ?? 'Knative'} ${one.metadata.name} is not ready${waiting.length > 0 ? `: it waits for Deployment ${several(waiting)}` : `: ${bad[0]?.message ?? bad[0]?.reason ?? bad[0]?.type}`}.`,
    because: bad.map(conditionLine).slice(0, 3),
    nextStep: '/lambda diag operator',
    touches: [one.metadata.name, ...waiting],
    areas: ['serving', 'eventing'],
    depth: DEPTH.symptom,
  });
}
