import type { Span } from './clock.ts';
import type { WholePod, WholeReplicaSet } from './kinds.ts';
import { condition } from './settle.ts';
import type { Template } from './template.ts';
import { templateOf } from './template.ts';
import { type Deployed, podsOf, replicaSet } from './workloads.ts';
import type { World } from './world.ts';

export interface Rollout {
  readonly old: WholeReplicaSet;
  readonly oldPods: WholePod[];
  readonly set: WholeReplicaSet;
  /** Pods of the new template; the story breaks them or leaves them. */
  readonly pods: WholePod[];
}

/**
 * A second revision that went as far as maxSurge and maxUnavailable (25 %) let it without a new pod being ready.
 * After the progress deadline (10 min) the Deployment says so.
 */
export function rollOut(
  world: World,
  of: Deployed,
  template: Template,
  told: { ago: Span; revision?: number },
): Rollout {
  const { deployment, replicaSet: old, pods: before } = of;
  const { name } = deployment.metadata;
  const wanted = deployment.spec.replicas ?? 1;
  const surge = Math.ceil(wanted / 4);
  const lacking = Math.floor(wanted / 4);
  const revision = told.revision ?? 2;
  deployment.metadata.generation = revision;
  deployment.metadata.annotations = { 'deployment.kubernetes.io/revision': String(revision) };
  deployment.spec.template = templateOf(name, deployment.spec.selector.matchLabels ?? {}, { ...of.plan, ...template });
  const set = replicaSet(world, deployment, {
    template: deployment.spec.template,
    replicas: surge + lacking,
    revision,
    age: told.ago,
  });
  const stay = wanted - lacking;
  old.spec.replicas = stay;
  for (const pod of before.slice(stay)) world.remove(pod);
  of.replicaSet = set;
  of.pods = podsOf(world, set, surge + lacking, { ...of.plan, podAge: told.ago });
  const began = world.ago(told.ago);
  const late = world.now - Date.parse(began) > (deployment.spec.progressDeadlineSeconds ?? 600) * 1_000;
  deployment.status.conditions = [
    late
      ? condition(
          'Progressing',
          'False',
          'ProgressDeadlineExceeded',
          `ReplicaSet "${set.metadata.name}" has timed out progressing.`,
          new Date(Date.parse(began) + 600_000).toISOString().replace('.000Z', 'Z'),
        )
      : condition(
          'Progressing',
          'True',
          'ReplicaSetUpdated',
          `ReplicaSet "${set.metadata.name}" is progressing.`,
          began,
        ),
  ];
  world.note(
    deployment,
    'ScalingReplicaSet',
    `Scaled up replica set ${set.metadata.name} from 0 to ${surge + lacking}`,
    {
      source: 'deployment-controller',
      first: told.ago,
    },
  );
  for (const pod of of.pods) {
    world.note(set, 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`, {
      source: 'replicaset-controller',
      first: told.ago,
    });
  }
  return { old, oldPods: before.slice(0, stay), set, pods: of.pods };
}
