import type { DiagnosisCase } from '../snapshot.ts';
import { type Story, sick } from '../story.ts';
import { alertOn } from '../world/alerts.ts';
import { backoffExceeded, jobFails, podEnds } from '../world/batch.ts';
import { type BuildPlan, type Built, build, buildFailed, kanikoBegins } from '../world/builds.ts';
import { crashLoops } from '../world/ills.ts';
import { first } from '../world/pick.ts';
import { exceeded, quota, refusedPods } from '../world/quota.ts';
import { initHolds, pullFails, unscheduled } from '../world/starting.ts';
import { namespace, serviceAccount, type Town } from '../world/town.ts';
import { deployment } from '../world/workloads.ts';
import type { World } from '../world/world.ts';

const KANIKO = 'https://github.com/GoogleContainerTools/kaniko/blob/main/README.md';
const OPTIONS = { namespace: 'knative-lambda' };

function failedAlert(world: World, of: Built): void {
  alertOn(world, 'KnativeLambdaBuildJobFailed', of.job, {
    since: '1m',
    labels: { reason: 'BackoffLimitExceeded' },
    summary: `Build job ${of.job.metadata.name} failed.`,
  });
}

/** A build whose Kaniko container ended with these lines. */
function failedBuild(
  name: string,
  fn: string,
  told: {
    log: readonly string[];
    says: readonly RegExp[];
    query: string;
    exit?: { exitCode: number; reason?: string };
    plan?: BuildPlan;
    confirmed?: boolean;
  },
): DiagnosisCase {
  return sick(name, {
    source: KANIKO,
    options: OPTIONS,
    about: [`LambdaFunction/${fn}`],
    says: told.says,
    ...(told.confirmed === undefined ? {} : { confirmed: told.confirmed }),
    tell({ world }) {
      serviceAccount(world, 'knative-lambda-operator');
      const made = build(world, fn, { age: '4m', ...told.plan });
      const ended = { exitCode: 1, ...told.exit, container: 'kaniko', ended: '2m', lived: '110s', log: told.log };
      podEnds(world, first(made.pods), ended);
      backoffExceeded(world, made.job, '2m');
      buildFailed(world, made, '2m');
      failedAlert(world, made);
      return told.query;
    },
  });
}

/** A build that never came to run. */
function stuckBuild(
  name: string,
  fn: string,
  story: Omit<Story, 'tell' | 'about'> & { tell(stage: Town, made: Built): void; age?: string },
): DiagnosisCase {
  return sick(name, {
    ...story,
    options: OPTIONS,
    about: [`LambdaFunction/${fn}`, 'ResourceQuota/builds-quota'],
    tell(stage) {
      const { world } = stage;
      serviceAccount(world, 'knative-lambda-operator');
      const made = build(world, fn, { age: story.age ?? '12m' });
      story.tell(stage, made);
      alertOn(world, 'KnativeLambdaBuildStuck', made.job);
      return `The build of ${fn} does not go on.`;
    },
  });
}

/** Kaniko builds of Knative Lambda. */
export const BUILDS = [
  sick('build-killed-for-memory-while-the-webhook-is-down', {
    source: KANIKO,
    options: OPTIONS,
    about: ['LambdaFunction/thumbs'],
    says: [/memory/i],
    confirmed: true,
    tell({ world }) {
      serviceAccount(world, 'knative-lambda-operator');
      namespace(world, 'knative-serving');
      const webhook = deployment(world, 'webhook', { namespace: 'knative-serving', replicas: 1, age: '40d' });
      crashLoops(world, first(webhook.pods), { exitCode: 1, restarts: 5, since: '12m', log: ['Reconcile succeeded'] });
      const made = build(world, 'thumbs', { age: '4m' });
      podEnds(world, first(made.pods), { exitCode: 137, reason: 'OOMKilled', container: 'kaniko', ended: '2m' });
      backoffExceeded(world, made.job, '2m');
      buildFailed(world, made, '2m');
      failedAlert(world, made);
      return 'The build of thumbs fails.';
    },
  }),
  failedBuild('build-may-not-push', 'hello-python', {
    query: 'Every build fails within seconds.',
    says: [/push|registry/i, /unauthori[sz]ed|authenticat|credential|401/i],
    plan: { age: '3m' },
    log: [
      'error checking push permissions -- make sure you entered the correct tag name, and that you are authenticated correctly, and try again: checking push permission for "kind-registry:5000/knative-lambda/hello-python:3fa9c1d2e8b0": POST http://kind-registry:5000/v2/knative-lambda/hello-python/blobs/uploads/: UNAUTHORIZED: authentication required; [map[Action:pull] map[Action:push]]',
    ],
  }),
  failedBuild('build-cannot-reach-the-registry', 'hello-node', {
    query: 'Builds fail at once.',
    says: [/registry|kind-registry/i, /refused|reach|no such host|connect/i],
    log: [
      'error checking push permissions -- make sure you entered the correct tag name, and that you are authenticated correctly, and try again: checking push permission for "kind-registry:5000/knative-lambda/hello-node:88aa01": creating push check transport for kind-registry:5000 failed: Get "https://kind-registry:5000/v2/": dial tcp 172.18.0.4:5000: connect: connection refused',
    ],
  }),
  failedBuild('build-has-no-base-image', 'invoice-parser', {
    query: 'Python builds fail.',
    says: [/base|image|manifest/i, /python:3\.11-alpine|unknown|not found|missing/i],
    log: [
      'INFO[0000] Retrieving image manifest kind-registry:5000/python:3.11-alpine',
      'INFO[0000] Retrieving image kind-registry:5000/python:3.11-alpine from registry kind-registry:5000',
      'error building image: GET http://kind-registry:5000/v2/python/manifests/3.11-alpine: MANIFEST_UNKNOWN: manifest unknown; map[Tag:3.11-alpine]',
    ],
  }),
  failedBuild('build-step-cannot-install-a-dependency', 'ocr', {
    query: 'The build of ocr fails.',
    says: [/torchh|distribution|requirement|pip|dependenc/i],
    log: [
      ...kanikoBegins(),
      'INFO[0012] RUN pip install --no-cache-dir -r requirements.txt',
      'ERROR: Could not find a version that satisfies the requirement torchh==2.4.1 (from versions: none)',
      'ERROR: No matching distribution found for torchh==2.4.1',
      'error building image: error building stage: failed to execute command: waiting for process to exit: exit status 1',
    ],
  }),
  failedBuild('build-is-killed-for-memory', 'image-resizer', {
    query: 'The build of image-resizer dies.',
    says: [/memory|oom/i, /4Gi/],
    confirmed: true,
    exit: { exitCode: 137, reason: 'OOMKilled' },
    log: [...kanikoBegins(), 'INFO[0061] Taking snapshot of full filesystem...'],
  }),
  failedBuild('build-step-is-killed-for-memory', 'bundler', {
    query: 'The build of bundler fails late.',
    says: [/memory|oom|signal: killed|killed/i],
    log: [
      ...kanikoBegins('kind-registry:5000/node:22-alpine'),
      'INFO[0031] RUN npm run bundle',
      'error building image: error building stage: failed to execute command: waiting for process to exit: signal: killed',
    ],
  }),
  failedBuild('build-copies-a-file-that-is-not-in-the-context', 'go-hello', {
    query: 'Go builds fail.',
    says: [/go\.mod/, /no such|not (there|exist|found)|missing|context/i],
    log: [
      'INFO[0000] Retrieving image manifest kind-registry:5000/golang:1.23-alpine',
      'INFO[0003] Unpacking rootfs as cmd COPY go.mod ./ requires it.',
      'INFO[0009] COPY go.mod ./',
      'error building image: error building stage: failed to get fileinfo for /workspace/go.mod: lstat /workspace/go.mod: no such file or directory',
    ],
  }),
  failedBuild('build-runs-out-of-disk', 'big-model', {
    query: 'The build of big-model fails.',
    says: [/space|disk/i],
    log: [
      ...kanikoBegins(),
      'error building image: error building stage: failed to get filesystem from image: error writing "/kaniko/model.bin": write /model.bin: no space left on device',
    ],
  }),
  failedBuild('build-has-a-dockerfile-that-does-not-parse', 'typo', {
    query: 'The build of typo fails.',
    says: [/dockerfile/i],
    log: ['error building image: parsing dockerfile: dockerfile parse error on line 4: unknown instruction: RUNN'],
  }),
  stuckBuild('build-hangs-without-a-word', 'hello-python', {
    source: KANIKO,
    age: '45m',
    says: [/hang|silent|stuck|no (new )?(line|log|output|progress)|running for|45 ?min/i],
    tell({ world }, made) {
      const lines = [
        ...kanikoBegins(),
        'INFO[0012] RUN pip install --no-cache-dir -r requirements.txt',
        'Collecting requests==2.32.3',
      ];
      world.log(first(made.pods), 'kaniko', lines, { endedAgo: '43m' });
    },
  }),
  stuckBuild('build-pod-is-refused-by-the-quota', 'notify', {
    source: 'https://kubernetes.io/docs/concepts/policy/resource-quotas/',
    says: [/quota/i, /memory/i],
    confirmed: true,
    tell({ world }, made) {
      for (const pod of made.pods) world.remove(pod);
      const full = quota(world, 'builds-quota', { 'limits.memory': '4Gi' });
      const error = exceeded(world, full, `pods "${made.job.metadata.name}-k2x9p"`, { 'limits.memory': '4Gi' });
      refusedPods(world, made.job, error, { source: 'job-controller', first: '12m', last: '1m', count: 6 });
    },
  }),
  stuckBuild('build-pod-finds-no-node', 'notify', {
    source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/',
    says: [/memory/i],
    confirmed: true,
    tell({ world, nodes }, made) {
      for (const node of nodes) Object.assign(node.status.allocatable ?? {}, { memory: '900Mi' });
      const preempt = 'preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.';
      unscheduled(world, first(made.pods), `0/3 nodes are available: 3 Insufficient memory. ${preempt}`);
    },
  }),
  stuckBuild('build-context-is-missing', 'greet', {
    source: 'https://kubernetes.io/docs/concepts/storage/volumes/#configmap',
    says: [/config ?map|context/i, /greet-build-context/],
    confirmed: true,
    tell({ world }, made) {
      const pod = first(made.pods);
      initHolds(world, pod, 'extract-context', { state: { waiting: { reason: 'PodInitializing' } } });
      const message = 'MountVolume.SetUp failed for volume "context" : configmap "greet-build-context" not found';
      world.warn(pod, 'FailedMount', message, { source: 'kubelet', first: '12m', last: '20s', count: 14 });
    },
  }),
  stuckBuild('build-executor-image-cannot-be-pulled', 'greet', {
    source: 'https://kubernetes.io/docs/concepts/containers/images/',
    says: [/image/i, /kaniko-executor/],
    confirmed: true,
    tell({ world }, made) {
      const image = 'localhost:5001/kaniko-executor:v1.19.2';
      const error = `rpc error: code = Unknown desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": failed to do request: Head "http://localhost:5001/v2/kaniko-executor/manifests/v1.19.2": dial tcp 127.0.0.1:5001: connect: connection refused`;
      pullFails(world, first(made.pods), { error, container: 'kaniko' });
    },
  }),
  sick('build-of-the-other-profile-passed-its-deadline', {
    source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup',
    options: OPTIONS,
    about: ['LambdaFunction/slow-build'],
    says: [/deadline|1800|30 ?min/i],
    confirmed: true,
    tell({ world }) {
      serviceAccount(world, 'knative-lambda-operator');
      const made = build(world, 'slow-build', { age: '33m', pods: 0, deadline: 1800 });
      jobFails(world, made.job, 'DeadlineExceeded', 'Job was active longer than specified deadline', '3m');
      made.job.status.failed = 1;
      buildFailed(world, made, '3m');
      failedAlert(world, made);
      return 'slow-build never finished.';
    },
  }),
];
