import type { Bot } from './bot.ts';
import type { Place } from './place.ts';
import { create, createNamespace, deployment, eventually, happen, podsOf, say, setPod, terminated } from './player.ts';
import { NODES } from './testCluster.ts';

type Request = Parameters<Bot['ask']>[0];

const WELL = 'well';

/** A namespace with a healthy workload of two containers, one of them restarted once; measured usage everywhere. */
export async function playHealthy(place: Place): Promise<void> {
  await createNamespace(place, WELL);
  const resources = { requests: { cpu: '200m', memory: '64Mi' } };
  const sidecar = { name: 'helper', image: 'registry.example/helper:1.0', resources };
  const draft = { namespace: WELL, name: 'front', replicas: 2, container: { resources } };
  const made = deployment(draft);
  made.spec.template.spec.containers.push(sidecar);
  await create(place, made);
  const pods = await podsOf(place, draft);
  for (const [index, pod] of pods.entries()) {
    const restarted = { ready: true, restartCount: 1, lastState: terminated(1, 'Error', { ago: 300 }) };
    await setPod(place, pod, index === 0 ? { containers: { main: restarted } } : {});
    for (const container of ['main', 'helper'])
      await say(
        place,
        pod,
        Array.from({ length: 8 }, (_, line) => `${container} line ${line}`),
        { container },
      );
    await say(place, pod, ['before the restart'], { previous: true, ago: 300 });
    const { name } = pod.metadata;
    const containers = { main: { cpuMilli: 120 + index, memoryMi: 80 }, helper: { cpuMilli: 3, memoryMi: 12 } };
    await place.tell({ pods: [{ namespace: WELL, name, containers }] });
    await happen(place, pod, {
      type: 'Normal',
      reason: 'Pulled',
      message: 'Container image already present on machine',
      firstAgo: 400,
    });
  }
  await place.tell({
    nodes: Object.fromEntries(NODES.map((node, index) => [node, { cpuMilli: 800 + index, memoryMi: 4_096 }])),
  });
  await create(place, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'front', namespace: WELL },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'front' },
      minReplicas: 2,
      maxReplicas: 4,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
      ],
    },
  });
  await eventually('measured usage', async () => {
    const { status, text } = await place.api.call('GET', `/apis/metrics.k8s.io/v1beta1/namespaces/${WELL}/pods`);
    return status === 200 && JSON.parse(text).items.length === 2;
  });
}

/** Every diagnostic that prints what one kubectl command prints, in each way it can be asked. */
export function comparedRows(): readonly Request[] {
  return [
    { diagnostic: 'pods', namespace: WELL },
    { diagnostic: 'pods', namespace: 'crash-loop' },
    { diagnostic: 'pods', namespace: 'image-pull' },
    { diagnostic: 'pods', allNamespaces: true },
    { diagnostic: 'pods', namespace: WELL, selector: 'app=front' },
    { diagnostic: 'pods', allNamespaces: true, fieldSelector: 'status.phase=Pending' },
    { diagnostic: 'jobs', namespace: 'failed-job' },
    { diagnostic: 'jobs', allNamespaces: true },
    { diagnostic: 'events', namespace: 'crash-loop' },
    { diagnostic: 'events', namespace: 'quota' },
    { diagnostic: 'events', namespace: 'unschedulable' },
    { diagnostic: 'events', namespace: 'failed-job', fieldSelector: 'type=Warning' },
    { diagnostic: 'top pods', namespace: WELL },
    { diagnostic: 'top pods', allNamespaces: true },
    { diagnostic: 'top pods', namespace: WELL, sortBy: 'memory' },
    { diagnostic: 'top nodes' },
    { diagnostic: 'top nodes', sortBy: 'cpu' },
    { diagnostic: 'hpa', namespace: WELL },
    { diagnostic: 'logs', namespace: 'failed-job', selector: 'app=report', tail: 1 },
    { diagnostic: 'logs', namespace: 'crash-loop', selector: 'app=checkout', tail: 10 },
  ];
}

/** Diagnostics with a table of their own: every object that the kubectl command lists has to be in it, by its name. */
export function namedObjects(): readonly (readonly [Request, readonly string[]])[] {
  const listed = (kinds: string, namespace: string) => ['get', kinds, '-n', namespace];
  return [
    [{ diagnostic: 'nodes' }, ['get', 'nodes', '-l', 'kubernetes.io/os=linux']],
    [{ diagnostic: 'rollouts', namespace: WELL }, listed('deployments', WELL)],
    [{ diagnostic: 'rollouts', namespace: 'quota' }, listed('deployments', 'quota')],
    [{ diagnostic: 'quota', namespace: 'quota' }, listed('resourcequotas', 'quota')],
    [{ diagnostic: 'storage', namespace: 'unbound-volume' }, listed('pvc', 'unbound-volume')],
    [{ diagnostic: 'changes', namespace: WELL }, listed('deployments', WELL)],
    [{ diagnostic: 'changes', namespace: 'quota' }, listed('resourcequotas', 'quota')],
    [{ diagnostic: 'describe', namespace: WELL, name: 'deployment/front' }, listed('deployments', WELL)],
    [{ diagnostic: 'describe', namespace: 'failed-job', name: 'job/report' }, listed('jobs', 'failed-job')],
    [{ diagnostic: 'all', namespace: 'crash-loop' }, listed('pods', 'crash-loop')],
    [{ diagnostic: 'all', namespace: 'failed-job' }, listed('jobs', 'failed-job')],
  ];
}
