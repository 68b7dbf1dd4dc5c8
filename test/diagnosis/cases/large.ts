import { large } from '../story.ts';
import { alertOn, crashLooping, podNotReady } from '../world/alerts.ts';
import { backoffExceeded, job, jobCompletes, podEnds } from '../world/batch.ts';
import { crashLoops } from '../world/ills.ts';
import { first } from '../world/pick.ts';
import { pullFails, unscheduled } from '../world/starting.ts';
import { deployment } from '../world/workloads.ts';

const PAGING = 'https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks';

/** Long lists in which the ill sort last by name. */
export const LARGE = [
  large('last-of-six-hundred-deployments-crashes', {
    source: PAGING,
    about: ['Deployment/zz-rates'],
    says: [/RATES_URL/],
    never: [/\b0 (failed|unhealthy|crash)/i, /no pods? (is|are) (unhealthy|crashing)/i],
    tell({ world }) {
      for (let index = 0; index < 600; index += 1) {
        deployment(world, `app-${String(index).padStart(4, '0')}`, {
          replicas: 2,
          resources: { requests: { cpu: '5m', memory: '8Mi' } },
        });
      }
      const rates = deployment(world, 'zz-rates', { replicas: 1, podAge: '20m' });
      const log = ['configuration error: RATES_URL is empty'];
      crashLoops(world, first(rates.pods), { exitCode: 1, restarts: 8, since: '19m', log });
      crashLooping(world, first(rates.pods));
      return 'The rates are stale.';
    },
  }),
  large('failed-jobs-stand-behind-eight-hundred-that-completed', {
    source: PAGING,
    about: ['Job/zz-export-1', 'Job/zz-export-2', 'Job/zz-export-3'],
    says: [/bucket|NoSuchBucket|exports-2027/i],
    never: [/\b0 (jobs? )?failed/i, /no (job|build)s? (has |have )?failed/i],
    tell({ world }) {
      for (let index = 0; index < 800; index += 1) {
        const done = job(world, `export-${String(index).padStart(4, '0')}`, { pods: 1, age: '3h' });
        podEnds(world, first(done.pods), { exitCode: 0, ended: '2h' });
        jobCompletes(world, done.job, '2h');
      }
      for (const name of ['zz-export-1', 'zz-export-2', 'zz-export-3']) {
        const failed = job(world, name, { pods: 1, age: '9m', backoffLimit: 0 });
        const log = ['NoSuchBucket: The specified bucket does not exist: exports-2027'];
        podEnds(world, first(failed.pods), { exitCode: 1, ended: '7m', log });
        backoffExceeded(world, failed.job, '7m');
        if (name === 'zz-export-1') alertOn(world, 'KubeJobFailed', failed.job);
      }
      return 'Some exports failed.';
    },
  }),
  large('one-warning-among-five-thousand-normal-events', {
    source: PAGING,
    about: ['Deployment/zz-upload'],
    says: [/image/i, /6\.6\.6/],
    never: [/no warnings?/i, /\b0 warnings?/i],
    tell({ world }) {
      const busy = deployment(world, 'busy', { replicas: 5 });
      for (let index = 0; index < 5_000; index += 1) {
        const pod = busy.pods[index % 5];
        if (pod !== undefined)
          world.note(
            pod,
            'Pulled',
            `Container image "registry.example.com/shop/busy:${index}" already present on machine`,
            { source: 'kubelet', first: `${1 + (index % 58)}m` },
          );
      }
      const image = 'registry.example.com/shop/zz-upload:6.6.6';
      const upload = deployment(world, 'zz-upload', { replicas: 1, image, age: '10m' });
      pullFails(world, first(upload.pods), {
        error: `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`,
      });
      podNotReady(world, first(upload.pods));
      return 'Uploads do not work.';
    },
  }),
  large('three-hundred-pods-wait-and-the-last-for-another-reason', {
    source: PAGING,
    about: ['Deployment/zz-video'],
    says: [/nvidia\.com\/gpu/],
    tell({ world }) {
      const herd = deployment(world, 'herd', {
        replicas: 300,
        age: '30m',
        resources: { requests: { cpu: '2', memory: '64Mi' } },
      });
      const full =
        '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.';
      for (const pod of herd.pods.slice(5)) unscheduled(world, pod, full);
      const resources = { requests: { 'nvidia.com/gpu': '1' }, limits: { 'nvidia.com/gpu': '1' } };
      const video = deployment(world, 'zz-video', { replicas: 1, age: '12m', resources });
      unscheduled(
        world,
        first(video.pods),
        '0/3 nodes are available: 3 Insufficient nvidia.com/gpu. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
      );
      podNotReady(world, first(video.pods));
      return 'The video pod does not start.';
    },
  }),
  large('eight-hundred-deployments-and-all-of-them-well', {
    source: PAGING,
    verdict: 'healthy',
    tell({ world }) {
      for (let index = 0; index < 800; index += 1) deployment(world, `svc-${index}`, { replicas: 1 });
      const web = first(world.all('Deployment').filter(({ metadata }) => metadata.name === 'web'));
      alertOn(world, 'KubeDeploymentReplicasMismatch', web, { since: '1m' });
      return 'Is web all right?';
    },
  }),
];
