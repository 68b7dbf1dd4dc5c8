import { code } from '../code.ts';

/** Why a controller makes no pods, and what is missing for it. */
export const WORKLOAD_CODES = {
  'quota-exceeded': code<'who' | 'quota' | 'resource' | 'asked' | 'used' | 'hard' | 'namespace'>({
    level: 'critical',
    depth: 'shared',
    keepsOut: true,
    says: ({ who, quota, resource, asked, used, hard, namespace }) =>
      `The ResourceQuota ${quota} of ${namespace} is full for ${resource} (${used} of ${hard} in use${asked ? `, ${asked} more asked for` : ''}), so ${who} cannot create what is needed.`,
    brief: ({ quota, resource }) => `quota ${quota} is full for ${resource}`,
    act: ({ quota, resource }) => `Raise quota ${quota} or free ${resource}`,
    next: ({ quota, namespace }) =>
      `Free some of it, lower the requests, or raise ResourceQuota ${quota}: /lambda diag quota -n ${namespace}`,
    confirms: 'the API server refused a pod or claim with "exceeded quota" and the object is still not there',
    excludes: 'what was refused was created later, or no quota has a resource without room',
  }),
  'quota-full': code<'quota' | 'resource' | 'used' | 'hard' | 'namespace'>({
    level: 'warning',
    depth: 'cause',
    says: ({ quota, resource, used, hard, namespace }) =>
      `The ResourceQuota ${quota} of ${namespace} has no room left for ${resource}: ${used} of ${hard} in use.`,
    brief: ({ quota, resource }) => `quota ${quota} is full for ${resource}`,
    next: ({ quota }) =>
      `Nothing was refused yet that is still missing; the next object that asks for it will be. Raise ResourceQuota ${quota} or free some of it.`,
    confirms: 'used equals hard',
    excludes: 'there is room',
  }),
  'quota-nearly-full': code<'quota' | 'resource' | 'used' | 'hard' | 'namespace'>({
    level: 'notice',
    depth: 'symptom',
    says: ({ quota, resource, used, hard, namespace }) =>
      `The ResourceQuota ${quota} of ${namespace} is nearly full for ${resource}: ${used} of ${hard} in use.`,
    brief: ({ quota, resource }) => `quota ${quota} nearly full for ${resource}`,
    next: ({ quota }) => `Raise ResourceQuota ${quota} or free some of it before the next rollout.`,
    confirms: '90 % or more is used, and there is room',
    excludes: 'less is used',
  }),
  'rollout-in-progress': code<'who' | 'ready' | 'wanted' | 'updated'>({
    level: 'notice',
    depth: 'symptom',
    says: ({ who, ready, wanted, updated }) =>
      `The rollout of ${who} is under way: ${updated} of ${wanted} pods are of the new template, ${ready} available.`,
    brief: ({ who }) => `${who} rolls out`,
    next: () => 'Let it go on, and look again when it has not ended within its deadline: /lambda diag rollouts',
    confirms: 'condition Progressing is True, not all replicas are updated and most are available',
    excludes: 'all replicas are updated, or the deadline has passed',
  }),
  'quota-needs-values': code<'who' | 'quota' | 'resource' | 'namespace'>({
    level: 'critical',
    depth: 'cause',
    keepsOut: true,
    says: ({ who, quota, resource, namespace }) =>
      `${who} cannot create pods: the ResourceQuota ${quota} of ${namespace} asks every container to set ${resource}.`,
    brief: ({ quota, resource }) => `quota ${quota} demands ${resource}`,
    next: ({ who, resource }) =>
      `Set ${resource} for the containers of ${who}, or give the namespace a LimitRange with defaults.`,
    confirms: 'the API server refused the pod with "failed quota: ... must specify"',
    excludes: 'the pod was created',
  }),
  'service-account-missing': code<'who' | 'account'>({
    level: 'critical',
    depth: 'cause',
    keepsOut: true,
    says: ({ who, account }) => `${who} cannot create pods: its ServiceAccount ${account} does not exist.`,
    brief: ({ account }) => `ServiceAccount ${account} missing`,
    next: ({ account, who }) => `Create ServiceAccount ${account}, or correct serviceAccountName of ${who}.`,
    confirms: 'the API server refused the pod with "serviceaccount ... not found" and the pods are still missing',
    excludes: 'the ServiceAccount exists or the pods were created since',
  }),
  'limit-range-refused': code<'who' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    keepsOut: true,
    says: ({ who, detail }) => `${who} cannot create pods: a LimitRange refuses them (${detail}).`,
    brief: () => 'LimitRange refuses its pods',
    next: ({ who }) => `Bring the requests and limits of ${who} within the LimitRange, or change it.`,
    confirms: 'the API server refused the pod with a bound of a LimitRange',
    excludes: 'the pod was created',
  }),
  'pod-security-refused': code<'who' | 'standard' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    keepsOut: true,
    says: ({ who, standard, detail }) =>
      `${who} cannot create pods: Pod Security refuses them${standard ? ` by its standard "${standard}"` : ''} (${detail}).`,
    brief: () => 'Pod Security refuses its pods',
    next: ({ who }) => `Correct the securityContext of ${who}, or the pod-security label of the namespace.`,
    confirms: 'the API server refused the pod with "violates PodSecurity"',
    excludes: 'the pod was created',
  }),
  'webhook-refused': code<'who' | 'webhook' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    keepsOut: true,
    says: ({ who, webhook, detail }) =>
      `${who} cannot create pods: the admission webhook ${webhook} denied the request (${detail}).`,
    brief: ({ webhook }) => `admission webhook ${webhook} denies its pods`,
    next: ({ who }) => `Change ${who} to what the policy asks for.`,
    confirms: 'the API server refused the pod with "admission webhook ... denied the request"',
    excludes: 'the pod was created',
  }),
  'webhook-failing': code<'who' | 'webhook' | 'detail'>({
    level: 'critical',
    depth: 'shared',
    says: ({ who, webhook, detail }) =>
      `${who} cannot be changed: the admission webhook ${webhook} does not answer (${detail}).`,
    brief: ({ webhook }) => `admission webhook ${webhook} does not answer`,
    next: ({ webhook }) => `Bring the Service behind ${webhook} back, or set its failurePolicy to Ignore until it is.`,
    confirms: 'the API server says "failed calling webhook"',
    excludes: 'the object was created since',
  }),
  'create-refused': code<'who' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    keepsOut: true,
    says: ({ who, detail }) => `${who} cannot create pods: ${detail}.`,
    brief: ({ who }) => `${who} cannot create pods`,
    next: () => 'The API server names the field; correct it.',
    confirms: "the controller's newest FailedCreate names the reason and the pods are still missing",
    excludes: 'the pods were created since',
  }),
  'replicas-short': code<'who' | 'ready' | 'wanted' | 'since'>({
    level: 'critical',
    depth: 'symptom',
    says: ({ who, ready, wanted, since }) => `${who} has not enough replicas: ${ready} of ${wanted} available${since}.`,
    brief: ({ who, ready, wanted }) => `${who} has ${ready} of ${wanted} available`,
    next: () => 'Look at its pods: /lambda diag pods',
    confirms: 'fewer replicas are available than wanted, longer than a start takes',
    excludes: 'all are available, or none is wanted',
  }),
  'rollout-stuck': code<'who' | 'detail'>({
    level: 'critical',
    depth: 'symptom',
    says: ({ who, detail }) => `The rollout of ${who} has made no progress within its deadline${detail}.`,
    brief: ({ who }) => `rollout of ${who} stuck`,
    next: ({ who }) => `When its new pods cannot start, roll ${who} back.`,
    confirms: 'condition Progressing is False with ProgressDeadlineExceeded',
    excludes: 'the rollout goes on or has ended',
  }),
  'controller-manager-down': code<'who' | 'detail'>({
    level: 'critical',
    depth: 'shared',
    says: ({ who, detail }) => `kube-controller-manager does not work: ${who} ${detail}.`,
    brief: () => 'kube-controller-manager does not work',
    next: () =>
      'Look at kube-controller-manager on the control plane: kubectl -n kube-system get pods -l component=kube-controller-manager',
    confirms:
      "a workload's newest spec was not observed for minutes, or wanted pods are missing without any attempt or refusal",
    excludes: 'controllers have acted since',
  }),
  paused: code<'who'>({
    level: 'warning',
    depth: 'cause',
    keepsOut: true,
    says: ({ who }) => `The rollout of ${who} is paused: changes of its template are not rolled out.`,
    brief: ({ who }) => `${who} paused`,
    next: ({ who }) =>
      `Resume it when the pause is over: kubectl rollout resume ${who.toLowerCase().replace(' ', '/')}`,
    confirms: 'spec.paused is true, and updated replicas are fewer than wanted or its rollout is asked about',
    excludes: 'it is not paused',
  }),
  'ordered-start-blocked': code<'who' | 'pod'>({
    level: 'critical',
    depth: 'symptom',
    says: ({ who, pod }) => `${who} starts its pods one after another and waits for pod ${pod}.`,
    brief: ({ who, pod }) => `${who} waits for ${pod}`,
    next: ({ pod }) => `Look at the pod it waits for: /lambda diag events ${pod}`,
    confirms: 'podManagementPolicy is OrderedReady, a pod is not ready and later ones do not exist',
    excludes: 'all its pods exist',
  }),
} as const;
