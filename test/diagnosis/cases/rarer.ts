import { sick } from '../story.ts';
import { alertOn, crashLooping, podNotReady, replicasMismatch } from '../world/alerts.ts';
import { cronJob, job } from '../world/batch.ts';
import { eventing } from '../world/eventing.ts';
import { crashLoops } from '../world/ills.ts';
import { knativeService, mark, revisionFails } from '../world/knative.ts';
import { networkPolicy, service } from '../world/network.ts';
import { first } from '../world/pick.ts';
import { hpa } from '../world/policies.ts';
import { refusedPods } from '../world/quota.ts';
import { boundClaim, claimed } from '../world/storage.ts';
import { deployment, statefulSet } from '../world/workloads.ts';
import type { World } from '../world/world.ts';

/** A Deployment whose pods are refused with this message. */
function refused(world: World, app: string, message: string, first = '12m'): void {
  const { deployment: of, replicaSet, pods } = deployment(world, app, { replicas: 1, age: first });
  for (const pod of pods) world.remove(pod);
  refusedPods(world, replicaSet, message, { first });
  replicasMismatch(world, of);
}

/** Causes that are met less often, of controllers, admission, traffic and Knative. */
export const RARER = [
  sick('admission-policy-in-the-cluster-refuses-the-pod', {
    source: 'https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/',
    about: ['Deployment/blog'],
    says: [/no-latest|latest/],
    confirmed: true,
    tell({ world }) {
      refused(
        world,
        'blog',
        `pods "blog-5d8f-x2k9p" is forbidden: ValidatingAdmissionPolicy 'no-latest' with binding 'no-latest-binding' denied request: images must not use the tag latest`,
      );
      return 'The blog has no pods.';
    },
  }),
  sick('limit-range-wants-more-cpu', {
    source: 'https://kubernetes.io/docs/tasks/administer-cluster/manage-resources/cpu-constraint-namespace/',
    about: ['Deployment/pinger'],
    says: [/100m/, /cpu/i],
    confirmed: true,
    tell({ world }) {
      refused(
        world,
        'pinger',
        'pods "pinger-6f7d-l8c2m" is forbidden: minimum cpu usage per Container is 100m, but request is 10m',
      );
      return 'The pinger has no pods.';
    },
  }),
  sick('namespace-is-being-deleted-under-the-deployment', {
    source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/',
    about: ['Deployment/till', 'Namespace/shop'],
    says: [/terminat|delet/i],
    tell({ world }) {
      const space = world.find<{
        apiVersion: string;
        kind: string;
        metadata: { deletionTimestamp?: string } & never;
        status: { phase: string };
      }>('Namespace', 'shop');
      if (space) {
        Object.assign(space.metadata, { deletionTimestamp: world.ago('20m') });
        space.status.phase = 'Terminating';
      }
      refused(
        world,
        'till',
        'pods "till-7c9-hh2lz" is forbidden: unable to create new content in namespace shop because it is being terminated',
      );
      return 'The till has no pods.';
    },
  }),
  sick('runtime-class-of-the-pod-does-not-exist', {
    source: 'k8s.io/kubernetes plugin/pkg/admission/runtimeclass/admission.go',
    about: ['Deployment/lab'],
    says: [/kata/, /RuntimeClass/i],
    confirmed: true,
    tell({ world }) {
      refused(world, 'lab', 'pods "lab-55b7-9mk2c" is forbidden: pod rejected: RuntimeClass "kata" not found');
      return 'The lab has no pods.';
    },
  }),
  sick('autoscaler-finds-no-external-metric', {
    source: 'https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale-walkthrough/',
    about: ['HorizontalPodAutoscaler/drain', 'Deployment/drain'],
    says: [/queue_depth/],
    tell({ world }) {
      deployment(world, 'drain', { replicas: 2 });
      const message =
        'the HPA was unable to compute the replica count: unable to get external metric shop/queue_depth/&LabelSelector{MatchLabels:map[string]string{queue: orders,},MatchExpressions:[]LabelSelectorRequirement{},}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get queue_depth.external.metrics.k8s.io)';
      const scaler = hpa(world, 'drain', {
        max: 10,
        current: 2,
        desired: 2,
        conditions: [
          { type: 'ScalingActive', status: 'False', reason: 'FailedGetExternalMetric', message, since: '40m' },
        ],
      });
      world.warn(scaler, 'FailedGetExternalMetric', message, {
        source: 'horizontal-pod-autoscaler',
        first: '40m',
        last: '10s',
        count: 160,
      });
      alertOn(world, 'KubeHpaReplicasMismatch', scaler);
      return 'The queue drains slowly.';
    },
  }),
  sick('two-autoscalers-want-the-same-pods', {
    source: 'k8s.io/kubernetes pkg/controller/podautoscaler/horizontal.go (AmbiguousSelector)',
    about: ['HorizontalPodAutoscaler/mosaic', 'Deployment/mosaic'],
    says: [/mosaic-keda|multiple|two/i],
    tell({ world }) {
      deployment(world, 'mosaic', { replicas: 2 });
      const message = 'pods by selector app=mosaic are controlled by multiple HPAs: [shop/mosaic shop/mosaic-keda]';
      const conditions = [
        { type: 'ScalingActive', status: 'False' as const, reason: 'AmbiguousSelector', message, since: '2h' },
      ];
      const one = hpa(world, 'mosaic', { max: 10, current: 2, desired: 2, conditions });
      hpa(world, 'mosaic-keda', {
        max: 20,
        current: 2,
        desired: 2,
        conditions,
        scales: { kind: 'Deployment', name: 'mosaic' },
      });
      world.warn(one, 'AmbiguousSelector', message, {
        source: 'horizontal-pod-autoscaler',
        first: '2h',
        last: '12s',
        count: 480,
      });
      alertOn(world, 'KubeHpaReplicasMismatch', one);
      return 'The mosaic does not scale.';
    },
  }),
  sick('cron-job-names-a-time-zone-that-is-none', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones',
    about: ['CronJob/nightly'],
    says: [/Europe\/Berlim/],
    confirmed: true,
    tell({ world }) {
      const cron = cronJob(world, 'nightly', { schedule: '0 2 * * *', lastScheduled: '3d', lastSucceeded: '3d' });
      Object.assign(cron.spec, { timeZone: 'Europe/Berlim' });
      world.warn(cron, 'UnknownTimeZone', 'invalid timeZone: "Europe/Berlim": unknown time zone Europe/Berlim', {
        source: 'cronjob-controller',
        first: '3h',
        last: '40s',
        count: 20,
      });
      alertOn(world, 'CronJobNotScheduled', cron);
      return 'The nightly job did not run.';
    },
  }),
  sick('cron-job-has-a-schedule-nobody-can-read', {
    source: 'k8s.io/kubernetes pkg/controller/cronjob/cronjob_controllerv2.go',
    about: ['CronJob/weekly'],
    says: [/61/, /schedule/i],
    confirmed: true,
    tell({ world }) {
      const cron = cronJob(world, 'weekly', { schedule: '61 * * * 1', age: '6d' });
      world.warn(
        cron,
        'UnparseableSchedule',
        'unparseable schedule: "61 * * * 1" : end of range (61) above maximum (59): 61',
        { source: 'cronjob-controller', first: '6d', last: '30s', count: 80 },
      );
      alertOn(world, 'CronJobNotScheduled', cron);
      return 'The weekly job never ran.';
    },
  }),
  sick('job-was-suspended-and-nobody-resumed-it', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/#suspending-a-job',
    about: ['Job/reindex'],
    says: [/suspend/i],
    confirmed: true,
    tell({ world }) {
      const { job: of } = job(world, 'reindex', { suspend: true, age: '2d' });
      of.status.conditions = [
        {
          type: 'Suspended',
          status: 'True',
          reason: 'JobSuspended',
          message: 'Job suspended',
          lastProbeTime: world.ago('2d'),
          lastTransitionTime: world.ago('2d'),
        },
      ];
      world.note(of, 'Suspended', 'Job suspended', { source: 'job-controller', first: '2d' });
      alertOn(world, 'KubeJobNotCompleted', of, { labels: { job_name: 'reindex' } });
      return 'The index is stale.';
    },
  }),
  sick('volume-cannot-be-made-larger-yet', {
    source: 'https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modify-volume.html',
    about: ['PersistentVolumeClaim/journal', 'StatefulSet/journal'],
    says: [/resize|larger|expand|modif/i],
    tell({ world }) {
      const { claim } = boundClaim(world, 'journal', { size: '10Gi' });
      claim.spec.resources = { requests: { storage: '20Gi' } };
      Object.assign(claim.status, {
        conditions: [{ type: 'Resizing', status: 'True', lastTransitionTime: world.ago('30m') }],
      });
      statefulSet(world, 'journal', { replicas: 1, ...claimed('journal') });
      const message = `resize volume "${claim.spec.volumeName}" by resizer "ebs.csi.aws.com" failed: rpc error: code = Internal desc = Could not resize volume "vol-0a1b": You've reached the maximum modification rate per volume limit. Wait at least 6 hours between modifications per EBS volume.`;
      world.warn(claim, 'VolumeResizeFailed', message, {
        source: 'external-resizer ebs.csi.aws.com',
        first: '30m',
        last: '2m',
        count: 12,
      });
      alertOn(world, 'KubePersistentVolumeFillingUp', claim, {
        severity: 'critical',
        summary: 'PersistentVolume is filling up.',
      });
      return 'The journal is nearly full.';
    },
  }),
  sick('load-balancer-cannot-be-made', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer',
    about: ['Service/front'],
    says: [/subnets?/],
    tell({ world }) {
      deployment(world, 'front', { replicas: 2, ports: [8080] });
      const front = service(world, 'front', { age: '25m', spec: { type: 'LoadBalancer' } });
      world.warn(
        front,
        'SyncLoadBalancerFailed',
        'Error syncing load balancer: failed to ensure load balancer: could not find any suitable subnets for creating the ELB',
        { source: 'service-controller', first: '25m', last: '90s', count: 9 },
      );
      world.alert('ProbeFailed', { namespace: 'shop', service: 'front', severity: 'critical' }, '5m', {
        summary: 'front cannot be reached from outside.',
      });
      return 'The front has no address.';
    },
  }),
  sick('policy-keeps-the-client-from-its-database', {
    source: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic',
    about: ['Deployment/quoter', 'NetworkPolicy/quoter-egress'],
    says: [/polic|quoter-egress/i],
    tell({ world }) {
      networkPolicy(
        world,
        'quoter-egress',
        {
          podSelector: { matchLabels: { app: 'quoter' } },
          policyTypes: ['Egress'],
          egress: [
            {
              ports: [
                { port: 53, protocol: 'UDP' },
                { port: 53, protocol: 'TCP' },
              ],
            },
          ],
        } as never,
        { age: '35m' },
      );
      const { pods } = deployment(world, 'quoter', {
        replicas: 1,
        podAge: '30m',
        env: [{ name: 'LEDGER_URL', value: 'http://ledger' }],
      });
      crashLoops(world, first(pods), {
        exitCode: 1,
        restarts: 7,
        since: '28m',
        lived: '31s',
        log: ['connecting to http://ledger', 'Get "http://ledger/ready": dial tcp: i/o timeout'],
      });
      crashLooping(world, first(pods));
      return 'Quotes fail.';
    },
  }),
  sick('cluster-dns-forwards-to-itself', {
    source: 'https://coredns.io/plugins/loop/#troubleshooting',
    about: ['Deployment/coredns'],
    says: [/loop/i],
    tell({ world }) {
      const coredns = world.find<{ apiVersion: string; kind: string; metadata: never }>(
        'Deployment',
        'coredns',
        'kube-system',
      );
      const pods = world
        .all<Parameters<typeof crashLoops>[1]>('Pod')
        .filter(({ metadata }) => metadata.name.startsWith('coredns-'));
      if (!coredns) throw new Error('coredns is in every town');
      for (const pod of pods)
        crashLoops(world, pod, {
          exitCode: 1,
          restarts: 9,
          since: '25m',
          log: [
            'CoreDNS-1.12.1',
            '[FATAL] plugin/loop: Loop (127.0.0.1:53461 -> :53) detected for zone ".", see https://coredns.io/plugins/loop#troubleshooting. Query: "HINFO 4547991504243258144.3688648895315093531."',
          ],
        });
      alertOn(world, 'CoreDNSDown', first(pods), { severity: 'critical' });
      return 'Names do not resolve.';
    },
  }),
  sick('certificate-order-was-refused', {
    source: 'https://cert-manager.io/docs/troubleshooting/acme/',
    about: ['Certificate/shop-tls'],
    says: [/order|invalid|acme|challenge/i],
    tell({ world }) {
      const message =
        'The certificate request has failed to complete and will be retried: Failed to wait for order resource "shop-tls-1-2233" to become ready: order is in "invalid" state: acme: authorization error for shop.example.com: 403 urn:ietf:params:acme:error:unauthorized: Invalid response from http://shop.example.com/.well-known/acme-challenge/x: 404';
      const certificate = world.add({
        apiVersion: 'cert-manager.io/v1',
        kind: 'Certificate',
        metadata: world.metadata('Certificate', 'shop-tls', { age: '90d' }),
        spec: { secretName: 'shop-tls', dnsNames: ['shop.example.com'] },
        status: {
          notAfter: world.ago('1h'),
          conditions: [
            {
              type: 'Ready',
              status: 'False',
              reason: 'Expired',
              message: 'Certificate expired on Tue, 24 Nov 2026 09:00:00 UTC',
              lastTransitionTime: world.ago('1h'),
            },
            { type: 'Issuing', status: 'False', reason: 'Failed', message, lastTransitionTime: world.ago('2h') },
          ],
        },
      });
      world.warn(certificate, 'Failed', message, {
        source: 'cert-manager-certificates-issuing',
        first: '20d',
        last: '2h',
        count: 14,
      });
      world.alert(
        'CertManagerCertNotReady',
        {
          name: 'shop-tls',
          exported_namespace: 'shop',
          namespace: 'cert-manager',
          severity: 'critical',
          condition: 'False',
        },
        '1h',
      );
      return 'Browsers warn of the certificate.';
    },
  }),
  sick('function-listens-on-another-port', {
    source: 'https://knative.dev/docs/serving/services/configure-probing/',
    about: ['KnativeService/greeter', 'Revision/greeter-00001'],
    says: [/8080|3000|port/],
    tell({ world }) {
      const greeter = knativeService(world, 'greeter', { replicas: 1, age: '15m' });
      const pod = first(greeter.workload.pods);
      for (const status of pod.status.containerStatuses)
        if (status.name === 'queue-proxy') Object.assign(status, { ready: false });
      world.warn(pod, 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503', {
        source: 'kubelet',
        first: '14m',
        last: '4s',
        count: 160,
      });
      world.log(pod, 'user-container', ['greeter 1.0', 'listening on http://0.0.0.0:3000']);
      world.log(pod, 'queue-proxy', [
        '{"severity":"ERROR","timestamp":"2026-11-24T09:59:40Z","logger":"queueproxy","message":"aggressive probe error (failed 202 times): dial tcp 127.0.0.1:8080: connect: connection refused"}',
      ]);
      for (const condition of pod.status.conditions)
        if (/^(Ready|ContainersReady)$/.test(condition.type))
          Object.assign(condition, {
            status: 'False',
            reason: 'ContainersNotReady',
            message: 'containers with unready status: [queue-proxy]',
          });
      revisionFails(world, greeter, {
        condition: 'ResourcesAvailable',
        reason: 'ProgressDeadlineExceeded',
        message: 'Initial scale was never achieved',
        ago: '4m',
      });
      alertOn(world, 'KnativeServiceNotReady', greeter.service, { labels: { service_name: 'greeter' } });
      return 'greeter was never ready.';
    },
  }),
  sick('broker-has-no-configuration', {
    source: 'https://knative.dev/docs/eventing/brokers/broker-types/channel-based-broker/',
    about: ['Broker/default'],
    says: [/config-br-orders/],
    confirmed: true,
    tell({ world }) {
      const broker = eventing(
        world,
        'Broker',
        'default',
        { config: { apiVersion: 'v1', kind: 'ConfigMap', name: 'config-br-orders', namespace: 'knative-eventing' } },
        '40m',
      );
      const message = 'Failed to get broker config: configmap "config-br-orders" not found';
      for (const type of ['TriggerChannelReady', 'Ready'])
        mark(world, broker, type, 'False', 'ChannelTemplateFailed', message, '39m');
      world.warn(broker, 'InternalError', message, {
        source: 'broker-controller',
        first: '39m',
        last: '1m',
        count: 20,
      });
      alertOn(world, 'KnativeBrokerNotReady', broker);
      return 'No events are taken.';
    },
  }),
  sick('function-uses-a-service-account-that-is-missing', {
    source: 'https://knative.dev/docs/serving/services/byo-certificate/',
    about: ['KnativeService/mailman', 'Deployment/mailman-00001-deployment'],
    says: [/mailer-bot/],
    tell({ world }) {
      const mailman = knativeService(world, 'mailman', { replicas: 1, age: '12m' });
      for (const pod of mailman.workload.pods) world.remove(pod);
      const message = `pods "${mailman.workload.replicaSet.metadata.name}-" is forbidden: error looking up service account shop/mailer-bot: serviceaccount "mailer-bot" not found`;
      refusedPods(world, mailman.workload.replicaSet, message, { first: '12m' });
      revisionFails(world, mailman, { condition: 'ResourcesAvailable', reason: 'FailedCreate', message, ago: '11m' });
      alertOn(world, 'KnativeServiceNotReady', mailman.service, { labels: { service_name: 'mailman' } });
      return 'mailman does not run.';
    },
  }),
  sick('certificate-of-the-route-is-not-there', {
    source: 'https://knative.dev/docs/serving/encryption/external-domain-tls/',
    about: ['KnativeService/portal', 'Route/portal'],
    says: [/certificate/i],
    tell({ world }) {
      const portal = knativeService(world, 'portal', { replicas: 1, age: '3h' });
      const message =
        'Certificate route-7c1d is not ready: order is pending: waiting for HTTP-01 challenge propagation: wrong status code 404, expected 200';
      for (const one of [portal.route, portal.service]) {
        mark(
          world,
          one,
          one === portal.route ? 'CertificateProvisioned' : 'RoutesReady',
          'False',
          'CertificateNotReady',
          message,
          '2h',
        );
        mark(world, one, 'Ready', 'False', 'CertificateNotReady', message, '2h');
      }
      alertOn(world, 'KnativeServiceNotReady', portal.service, { labels: { service_name: 'portal' } });
      return 'The portal has no certificate.';
    },
  }),
  sick('scheduler-named-in-the-pod-is-not-there', {
    source: 'https://kubernetes.io/docs/tasks/extend-kubernetes/configure-multiple-schedulers/',
    about: ['Deployment/solver'],
    says: [/volcano/],
    tell({ world }) {
      const { pods } = deployment(world, 'solver', { replicas: 1, age: '20m', spec: { schedulerName: 'volcano' } });
      const pod = first(pods);
      delete (pod.spec as { nodeName?: string }).nodeName;
      pod.status = { phase: 'Pending', qosClass: 'Burstable', containerStatuses: [], conditions: [] };
      podNotReady(world, pod);
      return 'The solver waits.';
    },
  }),
];
