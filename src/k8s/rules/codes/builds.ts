import { type CodeRow, code, type Depth } from '../code.ts';

export type Built = 'functions' | 'detail' | 'spread' | 'line';

/** A way in which builds fail: what it means after `The build of X `, and what to do. */
function built(words: string, next: string, depth: Depth, confirms: string): CodeRow<Built> {
  return code<Built>({
    level: 'critical',
    depth,
    says: ({ functions, detail, spread }) => `The build of ${functions} ${words}${detail}${spread}.`,
    brief: ({ functions }) => `build of ${functions} ${words}`,
    next: () => next,
    confirms,
    excludes: 'the Job is complete, or its output tells another reason',
  });
}

/** Why builds of functions fail, hang or wait (docs/platform: builds). */
export const BUILD_CODES = {
  'registry-throttled': built(
    'is throttled by the image registry',
    'Wait and build fewer at once; a registry mirror or a login raises the limit.',
    'effect',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'base-image-missing': built(
    'wants a base image that the registry does not have',
    'Push the base image, or choose a version that exists.',
    'cause',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'registry-repository-missing': built(
    'pushes to a repository that does not exist in the registry',
    'Create the repository, or correct the name of the image.',
    'cause',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'registry-unauthorized': built(
    'may not push: the registry refuses the credentials',
    'Renew the push credential of the builds from the secret store, then try one build.',
    'cause',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'registry-certificate': built(
    'does not trust the certificate of the registry',
    'Has the registry’s certificate expired, or its authority changed?',
    'cause',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'registry-unreachable': built(
    'cannot reach the image registry',
    'Is the registry up, and does its name resolve from the builds’ namespace?',
    'effect',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'base-image-refused': built(
    'may not pull its base image: the registry refuses the credentials',
    'Renew the pull credential of the builds.',
    'cause',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'source-missing': built(
    'cannot find its source in the bucket',
    'Upload the source again or restore its version; the owner knows which.',
    'cause',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'bucket-missing': built(
    'reads a bucket that does not exist',
    'Correct the bucket’s name, or create it.',
    'cause',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'source-refused': built(
    'is refused by the storage of sources',
    'Renew the storage credentials of the builds.',
    'cause',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'storage-unreachable': built(
    'cannot reach the storage of sources',
    'Look at the storage: /lambda diag storage',
    'effect',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'disk-full': built(
    'ran out of disk space',
    'Look at the node’s disk and ephemeral storage: /lambda diag nodes',
    'effect',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'build-child-killed': built(
    'had a process killed or out of memory inside its container',
    'Raise the memory limit of the build, or make the step use less.',
    'cause',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'source-broken': built(
    'fails because the function’s own code does not compile',
    'Tell the owner of the function; there is nothing to do on the platform.',
    'cause',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'dependency-unreachable': built(
    'cannot download its dependencies: the package registry does not answer',
    'Is the package mirror up, and may the builds’ namespace reach it?',
    'effect',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'dependency-missing': built(
    'wants a dependency that does not exist in this version',
    'Tell the owner of the function: its list of dependencies needs a correction.',
    'cause',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'context-file-missing': built(
    'copies a file that is missing in its source',
    'Tell the owner of the function which file is missing.',
    'cause',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'dockerfile-broken': built(
    'has a Dockerfile that cannot be parsed',
    'Tell the owner of the Dockerfile.',
    'cause',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'base-image-broken': built(
    'cannot read its base image to the end',
    'Build once more; when it fails again, look at the registry.',
    'cause',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'build-step-failed': built(
    'failed in a step of its Dockerfile',
    'Read the step’s own output above the last line.',
    'cause',
    'its output says so in the words of the tool, the registry or the store',
  ),
  'build-oom-killed': built(
    'was killed for using more memory than its limit',
    'Raise the memory limit of the build or use a slimmer base image, and build again.',
    'cause',
    'a container of its pod ended with OOMKilled',
  ),
  'build-evicted': built(
    'was evicted from its node',
    'Look at the node: /lambda diag nodes',
    'failure',
    'its pod failed with reason Evicted',
  ),
  'build-disrupted': built(
    'was ended from outside (preemption, drain or deletion)',
    'Who or what ended it? /lambda diag events',
    'effect',
    'its pod has the condition DisruptionTarget',
  ),
  'build-deadline': built(
    'ran longer than its deadline',
    'What was it waiting for? The log collected when it ran tells; a registry or a package mirror is usual.',
    'cause',
    'condition Failed with reason DeadlineExceeded',
  ),
  'build-failed-unexplained': built(
    'failed and nothing that was read tells why',
    'Read its log: /lambda diag logs',
    'symptom',
    'the Job failed and nothing that was read says why',
  ),
  'build-hangs': code<'function' | 'minutes' | 'phase' | 'silent'>({
    level: 'critical',
    depth: 'cause',
    says: ({ function: name, minutes, phase, silent }) =>
      `The build of ${name} hangs after ${minutes} min${phase}; it has logged nothing for ${silent} min.`,
    brief: ({ function: name }) => `build of ${name} hangs`,
    next: () => 'Keep its log, delete the Job and build again once what it waits for answers.',
    confirms: 'it runs longer than 30 min and its log is silent for 15 min or more',
    excludes: 'it has logged something since, or runs for less than 30 min',
  }),
  'build-slow': code<'function' | 'minutes' | 'phase'>({
    level: 'warning',
    depth: 'cause',
    says: ({ function: name, minutes, phase }) => `The build of ${name} is still running after ${minutes} min${phase}.`,
    brief: ({ function: name }) => `build of ${name} slow`,
    next: () => 'Look at its log; most builds end within minutes.',
    confirms: 'it runs longer than 30 min and still logs',
    excludes: 'it runs for less than 30 min',
  }),
  'build-storm': code<'about' | 'detail'>({
    level: 'critical',
    depth: 'shared',
    says: ({ about, detail }) =>
      `A storm of builds: ${about} are unfinished, most of them waiting${detail}; more are asked for than the cluster can run.`,
    brief: () => 'a storm of builds',
    next: () => 'Pause the sender of the events and let the queue drain; never purge it.',
    confirms: '30 builds or more of the window are unfinished and half of them wait',
    excludes: 'fewer are unfinished, or most of them run',
  }),
  'source-too-large': code<'function' | 'line'>({
    level: 'critical',
    depth: 'cause',
    says: ({ function: name }) => `The source of ${name} is larger than a ConfigMap can hold (about 1 MiB packed).`,
    brief: ({ function: name }) => `source of ${name} too large`,
    next: () => 'The owner has to make it smaller.',
    confirms: 'SourceReady is False and its message names the size',
    excludes: 'SourceReady is True',
  }),
  'source-not-ready': code<'function' | 'line' | 'why'>({
    level: 'critical',
    depth: 'cause',
    says: ({ function: name, why }) => `The source of ${name} ${why}.`,
    brief: ({ function: name }) => `source of ${name} not ready`,
    next: () => 'Correct the source or its credentials; the operator tries again by itself.',
    confirms: 'SourceReady is False',
    excludes: 'SourceReady is True',
  }),
  'built-not-deployed': code<'function' | 'minutes' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    says: ({ function: name, minutes, detail }) =>
      `${name} was built ${minutes} min ago and has no Knative Service${detail}.`,
    brief: ({ function: name }) => `${name} built and not deployed`,
    next: () =>
      'Send the build-completed event again or apply the Knative Service, then check the Trigger: /lambda diag eventing',
    confirms: 'the build Job is complete for 2 min, and the whole list of Knative Services lacks the function',
    excludes: 'the function has its Knative Service',
  }),
} as const;
