import { type Cluster, startCluster } from '../simulator/cluster/start.ts';

export const JOBS = 5_000;
export const PODS = 10_000;
export const EVENTS = 50_000;
export const LOG_BYTES = 200_000_000;

/** A simulated cluster of the sizes the product promises to bear: 5,000 Jobs, 10,000 pods, 50,000 events, a log of 200 MB. */
export async function openCrowd(): Promise<Cluster> {
  const cluster = await startCluster();
  fill(cluster);
  return cluster;
}

function fill({ world }: Cluster): void {
  const now = Date.now();
  for (let index = 0; index < JOBS; index++) {
    const name = `job-${index}`;
    const job = world.apply({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name, namespace: 'builds', labels: { app: 'builder' } },
      spec: { completions: 1, template: { spec: { containers: [{ name: 'kaniko', image: 'kaniko:1' }] } } },
      status: { active: 1, startTime: new Date(now).toISOString() },
    });
    for (const pod of ['a', 'b']) {
      world.apply({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: `${name}-${pod}`,
          namespace: 'builds',
          labels: { 'job-name': name },
          ownerReferences: [{ kind: 'Job', name, uid: job.metadata.uid, controller: true }],
        },
        spec: {
          nodeName: 'node-a',
          containers: [{ name: 'kaniko', image: 'kaniko:1', resources: { limits: { memory: '4Gi' } } }],
        },
        status: {
          phase: 'Running',
          containerStatuses: [{ name: 'kaniko', ready: true, restartCount: 0, state: { running: {} } }],
        },
      });
      world.usage({
        kind: 'Pod',
        namespace: 'builds',
        name: `${name}-${pod}`,
        containers: { kaniko: { cpuMilli: 100 + (index % 900), memoryMi: 64 + (index % 2_000) } },
      });
    }
  }
  for (let index = 0; index < EVENTS; index++) {
    const name = `job-${index % JOBS}-a`;
    world.event({
      type: 'Warning',
      reason: 'BackOff',
      message: `attempt ${index}`,
      regarding: { apiVersion: 'v1', kind: 'Pod', namespace: 'builds', name },
      source: 'kubelet',
    });
  }
  const text = 'x'.repeat(180);
  const count = Math.ceil(LOG_BYTES / 190);
  world.logStream(
    { namespace: 'builds', pod: 'job-0-a', container: 'kaniko' },
    { count, line: (index) => ({ at: now - count + index, text: `${String(index).padStart(8, '0')} ${text}` }) },
  );
}
