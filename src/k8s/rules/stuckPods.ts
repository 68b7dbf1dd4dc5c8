import { short } from '../../wording/cuts.ts';
import { spoken } from '../../wording/lengths.ts';
import type { Facts } from '../facts/facts.ts';
import { containerOf, lastSeen } from '../subjects/event.ts';
import { conditionOf, createdAt, timeOf } from '../subjects/object.ts';
import {
  isInit,
  isOver,
  isReady,
  isTerminating,
  isUnscheduled,
  type Pod,
  STUCK_MS,
  statusesOf,
} from '../subjects/pod.ts';
import { type Case, found } from './case.ts';
import { failingLog, lastWordsOf } from './logs/lastWords.ts';
import { diag, podName, whoOf } from './words.ts';

/** Reasons of a kubelet's rejection at admission (k8s.io/kubernetes pkg/kubelet/lifecycle/predicate.go). */
const REJECTED =
  /^(?:OutOf\w+|NodeAffinity|NodeName|NodePorts|NodeUnschedulable|UnexpectedAdmissionError|TopologyAffinityError|PodOSNotSupported|AppArmor|Preempting|Terminated|NodeShutdown)$/;

/** The kubelet did not take the pod: it says so, or gives one of its reasons. */
function isRejected({ status }: Pod): boolean {
  return REJECTED.test(status.reason ?? '') || /^Pod was rejected:/.test(status.message ?? '');
}

/** Pods on their way up or down for too long, and what stops them. */
export function podCases(pod: Pod, facts: Facts): readonly Case[] {
  if (isTerminating(pod)) return terminating(pod, facts);
  const never = lost(pod, facts) ?? rejected(pod, facts);
  if (never) return [never];
  if (isOver(pod) || isUnscheduled(pod)) return [];
  const statuses = statusesOf(pod);
  const isCreating =
    statuses.length === 0 ||
    statuses.every(({ state }) => /^(ContainerCreating|PodInitializing)$/.test(state?.waiting?.reason ?? ''));
  const failed = failedHook(pod, facts) ?? (isCreating ? failedSandbox(pod, facts) : null);
  if (failed) return [failed];
  return [...initBlocked(pod, facts), ...creating(pod, isCreating, facts), ...notReady(pod, facts)];
}

function lost(pod: Pod, facts: Facts): Case | null {
  const { phase, reason, message } = pod.status;
  if (phase !== 'Unknown' && reason !== 'NodeLost') return null;
  return found('pod-lost', {
    subject: podName(pod),
    parts: { who: whoOf(pod, facts), detail: short(message ?? 'its node does not answer') },
    because: [`phase ${phase}, reason ${reason ?? 'none'}`],
  });
}

function rejected(pod: Pod, facts: Facts): Case | null {
  const { phase, reason, message } = pod.status;
  if (phase !== 'Failed' || !isRejected(pod)) return null;
  const detail = short((message ?? reason ?? '').replace(/^Pod was rejected: /, ''), 150);
  return found('pod-rejected', {
    subject: podName(pod),
    parts: { who: whoOf(pod, facts), node: pod.spec.nodeName ?? '?', detail },
    because: [`${reason}: ${short(message ?? '', 250)}`],
  });
}

function failedHook(pod: Pod, facts: Facts): Case | null {
  const subject = podName(pod);
  const hook = facts.warningsAbout(subject).findLast(({ reason }) => reason === 'FailedPostStartHook');
  if (!hook || isReady(pod)) return null;
  const container = containerOf(hook) ?? pod.spec.containers[0]?.name ?? '';
  const detail = `: ${short(hook.message ?? '', 120)}`;
  return found('hook-failed', {
    subject,
    parts: { who: whoOf(pod, facts), container, detail, look: diag('events', subject) },
    because: [`${hook.reason}: ${short(hook.message ?? '', 250)}`],
  });
}

function failedSandbox(pod: Pod, facts: Facts): Case | null {
  const subject = podName(pod);
  const sandbox = facts
    .warningsAbout(subject)
    .findLast(({ reason }) => /^FailedCreatePodSandBox$|^NetworkNotReady$/.test(reason ?? ''));
  if (!sandbox) return null;
  const why = (sandbox.message ?? '')
    .replace(/^.*?rpc error: code = \w+ desc = /s, '')
    .replace(/^failed to (?:create|setup|set up) [^:]*: /i, '');
  return found('sandbox-failed', {
    subject,
    parts: { who: whoOf(pod, facts), detail: short(why, 150) },
    because: [`${sandbox.reason}: ${short(sandbox.message ?? '', 280)}`],
    at: lastSeen(sandbox),
  });
}

function minutes(since: number | null, now: number): string {
  return since === null ? '' : ` for ${spoken(now - since)}`;
}

function creating(pod: Pod, isCreating: boolean, facts: Facts): readonly Case[] {
  const since = timeOf(conditionOf(pod, 'PodScheduled')?.lastTransitionTime) ?? createdAt(pod);
  if (!isCreating || since === null || facts.now - since < STUCK_MS) return [];
  const event = facts.warningsAbout(podName(pod)).at(-1);
  return [
    found('stuck-creating', {
      subject: podName(pod),
      parts: {
        who: whoOf(pod, facts),
        since: minutes(since, facts.now),
        detail: event ? `: ${short(event.message ?? '', 120)}` : ', and no event says why',
      },
      because: [
        event
          ? `${event.reason}: ${short(event.message ?? '', 250)}`
          : `ContainerCreating since ${new Date(since).toISOString()}`,
      ],
      at: since,
    }),
  ];
}

function initBlocked(pod: Pod, facts: Facts): readonly Case[] {
  const running = (pod.status.initContainerStatuses ?? []).find(
    (one) => one.state?.running !== undefined && isInit(pod, one.name),
  );
  const since = timeOf(running?.state?.running?.startedAt);
  if (!running || since === null || facts.now - since < STUCK_MS) return [];
  const subject = podName(pod);
  const words = lastWordsOf(pod, running, facts);
  // It fails at nothing: what it said last is what it waits for.
  const last = failingLog(pod, running, facts)?.lines.findLast(({ text }) => text.trim() !== '')?.text;
  const said = words?.says || (last === undefined ? '' : short(last));
  return [
    found('init-blocked', {
      subject,
      parts: {
        who: whoOf(pod, facts),
        container: running.name,
        detail: `${minutes(since, facts.now)}${said ? `: ${said}` : ''}`,
        look: diag('logs', subject, '-c', running.name),
      },
      because: [
        `${running.name} runs since ${running.state?.running?.startedAt}`,
        ...(words?.line || last ? [words?.line || short(last ?? '', 250)] : []),
      ],
      at: since,
    }),
  ];
}

/** A pod that has run unready for too long; a failing probe or gate has a rule of its own. */
function notReady(pod: Pod, facts: Facts): readonly Case[] {
  const ready = conditionOf(pod, 'Ready');
  const since = timeOf(ready?.lastTransitionTime) ?? createdAt(pod);
  const isUp =
    (pod.status.containerStatuses ?? []).length > 0 &&
    (pod.status.containerStatuses ?? []).every(({ state }) => state?.running !== undefined);
  if (isReady(pod) || !isUp || ready === null || since === null || facts.now - since < STUCK_MS) return [];
  const gate = (pod.spec.readinessGates ?? []).find(
    ({ conditionType }) => conditionOf(pod, conditionType)?.status !== 'True',
  );
  if (gate && pod.status.containerStatuses?.every((one) => one.ready === true))
    return [
      found('readiness-gate', {
        subject: podName(pod),
        parts: { who: whoOf(pod, facts), gate: gate.conditionType, detail: minutes(since, facts.now) },
        because: [`${gate.conditionType}: ${conditionOf(pod, gate.conditionType)?.message ?? 'no such condition'}`],
        at: since,
      }),
    ];
  return [
    found('not-ready', {
      subject: podName(pod),
      parts: {
        who: whoOf(pod, facts),
        detail: `${minutes(since, facts.now)}${ready.message ? `: ${short(ready.message, 120)}` : ''}`,
      },
      because: [`Ready=${ready.status} ${ready.reason ?? ''}: ${ready.message ?? ''}`],
      at: since,
    }),
  ];
}

function terminating(pod: Pod, facts: Facts): readonly Case[] {
  const deleted = timeOf(pod.metadata.deletionTimestamp);
  if (deleted === null) return [];
  const cut = facts
    .eventsAbout(podName(pod))
    .findLast(({ reason }) => /FailedPreStopHook|ExceededGracePeriod/.test(reason ?? ''));
  if (cut) {
    const parts = {
      who: whoOf(pod, facts),
      grace: String(pod.spec.terminationGracePeriodSeconds ?? 30),
      detail: cut.reason === 'FailedPreStopHook' ? '; its preStop hook was not done' : '',
    };
    return [
      found('grace-exceeded', {
        subject: podName(pod),
        parts,
        because: [`${cut.reason}: ${short(cut.message ?? '', 200)}`],
        at: deleted,
      }),
    ];
  }
  if (facts.now - deleted < STUCK_MS) return [];
  const finalizers = pod.metadata.finalizers ?? [];
  const node = facts.get('Node', null, pod.spec.nodeName);
  const isGone = node === null && facts.coverage('Node') === 'whole';
  const killing = facts
    .eventsAbout(podName(pod))
    .findLast(({ reason }) => /FailedKillPod|FailedPreStopHook|ExceededGracePeriod/.test(reason ?? ''));
  const detail =
    finalizers.length > 0
      ? `its finalizer ${finalizers.join(', ')} is not removed by its controller`
      : isGone
        ? `its node ${pod.spec.nodeName} does not exist any more`
        : killing
          ? short(killing.message ?? killing.reason ?? '', 140)
          : `the kubelet of node ${pod.spec.nodeName ?? '?'} has not ended it`;
  return [
    found('stuck-terminating', {
      subject: podName(pod),
      parts: { who: `pod ${pod.metadata.name}`, since: minutes(deleted, facts.now), detail },
      because: [`deletionTimestamp ${pod.metadata.deletionTimestamp}`, ...finalizers.map((one) => `finalizer ${one}`)],
      at: deleted,
      confidence: finalizers.length > 0 || isGone || killing ? 'confirmed' : 'likely',
    }),
  ];
}
