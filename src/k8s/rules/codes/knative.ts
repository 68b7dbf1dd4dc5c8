import { code } from '../code.ts';

type Told = 'name' | 'detail';

/** Functions, revisions, Brokers and Triggers. */
export const KNATIVE_CODES = {
  'function-down': code<Told>({
    level: 'critical',
    depth: 'symptom',
    says: ({ name, detail }) => `Nothing serves ${name}: ${detail}.`,
    brief: ({ name }) => `nothing serves ${name}`,
    next: ({ name }) => `What holds it up? /lambda diag function ${name}`,
    confirms: 'RoutesReady of the Knative Service is False',
    excludes: 'RoutesReady is True',
  }),
  'function-degraded': code<Told | 'revision' | 'serves'>({
    level: 'warning',
    depth: 'symptom',
    says: ({ name, revision, serves, detail }) =>
      `The newest revision of ${name} (${revision}) is not ready${detail}; ${serves} still serves, so callers notice nothing.`,
    brief: ({ revision }) => `revision ${revision} not ready`,
    next: ({ name }) => `What holds the new revision up? /lambda diag function ${name}`,
    confirms:
      'Ready of the Knative Service is False, RoutesReady is True, and its newest revision is not the one that is ready',
    excludes: 'the newest revision is ready, or still starts (Unknown)',
  }),
  'function-failed': code<Told>({
    level: 'critical',
    depth: 'symptom',
    says: ({ name, detail }) => `${name} is Failed: ${detail}.`,
    brief: ({ name }) => `${name} Failed`,
    next: ({ name }) => `How far did it come? /lambda diag function ${name}`,
    confirms: 'the phase of the LambdaFunction is Failed and Knative does not say that it is ready',
    excludes: 'its Knative Service is ready',
  }),
  'phase-stale': code<Told | 'phase'>({
    level: 'notice',
    depth: 'symptom',
    says: ({ name, phase, detail }) =>
      `The operator says ${phase} of ${name}, Knative says that it is ${detail}: the operator does not look again by itself.`,
    brief: ({ name }) => `phase of ${name} stale`,
    next: ({ name }) => `Believe Knative and the pods: /lambda diag function ${name}`,
    confirms: 'the LambdaFunction and its Knative Service contradict each other',
    excludes: 'they agree',
  }),
  'image-digest': code<Told | 'revision' | 'image'>({
    level: 'critical',
    depth: 'cause',
    says: ({ revision, image, detail }) =>
      `Revision ${revision} cannot start: Knative cannot resolve the image ${image} to a digest (${detail}).`,
    brief: ({ image }) => `digest of ${image} not resolved`,
    next: ({ detail }) =>
      /x509|certificate/i.test(detail)
        ? "Give Knative's controller the registry's certificate authority, or list the registry in registries-skipping-tag-resolving of ConfigMap config-deployment."
        : /401|403|unauthor|denied/i.test(detail)
          ? "Give the ServiceAccount of the Knative Service a pull secret: Knative's controller resolves the tag with it."
          : "Look whether Knative's controller reaches the registry; deploying by digest avoids the look-up.",
    confirms:
      'ContainerHealthy or ResourcesAvailable is False with "Unable to fetch image ... failed to resolve image to digest"',
    excludes: 'the revision is ready',
  }),
  'revision-failed': code<Told | 'revision'>({
    level: 'critical',
    depth: 'failure',
    says: ({ revision, detail }) => `Revision ${revision} is not ready: ${detail}.`,
    brief: ({ revision }) => `revision ${revision} not ready`,
    next: ({ name }) => `Look at its pods: /lambda diag function ${name}`,
    confirms: 'Ready of the revision is False',
    excludes: 'Ready is True, or Unknown while it starts',
  }),
  'route-failed': code<Told>({
    level: 'critical',
    depth: 'failure',
    says: ({ name, detail }) => `The route of ${name} is not ready: ${detail}.`,
    brief: ({ name }) => `route of ${name} not ready`,
    next: () => 'Look at the gateway and its controller: /lambda diag serving',
    confirms: 'a condition of the Route is False beyond its configuration',
    excludes: 'the Route is ready',
  }),
  'ready-but-failing': code<Told>({
    level: 'critical',
    depth: 'symptom',
    says: ({ name, detail }) => `Knative says that ${name} is ready, but ${detail}.`,
    brief: ({ name }) => `${name} ready and failing`,
    next: ({ name }) => `Believe the pods: /lambda diag function ${name}`,
    confirms: 'Ready is True and pods of a revision with traffic fail',
    excludes: 'the pods are ready',
  }),
  'function-not-answering': code<Told>({
    level: 'warning',
    depth: 'effect',
    says: ({ name }) =>
      `${name} runs but does not answer the readiness probe that queue-proxy puts to it: it listens on another port, starts slowly, or hangs.`,
    brief: ({ name }) => `${name} does not answer`,
    next: ({ name }) => `Does it say that it listens? /lambda diag logs ${name} -c user-container`,
    confirms: 'queue-proxy runs and is not ready beside a user-container that runs',
    excludes: 'queue-proxy is ready, or the user-container is not running',
  }),
  'activation-failed': code<Told | 'revision'>({
    level: 'critical',
    depth: 'effect',
    says: ({ revision, detail }) => `${revision} could not be started from zero: ${detail}.`,
    brief: ({ revision }) => `${revision} not started from zero`,
    next: () => 'Are activator and autoscaler up? /lambda diag serving',
    confirms: 'Active of a revision with traffic is not True for a reason other than NoTraffic or Queued',
    excludes: 'Active is True, or the revision has no traffic',
  }),
  'function-errors': code<Told>({
    level: 'critical',
    depth: 'cause',
    says: ({ name, detail }) => `${name} answers ${detail}.`,
    brief: ({ name }) => `${name} answers with errors`,
    next: ({ name }) =>
      `Send traffic back to the revision before ${name}; replay a sample of the dead letters when it works.`,
    confirms: 'the log of a pod that serves shows failed calls within the window',
    excludes: 'the logs of its pods show no failed call',
  }),
  'handler-not-loaded': code<Told>({
    level: 'critical',
    depth: 'cause',
    says: ({ name }) => `${name} answers without its handler: it could not be loaded.`,
    brief: ({ name }) => `handler of ${name} not loaded`,
    next: () => 'Send traffic back to the last revision that worked; the owner has to correct the handler.',
    confirms: 'the log of a pod that serves says that the handler cannot be loaded',
    excludes: 'no function complains about its handler',
  }),
  'trigger-not-ready': code<Told>({
    level: 'critical',
    depth: 'failure',
    says: ({ name, detail }) => `Trigger ${name} is not ready: ${detail}.`,
    brief: ({ name }) => `Trigger ${name} not ready`,
    next: () => 'Look at the eventing side: /lambda diag eventing',
    confirms: 'a condition of the Trigger is False, or Unknown for longer than 5 min',
    excludes: 'it is ready, or has been Unknown for a moment only',
  }),
  'subscriber-missing': code<Told | 'subscriber'>({
    level: 'critical',
    depth: 'failure',
    says: ({ name, subscriber }) => `Trigger ${name} is not ready: its subscriber ${subscriber} does not exist.`,
    brief: ({ subscriber }) => `subscriber ${subscriber} missing`,
    next: ({ subscriber }) => `Deploy ${subscriber} again, or point the Trigger at what exists.`,
    confirms: 'SubscriberResolved is False and its message says "not found"',
    excludes: 'the subscriber is resolved',
  }),
  'broker-not-ready': code<Told>({
    level: 'critical',
    depth: 'shared',
    says: ({ name, detail }) => `Broker ${name} is not ready: ${detail}.`,
    brief: ({ name }) => `Broker ${name} not ready`,
    next: () => 'Look at what carries its events: /lambda diag eventing',
    confirms: 'a condition of the Broker is False, or Unknown for longer than 5 min',
    excludes: 'it is ready',
  }),
  'dead-letter-sink-missing': code<Told>({
    level: 'warning',
    depth: 'cause',
    says: ({ name, detail }) =>
      `${name} has a dead-letter sink that cannot be resolved (${detail}): what cannot be delivered is lost.`,
    brief: ({ name }) => `dead-letter sink of ${name} unresolved`,
    next: () => 'Create the sink, or correct delivery.deadLetterSink.',
    confirms: 'DeadLetterSinkResolved is False',
    excludes: 'it is resolved, or none is configured',
  }),
  'knative-not-ready': code<Told>({
    level: 'critical',
    depth: 'symptom',
    says: ({ name, detail }) => `${name} is not ready${detail}.`,
    brief: ({ name }) => `${name} not ready`,
    next: () => 'Look at the operator and its Deployments: /lambda diag operator',
    confirms: 'a condition of KnativeServing or KnativeEventing is False',
    excludes: 'it is ready, or still installing (Unknown)',
  }),
  'knative-installing': code<Told>({
    level: 'notice',
    depth: 'symptom',
    says: ({ name, detail }) => `${name} is not ready yet: ${detail}.`,
    brief: ({ name }) => `${name} installing`,
    next: () => 'Look at the operator: /lambda diag operator',
    confirms: 'Ready is Unknown and nothing is False',
    excludes: 'it is ready or says False',
  }),
  'certificate-expired': code<Told>({
    level: 'critical',
    depth: 'shared',
    says: ({ name, detail }) => `Certificate ${name} expired ${detail} ago.`,
    brief: ({ name }) => `certificate ${name} expired`,
    next: ({ name }) => `Why was it not renewed? kubectl describe certificate ${name}`,
    confirms: 'notAfter lies in the past',
    excludes: 'notAfter lies ahead',
  }),
  'certificate-not-ready': code<Told>({
    level: 'critical',
    depth: 'cause',
    says: ({ name, detail }) => `Certificate ${name} ${detail}.`,
    brief: ({ name }) => `certificate ${name} not ready`,
    next: ({ name }) => `kubectl describe certificate ${name}`,
    confirms: 'Ready is False, or its renewal time has passed without a new one',
    excludes: 'it is ready and its renewal lies ahead',
  }),
} as const;
