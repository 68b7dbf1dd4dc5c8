import { sick } from '../story.ts';
import { alertOn, replicasMismatch } from '../world/alerts.ts';
import { job } from '../world/batch.ts';
import type { WholeDeployment } from '../world/kinds.ts';
import { first } from '../world/pick.ts';
import { limitRange } from '../world/policies.ts';
import { exceeded, quota, refusedPods } from '../world/quota.ts';
import { setsOf } from '../world/settle.ts';
import { boundClaim } from '../world/storage.ts';
import { deployment, statefulSet } from '../world/workloads.ts';

const QUOTA = 'k8s.io/apiserver pkg/admission/plugin/resourcequota/controller.go';

/** Pods (and claims) that the API server refuses to create. */
export const ADMISSION = [
  sick('quota-of-cpu-is-full', {
    source: QUOTA,
    about: ['Deployment/checkout', 'ResourceQuota/team-shop'],
    says: [/quota/i, /team-shop/, /cpu/i],
    confirmed: true,
    tell({ world }) {
      const checkout = deployment(world, 'checkout', {
        replicas: 3,
        age: '9m',
        resources: { requests: { cpu: '1', memory: '256Mi' } },
      });
      const full = quota(world, 'team-shop', { 'requests.cpu': '3', pods: '20' });
      for (const pod of checkout.pods.slice(2)) world.remove(pod);
      refusedPods(
        world,
        checkout.replicaSet,
        exceeded(world, full, `pods "${checkout.replicaSet.metadata.name}-x7k2p"`, { 'requests.cpu': '1' }),
        { first: '9m' },
      );
      replicasMismatch(world, checkout.deployment);
      return 'checkout has two pods instead of three.';
    },
  }),
  sick('quota-of-memory-is-full-for-a-build-job', {
    source: QUOTA,
    about: ['Job/nightly-export', 'ResourceQuota/batch'],
    says: [/quota/i, /memory/i],
    confirmed: true,
    tell({ world }) {
      const nightly = job(world, 'nightly-export', {
        pods: 0,
        age: '20m',
        resources: { limits: { cpu: '1', memory: '4Gi' } },
      });
      deployment(world, 'warehouse', {
        replicas: 4,
        resources: { requests: { memory: '1Gi' }, limits: { memory: '3328Mi' } },
      });
      const full = quota(world, 'batch', { 'limits.memory': '16Gi' });
      refusedPods(
        world,
        nightly.job,
        exceeded(world, full, 'pods "nightly-export-q8vzc"', { 'limits.memory': '4Gi' }),
        {
          source: 'job-controller',
          first: '20m',
          last: '2m',
          count: 7,
        },
      );
      alertOn(world, 'KubeJobNotCompleted', nightly.job, { since: '5m' });
      return 'The nightly export has no pod.';
    },
  }),
  sick('quota-of-pods-is-full', {
    source: QUOTA,
    about: ['Deployment/web', 'ResourceQuota/objects'],
    says: [/quota/i, /pods/i],
    confirmed: true,
    tell({ world }) {
      const full = quota(world, 'objects', { pods: '3' });
      const web = first(world.all<WholeDeployment>('Deployment').filter(({ metadata }) => metadata.name === 'web'));
      const set = first(setsOf(world, web));
      web.spec.replicas = 4;
      set.spec.replicas = 4;
      const error = exceeded(world, full, `pods "${set.metadata.name}-bb8lq"`, { pods: '1' });
      refusedPods(world, set, error, { first: '14m', count: 12 });
      replicasMismatch(world, web);
      return 'web does not scale to four.';
    },
  }),
  sick('quota-asks-for-limits-that-the-pod-does-not-name', {
    source: 'k8s.io/kubernetes pkg/quota/v1/evaluator/core/pods.go',
    about: ['Deployment/importer', 'ResourceQuota/compute'],
    says: [/quota/i, /must specify|does not (name|set|specify|say)|without|no .*limits?|limits?\.(cpu|memory)/i],
    confirmed: true,
    tell({ world }) {
      const importer = deployment(world, 'importer', { replicas: 1, age: '7m', resources: {} });
      quota(world, 'compute', { 'limits.cpu': '10', 'limits.memory': '20Gi' });
      for (const pod of importer.pods) world.remove(pod);
      const error = `pods "${importer.replicaSet.metadata.name}-5kq9d" is forbidden: failed quota: compute: must specify limits.cpu for: importer; limits.memory for: importer`;
      refusedPods(world, importer.replicaSet, error, { first: '7m' });
      replicasMismatch(world, importer.deployment);
      return 'The importer has no pods at all.';
    },
  }),
  sick('quota-of-storage-refuses-a-claim', {
    source: 'k8s.io/kubernetes pkg/controller/statefulset/stateful_pod_control.go',
    about: ['StatefulSet/search-index', 'ResourceQuota/storage'],
    says: [/quota/i, /storage/i],
    confirmed: true,
    tell({ world }) {
      const claims = [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '100Gi' } } },
        },
      ];
      const index = statefulSet(world, 'search-index', { replicas: 1, age: '16m', claims });
      for (const pod of index.pods) world.remove(pod);
      boundClaim(world, 'archive', { size: '200Gi' });
      const full = quota(world, 'storage', { 'requests.storage': '250Gi' });
      const refusal = exceeded(world, full, 'persistentvolumeclaims "data-search-index-0"', {
        'requests.storage': '100Gi',
      });
      const error = `create Claim data-search-index-0 for Pod search-index-0 in StatefulSet search-index failed error: ${refusal}`;
      const told = { source: 'statefulset-controller', first: '16m', last: '1m', count: 15 };
      world.warn(index.statefulSet, 'FailedCreate', error, told);
      const pod = `create Pod search-index-0 in StatefulSet search-index failed error: failed to create PVC data-search-index-0: ${refusal}`;
      world.warn(index.statefulSet, 'FailedCreate', pod, told);
      alertOn(world, 'KubeStatefulSetReplicasMismatch', index.statefulSet);
      return 'search-index-0 is not created.';
    },
  }),
  sick('service-account-does-not-exist', {
    source: 'k8s.io/kubernetes plugin/pkg/admission/serviceaccount/admission.go',
    about: ['Deployment/uploader', 'ServiceAccount/uploader'],
    says: [/service ?account/i, /uploader/],
    confirmed: true,
    tell({ world }) {
      const uploader = deployment(world, 'uploader', {
        replicas: 2,
        age: '12m',
        spec: { serviceAccountName: 'uploader' },
      });
      for (const pod of uploader.pods) world.remove(pod);
      const error = `pods "${uploader.replicaSet.metadata.name}-" is forbidden: error looking up service account shop/uploader: serviceaccount "uploader" not found`;
      refusedPods(world, uploader.replicaSet, error, { first: '12m', count: 16 });
      replicasMismatch(world, uploader.deployment);
      return 'No pod of the uploader is created.';
    },
  }),
  sick('limit-range-caps-memory', {
    source: 'k8s.io/kubernetes plugin/pkg/admission/limitranger/admission.go',
    about: ['Deployment/analytics', 'LimitRange/caps'],
    says: [/limit ?range|maximum/i, /memory/i, /8Gi|2Gi/],
    confirmed: true,
    tell({ world }) {
      const analytics = deployment(world, 'analytics', {
        replicas: 1,
        age: '8m',
        resources: { requests: { cpu: '1', memory: '8Gi' }, limits: { cpu: '1', memory: '8Gi' } },
      });
      limitRange(world, 'caps', [
        {
          type: 'Container',
          max: { memory: '2Gi' },
          default: { memory: '512Mi' },
          defaultRequest: { memory: '256Mi' },
        },
      ]);
      for (const pod of analytics.pods) world.remove(pod);
      const error = `pods "${analytics.replicaSet.metadata.name}-tt4wz" is forbidden: maximum memory usage per Container is 2Gi, but limit is 8Gi`;
      refusedPods(world, analytics.replicaSet, error, { first: '8m' });
      replicasMismatch(world, analytics.deployment);
      return 'analytics has no pods.';
    },
  }),
  sick('admission-webhook-denies-the-pod', {
    source: 'k8s.io/apiserver pkg/admission/plugin/webhook/errors/statuserror.go',
    about: ['Deployment/legacy'],
    says: [/admission|webhook|policy/i, /validate\.kyverno\.svc-fail|require-run-as-nonroot|denied/i],
    confirmed: true,
    tell({ world }) {
      const legacy = deployment(world, 'legacy', { replicas: 1, age: '10m' });
      for (const pod of legacy.pods) world.remove(pod);
      const error =
        'admission webhook "validate.kyverno.svc-fail" denied the request: \n\nresource Pod/shop/ was blocked due to the following policies \n\nrequire-run-as-nonroot:\n  run-as-non-root: \'validation error: Running as root is not allowed. rule run-as-non-root failed at path /spec/securityContext/runAsNonRoot/\'\n';
      refusedPods(world, legacy.replicaSet, error, { first: '10m' });
      replicasMismatch(world, legacy.deployment);
      return 'legacy is gone after the policy update.';
    },
  }),
  sick('admission-webhook-does-not-answer', {
    source: 'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#failure-policy',
    about: ['Deployment/web-api'],
    says: [/webhook/i, /sidecar-injector|injector/i],
    confirmed: true,
    tell({ world }) {
      const api = deployment(world, 'web-api', { replicas: 2, age: '11m' });
      for (const pod of api.pods) world.remove(pod);
      const error =
        'Internal error occurred: failed calling webhook "namespace.sidecar-injector.mesh.example.com": failed to call webhook: Post "https://sidecar-injector.mesh-system.svc:443/inject?timeout=10s": no endpoints available for service "sidecar-injector"';
      refusedPods(world, api.replicaSet, error, { first: '11m' });
      replicasMismatch(world, api.deployment);
      return 'web-api cannot be deployed.';
    },
  }),
  sick('pod-security-forbids-the-host-path', {
    source: 'https://kubernetes.io/docs/concepts/security/pod-security-admission/',
    about: ['Deployment/log-shipper'],
    says: [/pod ?security|baseline|restricted/i, /hostPath/i],
    confirmed: true,
    tell({ world }) {
      const spec = { volumes: [{ name: 'varlog', hostPath: { path: '/var/log' } }] };
      const shipper = deployment(world, 'log-shipper', { replicas: 1, age: '6m', spec });
      for (const pod of shipper.pods) world.remove(pod);
      const error = `pods "${shipper.replicaSet.metadata.name}-hh2dd" is forbidden: violates PodSecurity "baseline:latest": hostPath volumes (volume "varlog")`;
      refusedPods(world, shipper.replicaSet, error, { first: '6m' });
      replicasMismatch(world, shipper.deployment);
      return 'log-shipper does not deploy into shop.';
    },
  }),
  sick('priority-class-does-not-exist', {
    source: 'k8s.io/kubernetes plugin/pkg/admission/priority/admission.go',
    about: ['Deployment/payments'],
    says: [/priority ?class/i, /business-critical/],
    confirmed: true,
    tell({ world }) {
      const payments = deployment(world, 'payments', {
        replicas: 2,
        age: '5m',
        spec: { priorityClassName: 'business-critical' },
      });
      for (const pod of payments.pods) world.remove(pod);
      const error = `pods "${payments.replicaSet.metadata.name}-" is forbidden: no PriorityClass with name business-critical was found`;
      refusedPods(world, payments.replicaSet, error, { first: '5m' });
      replicasMismatch(world, payments.deployment);
      return 'payments is not created in the new cluster.';
    },
  }),
];
