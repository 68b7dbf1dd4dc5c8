import { unread } from '../story.ts';
import { alertOn, crashLooping, podNotReady, replicasMismatch, usersSee } from '../world/alerts.ts';
import { backoffExceeded, job, podEnds } from '../world/batch.ts';
import { crashLoops } from '../world/ills.ts';
import { service } from '../world/network.ts';
import { unreachable } from '../world/nodes.ts';
import { first, nth } from '../world/pick.ts';
import { pullFails, unscheduled } from '../world/starting.ts';
import { deployment } from '../world/workloads.ts';

const ACCESS = 'https://kubernetes.io/docs/reference/access-authn-authz/authorization/';
const OVERLOAD = 'https://kubernetes.io/docs/concepts/cluster-administration/flow-control/';
/** What may not be said where the thing was not read. */
const NOTHING_WRONG = /nothing (is )?wrong|all (pods )?(look |are )?(healthy|ready|well)|everything is/i;

/** What has to be said of it. */
const SAID = [
  /could not|may not|cannot|not (be )?read|unread|forbidden|403|did not answer|does not answer|timed out|not known|unknown|no access/i,
];

/** A part of the cluster does not answer: unread is unknown, and what was read still counts. */
export const UNREAD = [
  unread('log-of-the-crash-may-not-be-read', {
    source: ACCESS,
    unread: [{ resource: 'pods/log', how: 'forbidden' }],
    about: ['Deployment/cart'],
    tells: SAID,
    never: [/no (log|output|lines)|log is empty|wrote nothing/i],
    tell({ world }) {
      const cart = deployment(world, 'cart', { replicas: 1, ports: [8080], podAge: '15m' });
      crashLoops(world, first(cart.pods), {
        exitCode: 1,
        restarts: 7,
        since: '14m',
        log: ['fatal: CART_DB is not set'],
      });
      crashLooping(world, first(cart.pods));
      return 'The cart crashes.';
    },
  }),
  unread('events-may-not-be-read-and-the-pod-says-enough', {
    source: ACCESS,
    verdict: 'cause',
    unread: [{ resource: 'events', how: 'forbidden' }],
    about: ['Deployment/search'],
    says: [/image/i, /7\.7\.7/],
    tells: SAID,
    never: [/no (warning )?events/i],
    tell({ world }) {
      const image = 'registry.example.com/shop/search:7.7.7';
      const search = deployment(world, 'search', { replicas: 1, image, age: '10m' });
      pullFails(world, first(search.pods), {
        error: `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`,
      });
      replicasMismatch(world, search.deployment);
      return 'Search is down.';
    },
  }),
  unread('events-time-out-and-the-pod-has-no-reason', {
    source: OVERLOAD,
    unread: [{ resource: 'events', how: 'timeout' }],
    about: ['Deployment/fresh'],
    tells: SAID,
    never: [/scheduler (is|does|has|not|seems|down|dead|gone|stopped)/i, /no (warning )?events/i],
    tell({ world }) {
      const fresh = deployment(world, 'fresh', { replicas: 1, age: '7m' });
      unscheduled(world, first(fresh.pods), null);
      podNotReady(world, first(fresh.pods));
      return 'fresh is pending.';
    },
  }),
  unread('nodes-may-not-be-read-and-a-pod-is-lost', {
    source: ACCESS,
    unread: [
      { resource: 'nodes', how: 'forbidden' },
      { resource: 'leases', how: 'forbidden' },
    ],
    verdict: 'cause',
    about: ['Deployment/solo', 'Node/node-a'],
    says: [/node/i, /not ready|NotReady/i],
    tells: SAID,
    never: [/all nodes are ready/i, /no node/i],
    tell({ world, nodes }) {
      const solo = deployment(world, 'solo', { replicas: 1, nodes: ['node-a'], ports: [8080] });
      unreachable(world, first(nodes), '4m');
      replicasMismatch(world, solo.deployment, '2m');
      return 'solo is not available.';
    },
  }),
  unread('pods-time-out-and-the-deployment-lacks-one', {
    source: OVERLOAD,
    unread: [{ resource: 'pods', how: 'timeout' }],
    about: ['Deployment/api'],
    tells: SAID,
    never: [NOTHING_WRONG, /\b0 pods\b|no pods/i],
    tell({ world }) {
      const api = deployment(world, 'api', { replicas: 2, ports: [8080], podAge: '18m' });
      crashLoops(world, first(api.pods), {
        exitCode: 1,
        restarts: 7,
        since: '17m',
        log: ['fatal: no route to broker'],
      });
      replicasMismatch(world, api.deployment);
      return 'The api has one pod of two.';
    },
  }),
  unread('endpoint-slices-may-not-be-read', {
    source: ACCESS,
    silent: true,
    unread: [{ resource: 'endpointslices', how: 'forbidden' }],
    tells: SAID,
    never: [NOTHING_WRONG, /no endpoints/i],
    tell({ world }) {
      deployment(world, 'orders', { replicas: 2, ports: [8080] });
      service(world, 'orders');
      usersSee(world, 'ErrorRateHigh', 'More than 5 % of requests to orders fail.');
      return 'Orders fail.';
    },
  }),
  unread('replica-sets-may-not-be-read-and-the-deployment-tells', {
    source: ACCESS,
    verdict: 'cause',
    unread: [{ resource: 'replicasets', how: 'forbidden' }],
    about: ['Deployment/uploader', 'ServiceAccount/uploader'],
    tells: SAID,
    says: [/service ?account/i, /uploader/],
    tell({ world }) {
      const uploader = deployment(world, 'uploader', {
        replicas: 1,
        age: '12m',
        spec: { serviceAccountName: 'uploader' },
      });
      for (const pod of uploader.pods) world.remove(pod);
      const message = `pods "${uploader.replicaSet.metadata.name}-" is forbidden: error looking up service account shop/uploader: serviceaccount "uploader" not found`;
      world.warn(uploader.replicaSet, 'FailedCreate', `Error creating: ${message}`, {
        source: 'replicaset-controller',
        first: '12m',
        last: '40s',
        count: 16,
      });
      uploader.replicaSet.status.conditions = [
        {
          type: 'ReplicaFailure',
          status: 'True',
          reason: 'FailedCreate',
          message,
          lastTransitionTime: world.ago('12m'),
        },
      ];
      replicasMismatch(world, uploader.deployment);
      return 'No pod of the uploader is created.';
    },
  }),
  unread('pods-of-a-failed-job-may-not-be-read', {
    source: ACCESS,
    unread: [
      { resource: 'pods', how: 'forbidden' },
      { resource: 'pods/log', how: 'forbidden' },
    ],
    about: ['Job/nightly'],
    tells: SAID,
    never: [NOTHING_WRONG, /no pods/i],
    tell({ world }) {
      const nightly = job(world, 'nightly', { pods: 1, age: '9m', backoffLimit: 0 });
      podEnds(world, first(nightly.pods), { exitCode: 1, ended: '6m', log: ['cannot open /in/orders.csv'] });
      backoffExceeded(world, nightly.job, '6m');
      alertOn(world, 'KubeJobFailed', nightly.job);
      return 'The nightly job failed.';
    },
  }),
  unread('nothing-answers-at-all', {
    source: OVERLOAD,
    unread: ['pods', 'events', 'deployments', 'replicasets', 'nodes', 'jobs', 'services'].map((resource) => ({
      resource,
      how: 'timeout' as const,
    })),
    about: ['Deployment/api'],
    tells: SAID,
    never: [NOTHING_WRONG, /\b0 (pods|jobs|nodes|warnings)\b/i, /excluded|ruled out/i],
    tell({ world }) {
      const api = deployment(world, 'api', { replicas: 2, ports: [8080] });
      crashLoops(world, nth(api.pods, 1), { exitCode: 1, restarts: 4, since: '9m' });
      replicasMismatch(world, api.deployment);
      return 'The api is down and the cluster does not answer.';
    },
  }),
];
