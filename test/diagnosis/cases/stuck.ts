import { sick } from '../story.ts';
import { alertOn, podNotReady, replicasMismatch } from '../world/alerts.ts';
import { unready } from '../world/ills.ts';
import { first, nth } from '../world/pick.ts';
import { pullFails } from '../world/starting.ts';
import { namespace } from '../world/town.ts';
import { deployment, statefulSet } from '../world/workloads.ts';

const _HPA = 'k8s.io/kubernetes pkg/controller/podautoscaler/horizontal.go';

/** What does not go away, and rollouts that stand still. */
export const STUCK = [
  sick('pod-does-not-go-because-of-a-finalizer', {
    source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/',
    about: ['Deployment/runner'],
    says: [/finali[sz]er/i, /runner\.example\.com\/drain/],
    confirmed: true,
    tell({ world }) {
      const runner = deployment(world, 'runner', { replicas: 2 });
      runner.deployment.spec.replicas = 1;
      runner.replicaSet.spec.replicas = 1;
      const pod = first(runner.pods);
      pod.metadata.finalizers = ['runner.example.com/drain'];
      pod.metadata.deletionTimestamp = world.ago('40m');
      pod.metadata.deletionGracePeriodSeconds = 30;
      unready(world, pod, '40m');
      alertOn(world, 'PodStuckTerminating', pod, { since: '20m' });
      return 'A runner pod has been terminating for forty minutes.';
    },
  }),
  sick('pod-does-not-go-because-its-node-is-gone', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection',
    about: ['StatefulSet/vault', 'Node/node-c'],
    says: [/node-c/],
    tell({ world, nodes }) {
      const node = nth(nodes, 2);
      const vault = statefulSet(world, 'vault', { replicas: 1, nodes: ['node-c'], ports: [8200] });
      const pod = first(vault.pods);
      pod.metadata.deletionTimestamp = world.ago('19m');
      pod.metadata.deletionGracePeriodSeconds = 30;
      const silent = world.ago('26m');
      for (const condition of node.status.conditions ?? []) {
        const message = 'Kubelet stopped posting node status.';
        Object.assign(condition, {
          status: 'Unknown',
          reason: 'NodeStatusUnknown',
          message,
          lastTransitionTime: world.ago('25m'),
          lastHeartbeatTime: silent,
        });
      }
      node.spec.taints = ['NoSchedule', 'NoExecute'].map((effect) => ({
        key: 'node.kubernetes.io/unreachable',
        effect,
        timeAdded: world.ago('25m'),
      }));
      for (const condition of pod.status.conditions) {
        if (condition.type === 'Ready')
          Object.assign(condition, { status: 'False', lastTransitionTime: world.ago('25m') });
      }
      world.note(pod, 'TaintManagerEviction', `Marking for deletion Pod shop/${pod.metadata.name}`, {
        source: 'taint-eviction-controller',
        first: '20m',
      });
      alertOn(world, 'KubeStatefulSetReplicasMismatch', vault.statefulSet);
      return 'vault-0 is stuck in Terminating.';
    },
  }),
  sick('namespace-does-not-go-because-of-what-is-left', {
    source: 'k8s.io/kubernetes pkg/controller/namespace/deletion/status_condition_utils.go',
    about: ['Namespace/preview-17'],
    says: [/terminat|delet|finali[sz]er|remain/i, /certificates|finalizer\.acme|cert/i],
    confirmed: true,
    tell({ world }) {
      const preview = namespace(world, 'preview-17');
      preview.metadata.deletionTimestamp = world.ago('3h');
      const row = (type: string, status: string, reason: string, message: string) => ({
        type,
        status,
        reason,
        message,
        lastTransitionTime: world.ago('3h'),
      });
      preview.status = {
        phase: 'Terminating',
        conditions: [
          row(
            'NamespaceDeletionDiscoveryFailure',
            'False',
            'ResourcesDiscovered',
            'All resources successfully discovered',
          ),
          row(
            'NamespaceContentRemaining',
            'True',
            'SomeResourcesRemain',
            'Some resources are remaining: certificates.cert-manager.io has 2 resource instances',
          ),
          row(
            'NamespaceFinalizersRemaining',
            'True',
            'SomeFinalizersRemain',
            'Some content in the namespace has finalizers remaining: finalizer.acme.cert-manager.io in 2 resource instances',
          ),
        ],
      };
      world.alert('NamespaceStuckTerminating', { namespace: 'preview-17' }, '2h', {
        summary: 'Namespace preview-17 has been terminating for three hours.',
      });
      return 'preview-17 does not go away.';
    },
  }),
  sick('rollout-is-paused-half-way', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pausing-and-resuming-a-deployment',
    about: ['Deployment/landing'],
    says: [/paused/i],
    confirmed: true,
    tell({ world }) {
      const landing = deployment(world, 'landing', { replicas: 3, ports: [8080] });
      landing.deployment.spec.paused = true;
      landing.deployment.status.conditions = [
        {
          type: 'Progressing',
          status: 'Unknown',
          reason: 'DeploymentPaused',
          message: 'Deployment is paused',
          lastUpdateTime: world.ago('4h'),
          lastTransitionTime: world.ago('4h'),
        },
      ];
      landing.deployment.metadata.generation = 3;
      alertOn(world, 'KubeDeploymentRolloutStuck', landing.deployment);
      return 'The new landing page is not rolled out.';
    },
  }),
  sick('recreate-strategy-leaves-nothing-when-the-image-is-wrong', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#recreate-deployment',
    about: ['Deployment/monolith'],
    says: [/image/i, /9\.9\.9/],
    confirmed: true,
    tell({ world }) {
      const image = 'registry.example.com/shop/monolith:9.9.9';
      const monolith = deployment(world, 'monolith', {
        replicas: 2,
        image,
        strategy: { type: 'Recreate' },
        podAge: '8m',
      });
      const error = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
      for (const pod of monolith.pods) pullFails(world, pod, { error });
      replicasMismatch(world, monolith.deployment);
      podNotReady(world, first(monolith.pods));
      return 'The monolith is down entirely.';
    },
  }),
];
