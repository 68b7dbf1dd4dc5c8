import { sick } from '../story.ts';
import { containerWaiting, podNotReady, replicasMismatch } from '../world/alerts.ts';
import { waits } from '../world/ills.ts';
import { first } from '../world/pick.ts';
import { rollOut } from '../world/rollout.ts';
import { initHolds, pullFails } from '../world/starting.ts';
import { daemonSet, deployment } from '../world/workloads.ts';

const DOCS = 'https://kubernetes.io/docs/concepts/containers/images/';
const MANAGER = 'k8s.io/kubernetes pkg/kubelet/images/image_manager.go';

/** What containerd answers when a reference cannot be resolved, with the last part of the chain. */
const unresolved = (image: string, why: string, code = 'Unknown') =>
  `rpc error: code = ${code} desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${why}`;

/** Images that cannot be had, each for another reason. */
export const IMAGES = [
  sick('image-tag-not-in-the-registry', {
    source: MANAGER,
    about: ['Deployment/cart'],
    says: [/image/i, /not found|does not exist|no such|not there|is not in|missing/i, /1\.9\.0-rc7/],
    confirmed: true,
    tell({ world }) {
      const image = 'registry.example.com/shop/cart:1.9.0-rc7';
      const cart = deployment(world, 'cart', { replicas: 2, ports: [8080] });
      const { pods } = rollOut(world, cart, { image }, { ago: '12m' });
      for (const pod of pods)
        pullFails(world, pod, { error: unresolved(image, `${image}: not found`, 'NotFound'), times: 7 });
      for (const pod of pods) podNotReady(world, pod);
      return 'The release of the cart does not go through.';
    },
  }),
  sick('image-needs-a-pull-secret', {
    source: `${DOCS}#using-a-private-registry`,
    about: ['Deployment/invoices'],
    says: [/unauthori[sz]ed|pull ?secret|credential|authenticat|authoriz|denied|forbidden/i],
    confirmed: true,
    tell({ world }) {
      const image = 'ghcr.io/example-org/invoices:2.0.1';
      const invoices = deployment(world, 'invoices', { replicas: 1, image, age: '9m' });
      const why =
        'failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3Aexample-org%2Finvoices%3Apull&service=ghcr.io: 401 Unauthorized';
      for (const pod of invoices.pods) pullFails(world, pod, { error: unresolved(image, why), times: 6 });
      replicasMismatch(world, invoices.deployment);
      return 'The new invoices service never started.';
    },
  }),
  sick('image-registry-name-does-not-resolve', {
    source: MANAGER,
    about: ['Deployment/search'],
    says: [/image|registry/i, /dns|resolve|lookup|no such host/i, /registry\.corp\.internal/],
    confirmed: true,
    tell({ world }) {
      const image = 'registry.corp.internal/search:4.4.0';
      const search = deployment(world, 'search', { replicas: 2, image, age: '7m' });
      const why =
        'failed to do request: Head "https://registry.corp.internal/v2/search/manifests/4.4.0": dial tcp: lookup registry.corp.internal on 10.0.0.2:53: no such host';
      for (const pod of search.pods) pullFails(world, pod, { error: unresolved(image, why) });
      replicasMismatch(world, search.deployment);
      return 'Search is down.';
    },
  }),
  sick('image-registry-does-not-answer', {
    source: MANAGER,
    about: ['Deployment/search'],
    says: [/registry|image/i, /time(d)? ?out|does not answer|unreachable|not reach|no answer|unavailable/i],
    confirmed: true,
    tell({ world }) {
      const image = 'harbor.example.net:8443/search:4.4.1';
      const search = deployment(world, 'search', { replicas: 1, image, age: '11m' });
      const why =
        'failed to do request: Head "https://harbor.example.net:8443/v2/search/manifests/4.4.1": dial tcp 198.51.100.20:8443: i/o timeout';
      for (const pod of search.pods) pullFails(world, pod, { error: unresolved(image, why, 'DeadlineExceeded') });
      replicasMismatch(world, search.deployment);
      return 'Search does not come up.';
    },
  }),
  sick('image-registry-certificate-is-not-trusted', {
    source: MANAGER,
    about: ['Deployment/pricing'],
    says: [/certificate|x509|tls/i],
    confirmed: true,
    tell({ world }) {
      const image = 'registry.lab.example:5000/pricing:3.0.0';
      const pricing = deployment(world, 'pricing', { replicas: 1, image, age: '13m' });
      const why =
        'failed to do request: Head "https://registry.lab.example:5000/v2/pricing/manifests/3.0.0": tls: failed to verify certificate: x509: certificate signed by unknown authority';
      for (const pod of pricing.pods) pullFails(world, pod, { error: unresolved(image, why) });
      podNotReady(world, first(pricing.pods));
      return 'pricing is not starting on the new registry.';
    },
  }),
  sick('image-registry-counts-pulls', {
    source: 'https://docs.docker.com/docker-hub/usage/pulls/',
    about: ['Deployment/cache'],
    says: [/rate.?limit|too many requests|429/i],
    confirmed: true,
    tell({ world }) {
      const image = 'docker.io/library/memcached:1.6.31';
      const cache = deployment(world, 'cache', { replicas: 2, image, age: '8m' });
      const why = `unexpected status from HEAD request to https://registry-1.docker.io/v2/library/memcached/manifests/1.6.31: 429 Too Many Requests\ntoomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit`;
      for (const pod of cache.pods) {
        const error = `rpc error: code = Unknown desc = failed to pull and unpack image "${image}": failed to copy: httpReadSeeker: failed open: ${why}`;
        pullFails(world, pod, { error });
      }
      replicasMismatch(world, cache.deployment);
      return 'The caches are gone since the node pool was replaced.';
    },
  }),
  sick('image-name-cannot-be-parsed', {
    source: MANAGER,
    about: ['Deployment/mailer'],
    says: [/image/i, /invalid|parse|malformed|not a valid/i, /Mailer:2\.1/],
    confirmed: true,
    tell({ world }) {
      const image = 'registry.example.com/Shop/Mailer:2.1';
      const mailer = deployment(world, 'mailer', { replicas: 1, image, age: '6m' });
      const pod = first(mailer.pods);
      const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format: repository name (Shop/Mailer) must be lowercase`;
      waits(world, pod, { reason: 'InvalidImageName', message });
      world.warn(pod, 'InspectFailed', message, { source: 'kubelet', first: '6m', last: '8s', count: 28 });
      world.warn(pod, 'Failed', 'Error: InvalidImageName', { source: 'kubelet', first: '6m', last: '8s', count: 28 });
      containerWaiting(world, pod, 'InvalidImageName');
      return 'The mailer does not start.';
    },
  }),
  sick('image-is-never-pulled-and-not-there', {
    source: `${DOCS}#image-pull-policy`,
    about: ['Deployment/preview'],
    says: [/never/i, /image|pull/i],
    confirmed: true,
    tell({ world }) {
      const preview = deployment(world, 'preview', { replicas: 1, image: 'preview:dev', age: '5m' });
      const pod = first(preview.pods);
      first(pod.spec.containers).imagePullPolicy = 'Never';
      const message = 'Container image "preview:dev" is not present with pull policy of Never';
      waits(world, pod, { reason: 'ErrImageNeverPull', message });
      world.warn(pod, 'ErrImageNeverPull', message, { source: 'kubelet', first: '5m', last: '9s', count: 24 });
      world.warn(pod, 'Failed', 'Error: ErrImageNeverPull', { source: 'kubelet', first: '5m', last: '9s', count: 24 });
      podNotReady(world, pod);
      return 'The preview pod does not start.';
    },
  }),
  sick('image-has-no-build-for-this-architecture', {
    source: 'https://kubernetes.io/docs/concepts/containers/images/#multi-architecture-images-with-image-indexes',
    about: ['DaemonSet/agent'],
    says: [/platform|architecture|arm64|linux\/arm64/i],
    tell({ world, nodes }) {
      const arm = nodes[1];
      if (arm !== undefined) {
        arm.metadata.labels = { ...arm.metadata.labels, 'kubernetes.io/arch': 'arm64' };
        if (arm.status.nodeInfo !== undefined) arm.status.nodeInfo.architecture = 'arm64';
      }
      const image = 'registry.example.com/platform/agent:5.0.0';
      const agent = daemonSet(world, 'agent', { image, age: '20m' });
      const error = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": no match for platform in manifest: not found`;
      const pod = agent.pods.find(({ spec }) => spec.nodeName === 'node-b');
      if (pod === undefined) throw new Error('a pod on each node');
      pullFails(world, pod, { error });
      podNotReady(world, pod);
      return 'The agent runs everywhere but on the new node.';
    },
  }),
  sick('image-of-an-init-container-is-missing', {
    source: 'https://kubernetes.io/docs/concepts/workloads/pods/init-containers/',
    about: ['Deployment/orders'],
    says: [/image/i, /migrate:2026-11-31|migrate/i, /not found|does not exist|no such|not there|is not in|missing/i],
    confirmed: true,
    tell({ world }) {
      const image = 'registry.example.com/shop/migrate:2026-11-31';
      const init = [{ name: 'migrate', image, command: ['/migrate', 'up'] }];
      const orders = deployment(world, 'orders', { replicas: 1, init, age: '10m' });
      const pod = first(orders.pods);
      const error = unresolved(image, `${image}: not found`, 'NotFound');
      const message = `Back-off pulling image "${image}": ErrImagePull: ${error}`;
      initHolds(world, pod, 'migrate', { state: { waiting: { reason: 'ImagePullBackOff', message } } });
      const told = { source: 'kubelet', first: '10m', last: '14s', count: 6 };
      world.warn(pod, 'Failed', `Failed to pull image "${image}": ${error}`, told);
      world.warn(pod, 'Failed', 'Error: ErrImagePull', told);
      world.warn(pod, 'Failed', 'Error: ImagePullBackOff', { ...told, count: 30 });
      podNotReady(world, pod);
      return 'orders hangs in Init.';
    },
  }),
];
