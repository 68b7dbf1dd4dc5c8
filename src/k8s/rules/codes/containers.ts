import { code } from '../code.ts';

type Ended = 'who' | 'container' | 'detail' | 'look';

/** How containers fail to start, end, or are ended. */
export const CONTAINER_CODES = {
  'oom-killed': code<Ended | 'limit'>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, container, limit, detail }) =>
      `Container ${container} of ${who} was killed for using more memory than its limit${limit}${detail}.`,
    brief: ({ who, limit }) => `${who} OOMKilled${limit}`,
    next: ({ who }) =>
      `Raise the memory limit of ${who} or make it use less; when it began with a release, roll that back.`,
    confirms: 'the container ended with reason OOMKilled within the window',
    excludes: 'no container ended so; exit code 137 alone is no proof',
  }),
  'crash-loop': code<Ended>({
    level: 'critical',
    depth: 'failure',
    ends: true,
    says: ({ who, container, detail }) => `Container ${container} of ${who} crashes again and again${detail}.`,
    brief: ({ who }) => `${who} crashes`,
    next: ({ look }) => `Read what it said before it died: ${look}`,
    confirms: 'the container waits in CrashLoopBackOff, or ended badly and was restarted within the window',
    excludes: 'it runs since longer than the window',
  }),
  'container-failed': code<Ended>({
    level: 'critical',
    depth: 'failure',
    ends: true,
    says: ({ who, container, detail }) => `Container ${container} of ${who} ended${detail}.`,
    brief: ({ who }) => `${who} failed`,
    next: ({ look }) => `Read what it said: ${look}`,
    confirms: 'the container ended with another code than 0 and is not restarted',
    excludes: 'it ended with 0',
  }),
  'restarted-once': code<Ended>({
    level: 'notice',
    depth: 'symptom',
    says: ({ who, container, detail }) => `Container ${container} of ${who} was restarted and runs again${detail}.`,
    brief: ({ who }) => `${who} restarted`,
    next: ({ look }) => `When it matters, read why: ${look}`,
    confirms: 'it ended badly within the window and is ready again',
    excludes: 'no restart within the window',
  }),
  'ended-early': code<Ended>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, container, detail }) =>
      `Container ${container} of ${who} ends by itself with exit code 0 and is started again and again${detail}.`,
    brief: ({ who }) => `${who} ends with code 0`,
    next: ({ who }) =>
      `A container of a service must keep running: look at the command of ${who}; a task belongs into a Job.`,
    confirms: 'the container waits in CrashLoopBackOff and its last instance ended with code 0',
    excludes: 'the last instance ended with another code',
  }),
  'command-not-found': code<Ended>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, container, detail }) => `Container ${container} of ${who} cannot start: ${detail}.`,
    brief: ({ who }) => `command of ${who} cannot start`,
    next: ({ who }) => `Correct command or args of ${who}, or the image that should hold the program.`,
    confirms: 'the runtime says that the program is not there or may not be executed (exit code 126, 127 or 128)',
    excludes: 'the container has run',
  }),
  'container-config': code<Ended>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, container, detail }) => `Container ${container} of ${who} cannot be created: ${detail}.`,
    brief: ({ who }) => `${who} cannot be created`,
    next: () => 'The kubelet names what is wrong in the spec; correct it.',
    confirms: 'the container waits in CreateContainerConfigError, CreateContainerError or RunContainerError',
    excludes: 'it was created',
  }),
  'killed-from-outside': code<Ended>({
    level: 'warning',
    depth: 'failure',
    ends: true,
    says: ({ who, container, detail }) => `Container ${container} of ${who} was killed from outside${detail}.`,
    brief: ({ who }) => `${who} killed from outside`,
    next: ({ look }) => `Exit code 137 without OOMKilled: a probe, a deletion or the node. See ${look}`,
    confirms: 'exit code 137 or 143, no OOMKilled, and no probe event',
    excludes: 'a probe failed, or it ran out of memory',
  }),
  'liveness-failed': code<Ended | 'probe'>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, container, probe, detail }) =>
      `The kubelet kills container ${container} of ${who} again and again because its liveness probe (${probe}) fails${detail}.`,
    brief: ({ who }) => `liveness probe kills ${who}`,
    next: ({ who }) =>
      `Correct the liveness probe of ${who}; a restart does not help where the probe asks the wrong thing.`,
    confirms: 'events say that the container failed its liveness probe and was restarted',
    excludes: 'the container ended by itself, or the probe failed once and it was not restarted',
  }),
  'startup-failed': code<Ended | 'probe'>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, container, probe, detail }) =>
      `The kubelet kills container ${container} of ${who} because its startup probe (${probe}) fails${detail}.`,
    brief: ({ who }) => `startup probe kills ${who}`,
    next: ({ who }) =>
      `Give ${who} more time (failureThreshold times periodSeconds), or correct what the startup probe asks.`,
    confirms: 'events say that the container failed its startup probe and was restarted',
    excludes: 'the container has started',
  }),
  'readiness-failed': code<Ended | 'probe'>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, container, probe, detail }) =>
      `Container ${container} of ${who} runs and its readiness probe (${probe}) fails${detail}.`,
    brief: ({ who }) => `readiness probe of ${who} fails`,
    next: ({ who }) => `Correct the readiness probe of ${who}, or find why it does not answer: /lambda diag logs`,
    confirms: 'the container runs, is not ready, and the kubelet says that the readiness probe fails',
    excludes: 'the container is ready',
  }),
  'readiness-failing': code<Ended | 'probe'>({
    level: 'critical',
    depth: 'failure',
    says: ({ who, container, probe, detail }) =>
      `Container ${container} of ${who} runs and its readiness probe (${probe}) fails${detail}.`,
    brief: ({ who }) => `readiness probe of ${who} fails`,
    next: ({ who }) => `Correct the readiness probe of ${who}, or find why it does not answer: /lambda diag logs`,
    confirms: 'the same, and nothing about the probe itself is wrong: what it asks says no',
    excludes: 'the container is ready',
  }),
  'not-ready': code<'who' | 'detail'>({
    level: 'critical',
    depth: 'symptom',
    says: ({ who, detail }) => `${who} is not ready${detail}.`,
    brief: ({ who }) => `${who} is not ready`,
    next: () => 'Look at its events and its log: /lambda diag events, /lambda diag logs',
    confirms: 'the pod runs and its Ready condition is False longer than a start may take',
    excludes: 'every pod is ready',
  }),
  'init-blocked': code<Ended>({
    level: 'critical',
    depth: 'failure',
    says: ({ who, container, detail }) => `${who} waits for its init container ${container}${detail}.`,
    brief: ({ who, container }) => `${who} waits for init container ${container}`,
    next: ({ look }) => `Read what it waits for: ${look}`,
    confirms: 'an init container runs longer than a start may take',
    excludes: 'all init containers have ended',
  }),
  'stuck-creating': code<'who' | 'detail' | 'since'>({
    level: 'critical',
    depth: 'failure',
    says: ({ who, since, detail }) => `${who} is stuck in ContainerCreating${since}${detail}.`,
    brief: ({ who }) => `${who} stuck in ContainerCreating`,
    next: () => 'Look at its events: /lambda diag events',
    confirms: 'no container was created for 5 minutes and no event says why',
    excludes: 'containers were created',
  }),
  'sandbox-failed': code<'who' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, detail }) => `The network of a pod of ${who} cannot be set up: ${detail}.`,
    brief: ({ who }) => `no pod network for ${who}`,
    next: () => 'Look at the network plugin on that node: kubectl -n kube-system get pods -o wide',
    confirms: 'a FailedCreatePodSandBox event of a pod that still waits',
    excludes: 'the pod has started',
  }),
  'hook-failed': code<Ended>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, container, detail }) =>
      `The postStart hook of container ${container} of ${who} fails, so the container is killed${detail}.`,
    brief: ({ who }) => `postStart hook of ${who} fails`,
    next: ({ who }) => `Correct lifecycle.postStart of ${who}.`,
    confirms: 'an event FailedPostStartHook of a container that is not ready',
    excludes: 'the container is ready',
  }),
  'grace-exceeded': code<'who' | 'grace' | 'detail'>({
    level: 'warning',
    depth: 'cause',
    says: ({ who, grace, detail }) =>
      `${who} does not end within its grace period of ${grace} seconds and is killed${detail}.`,
    brief: ({ who }) => `${who} killed at the end of its grace period`,
    next: ({ who }) => `Raise terminationGracePeriodSeconds of ${who} above what preStop and its shutdown need.`,
    confirms: 'a pod that is being deleted has an event FailedPreStopHook or ExceededGracePeriod',
    excludes: 'it ended in time',
  }),
  'pod-rejected': code<'who' | 'node' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, node, detail }) => `The kubelet of node ${node} rejected ${who}: ${detail}.`,
    brief: ({ who }) => `${who} rejected by its node`,
    next: ({ node }) =>
      `A pod with a node of its own choice is not placed by the scheduler: look at node ${node}: /lambda diag nodes ${node}`,
    confirms:
      'the pod failed with a reason of admission at the node: OutOfcpu, OutOfmemory, NodeAffinity, UnexpectedAdmissionError ...',
    excludes: 'the pod has started',
  }),
  'stuck-terminating': code<'who' | 'detail' | 'since'>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, since, detail }) => `${who} does not end although it was deleted${since}: ${detail}.`,
    brief: ({ who }) => `${who} stuck in Terminating`,
    next: ({ detail }) => `Remove what holds it: ${detail}`,
    confirms: 'deletionTimestamp and grace period are over by 5 minutes',
    excludes: 'it is gone',
  }),
  'pod-lost': code<'who' | 'detail'>({
    level: 'critical',
    depth: 'symptom',
    says: ({ who, detail }) => `The state of a pod of ${who} is unknown: ${detail}.`,
    brief: ({ who }) => `pod of ${who} unknown`,
    next: () => 'Look at its node: /lambda diag nodes',
    confirms: 'the phase is Unknown',
    excludes: 'its node answers',
  }),
} as const;
