import { counted, listed } from '../../wording/counts.ts';
import { short } from '../../wording/cuts.ts';
import { compact } from '../../wording/lengths.ts';
import type { Facts } from '../facts/facts.ts';
import { brokenConditions, type KnativeObject, readinessOf } from '../subjects/knative.ts';
import { conditionOf, named, timeOf } from '../subjects/object.ts';
import { type Case, found } from './case.ts';
import { conditionLine } from './knative.ts';

const DAY_MS = 86_400_000;

/** What the Knative operator says of its installations, and cert-manager of its certificates. */
export function installationCases(facts: Facts): readonly Case[] {
  return [
    ...(['KnativeServing', 'KnativeEventing'] as const).flatMap((kind) =>
      facts.all(kind).flatMap((one) => installation(kind, one)),
    ),
    ...facts.all('Certificate').flatMap((one) => certificateCase(one, facts)),
  ];
}

function installation(kind: 'KnativeServing' | 'KnativeEventing', one: KnativeObject): readonly Case[] {
  const subject = named(kind, one.metadata);
  const bad = brokenConditions(one).filter(({ type }) => type !== 'Ready');
  const name = `${kind} ${one.metadata.name}`;
  if (bad.length === 0) {
    const waiting = (one.status.conditions ?? []).filter(({ status }) => status !== 'True');
    if (readinessOf(one) === 'true' || waiting.length === 0) return [];
    return [
      found('knative-installing', {
        subject,
        parts: { name, detail: waiting.map(({ type }) => type).join(', ') },
        because: waiting.map(conditionLine).slice(0, 3),
        confidence: 'unknown',
      }),
    ];
  }
  const deployments = bad.flatMap(
    ({ message }) => /Waiting on deployments: (.+)/.exec(message ?? '')?.[1]?.split(/,\s*/) ?? [],
  );
  const detail =
    deployments.length > 0
      ? `: it waits for Deployment ${listed(deployments)}`
      : `: ${short(bad[0]?.message ?? bad[0]?.reason ?? '', 140)}`;
  return [
    found('knative-not-ready', { subject, parts: { name, detail }, because: bad.map(conditionLine).slice(0, 3) }),
  ];
}

function certificateCase(one: KnativeObject, facts: Facts): readonly Case[] {
  const { now } = facts;
  const subject = named('Certificate', one.metadata);
  const { name } = one.metadata;
  const ready = conditionOf(one, 'Ready');
  const [until, renewal] = [timeOf(one.status.notAfter), timeOf(one.status.renewalTime)];
  const because = [
    ...(ready ? [conditionLine(ready)] : []),
    ...(one.status.notAfter ? [`notAfter ${one.status.notAfter}`] : []),
  ];
  if (until !== null && until < now)
    return [
      found('certificate-expired', {
        subject,
        parts: { name, detail: compact(now - until), why: whyNotRenewed(one) },
        because,
        at: until,
      }),
    ];
  const requested = refusalOf(one, facts);
  if (ready?.status === 'False')
    return [
      found('certificate-not-ready', {
        subject,
        parts: { name, detail: `is not ready: ${short(requested ?? ready.message ?? ready.reason ?? '', 130)}` },
        because: [...(requested ? [requested] : []), ...because],
      }),
    ];
  // Short-lived ones are renewed in time: only a renewal that is overdue says something.
  if (renewal !== null && renewal < now - DAY_MS / 24)
    return [
      found('certificate-not-ready', {
        subject,
        parts: {
          name,
          detail: `should have been renewed ${counted(Math.ceil((now - renewal) / (DAY_MS / 24)), 'hour')} ago`,
        },
        because,
        level: 'warning',
      }),
    ];
  return [];
}

/**
 * cert-manager names the request of a Certificate by its revision (`web-2`), an order by its request and a hash
 * (`web-2-1713345099`), a challenge by its order and another: so many numbers follow the name of the Certificate.
 * https://cert-manager.io/docs/troubleshooting/
 */
const NUMBERS: Readonly<Record<string, number>> = { CertificateRequest: 1, Order: 2, Challenge: 3 };

/** What is told of its request, order or challenge: the reason stands there, and not with the Certificate. */
function refusalOf({ metadata }: KnativeObject, facts: Facts): string | null {
  const told = facts.warnings.findLast(({ involvedObject: { kind = '', namespace, name = '' } }) => {
    const numbers = Object.hasOwn(NUMBERS, kind) ? NUMBERS[kind] : undefined;
    if (numbers === undefined || namespace !== metadata.namespace || !name.startsWith(metadata.name)) return false;
    return new RegExp(`^(?:-\\d+){${numbers}}$`).test(name.slice(metadata.name.length));
  });
  return told?.message ?? null;
}

/** The issuer's answer to the last renewal; empty when no failure is recorded. */
function whyNotRenewed(one: KnativeObject): string {
  const issuing = conditionOf(one, 'Issuing');
  if (issuing?.status !== 'False' || !issuing.message) return '';
  const message = issuing.message.replace(/^The certificate request has failed to complete and will be retried: /, '');
  return `; its renewal failed: ${short(message, 180)}`;
}
