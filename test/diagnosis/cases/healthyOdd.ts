import { healthy } from '../story.ts';
import { alertOn, replicasMismatch } from '../world/alerts.ts';
import { restarted } from '../world/ills.ts';
import { deployment } from '../world/workloads.ts';

/** What looks odd and is well. */
export const HEALTHY_ODD = [
  healthy('service-account-came-a-second-later', {
    source: 'k8s.io/kubernetes plugin/pkg/admission/serviceaccount/admission.go',
    tell({ world }) {
      const mailer = deployment(world, 'mailer', { replicas: 1, age: '9m', spec: { serviceAccountName: 'mailer' } });
      world.add({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: world.metadata('ServiceAccount', 'mailer', { age: '9m' }),
      });
      const [pod] = mailer.pods;
      const { name } = mailer.replicaSet.metadata;
      const missing = `Error creating: pods "${name}-" is forbidden: error looking up service account shop/mailer: serviceaccount "mailer" not found`;
      world.warn(mailer.replicaSet, 'FailedCreate', missing, {
        source: 'replicaset-controller',
        first: '9m',
        count: 3,
      });
      world.note(mailer.replicaSet, 'SuccessfulCreate', `Created pod: ${pod?.metadata.name}`, {
        source: 'replicaset-controller',
        first: '9m',
      });
      replicasMismatch(world, mailer.deployment, '8m');
      return 'Is the mailer all right?';
    },
  }),
  healthy('scaled-to-zero-on-purpose', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#scaling-a-deployment',
    tell({ world }) {
      const old = deployment(world, 'old-api', { replicas: 0 });
      world.note(
        old.deployment,
        'ScalingReplicaSet',
        `Scaled down replica set ${old.replicaSet.metadata.name} from 2 to 0`,
        {
          source: 'deployment-controller',
          first: '40m',
        },
      );
      alertOn(world, 'DeploymentScaledToZero', old.deployment, { severity: 'info', since: '38m' });
      return 'old-api has no pods.';
    },
  }),
  healthy('restarted-twice-three-weeks-ago', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts',
    tell({ world }) {
      const cart = deployment(world, 'cart', { replicas: 2, ports: [8080], age: '30d' });
      const [pod] = cart.pods;
      if (pod === undefined) throw new Error('two pods');
      restarted(world, pod, { exitCode: 1, restarts: 2, since: '21d', ended: '20d' });
      alertOn(world, 'KubePodCrashLooping', pod, { since: '2m' });
      return 'Does the cart crash?';
    },
  }),
];
