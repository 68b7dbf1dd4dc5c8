import { code } from '../code.ts';

/** Autoscalers and disruption budgets. */
export const SCALING_CODES = {
  'hpa-no-metrics': code<'hpa' | 'who' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    says: ({ hpa, who, detail }) =>
      `HorizontalPodAutoscaler ${hpa} cannot scale ${who}: it gets no metrics (${detail}).`,
    brief: ({ hpa }) => `HPA ${hpa} gets no metrics`,
    next: () =>
      'Look at metrics-server (kubectl -n kube-system get pods -l k8s-app=metrics-server), and whether every container has requests.',
    confirms: 'condition ScalingActive is False with a FailedGet...Metric reason',
    excludes: 'ScalingActive is True',
  }),
  'hpa-no-request': code<'hpa' | 'who' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    says: ({ hpa, who, detail }) =>
      `HorizontalPodAutoscaler ${hpa} cannot scale ${who}: a container has no resource request to compare with (${detail}).`,
    brief: ({ hpa }) => `HPA ${hpa} misses a request`,
    next: ({ who }) => `Set resources.requests for every container of ${who}.`,
    confirms: 'condition ScalingActive is False and its message says "missing request for"',
    excludes: 'ScalingActive is True',
  }),
  'hpa-target-missing': code<'hpa' | 'who' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    says: ({ hpa, who }) => `HorizontalPodAutoscaler ${hpa} scales ${who}, which does not exist.`,
    brief: ({ hpa, who }) => `target ${who} of HPA ${hpa} missing`,
    next: ({ hpa }) => `Correct scaleTargetRef of ${hpa}, or create its target.`,
    confirms: 'condition AbleToScale is False and says "not found", or the target is not in a whole list',
    excludes: 'the target exists',
  }),
  'hpa-not-able': code<'hpa' | 'who' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    says: ({ hpa, who, detail }) => `HorizontalPodAutoscaler ${hpa} cannot scale ${who} (${detail}).`,
    brief: ({ hpa }) => `HPA ${hpa} cannot scale`,
    next: ({ hpa, who }) => `Its controller says why: kubectl describe hpa ${hpa}; does ${who} have a scale?`,
    confirms: 'condition AbleToScale is False, and not because the target is missing',
    excludes: 'AbleToScale is True, or it only waits between two steps',
  }),
  'hpa-disabled': code<'hpa' | 'who'>({
    level: 'notice',
    depth: 'symptom',
    says: ({ hpa, who }) => `HorizontalPodAutoscaler ${hpa} does nothing: ${who} is scaled to zero.`,
    brief: ({ hpa }) => `HPA ${hpa} disabled`,
    next: ({ who }) => `When that is not on purpose, give ${who} a replica; the autoscaler goes on from there.`,
    confirms: 'condition ScalingActive is False with ScalingDisabled',
    excludes: 'ScalingActive is True, or False for another reason',
  }),
  'hpa-at-maximum': code<'hpa' | 'who' | 'max' | 'detail'>({
    level: 'warning',
    depth: 'cause',
    says: ({ hpa, who, max, detail }) =>
      `HorizontalPodAutoscaler ${hpa} wants more of ${who} than its maximum of ${max} replicas${detail}.`,
    brief: ({ hpa, max }) => `HPA ${hpa} at its maximum of ${max}`,
    next: ({ hpa }) => `Raise maxReplicas of ${hpa} when the nodes have room, or find what drives the load.`,
    confirms: 'condition ScalingLimited is True with TooManyReplicas',
    excludes: 'it is below its maximum, or minimum and maximum are equal',
  }),
  'pdb-blocks': code<'pdb' | 'who' | 'detail'>({
    level: 'warning',
    depth: 'cause',
    says: ({ pdb, who, detail }) => `PodDisruptionBudget ${pdb} lets no pod of ${who} be evicted${detail}.`,
    brief: ({ pdb }) => `PDB ${pdb} allows no eviction`,
    next: ({ pdb, who }) => `Bring ${who} to more healthy pods, or relax ${pdb}; a drain waits for it.`,
    confirms:
      'disruptionsAllowed is 0 and an eviction was refused or a node that holds its pods is cordoned, or too few of its pods are healthy',
    excludes: 'it allows a disruption, or nobody wants to evict and all its pods are healthy',
  }),
} as const;
