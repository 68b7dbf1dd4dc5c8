import { sick } from '../story.ts';
import { podNotReady, replicasMismatch } from '../world/alerts.ts';
import { rollOut } from '../world/rollout.ts';
import { pullFails } from '../world/starting.ts';
import { deployment } from '../world/workloads.ts';

const DOCS = 'https://kubernetes.io/docs/concepts/containers/images/';
const MANAGER = 'k8s.io/kubernetes pkg/kubelet/images/image_manager.go';

const unresolved = (image: string) =>
  `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;

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
      for (const pod of pods) pullFails(world, pod, { error: unresolved(image), times: 7 });
      for (const pod of pods) podNotReady(world, pod);
      return 'The release of the cart does not go through.';
    },
  }),
  sick('image-needs-a-pull-secret', {
    source: `${DOCS}#using-a-private-registry`,
    about: ['Deployment/invoices'],
    says: [/unauthori[sz]ed|pull ?secret|credential|authenticat|authoriz|access denied|denied|forbidden/i],
    confirmed: true,
    tell({ world }) {
      const image = 'ghcr.io/example-org/invoices:2.0.1';
      const invoices = deployment(world, 'invoices', { replicas: 1, image, age: '9m' });
      const error = `rpc error: code = Unknown desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3Aexample-org%2Finvoices%3Apull&service=ghcr.io: 401 Unauthorized`;
      for (const pod of invoices.pods) pullFails(world, pod, { error, times: 6 });
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
      const error = `rpc error: code = Unknown desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": failed to do request: Head "https://registry.corp.internal/v2/search/manifests/4.4.0": dial tcp: lookup registry.corp.internal on 10.0.0.2:53: no such host`;
      for (const pod of search.pods) pullFails(world, pod, { error });
      replicasMismatch(world, search.deployment);
      return 'Search is down.';
    },
  }),
];
