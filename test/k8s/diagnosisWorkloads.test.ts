import { describe, expect, test } from '@jest/globals';
import { at, ended, incidentOf, lookAt, pod } from './diagnosisWorld.ts';

const UNBOUND = '0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.';
const ledger = {
  metadata: { name: 'ledger-db-0', namespace: 'data', ownerReferences: [{ kind: 'StatefulSet', name: 'ledger-db' }] },
  spec: {
    containers: [{ name: 'postgres', image: 'postgres:17' }],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-ledger-db-0' } }],
  },
  status: {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: UNBOUND }],
  },
};
const mismatch = incidentOf('KubeStatefulSetReplicasMismatch', { namespace: 'data', statefulset: 'ledger-db' });

describe('of ordinary workloads', () => {
  test('a pod that waits for its volume is told by why the volume is refused, and nothing of it as a bystander', async () => {
    const refused = {
      metadata: { name: 'data-ledger-db-0.1', namespace: 'data' },
      type: 'Warning',
      reason: 'ProvisioningFailed',
      message: 'storageclass.storage.k8s.io "gp3-fast" not found',
      lastTimestamp: at(-1),
      involvedObject: { kind: 'PersistentVolumeClaim', name: 'data-ledger-db-0', namespace: 'data' },
    };
    const result = await lookAt(mismatch, { lists: { 'pods data': [ledger], 'events data': [refused] } });
    expect(result.summary).toBe(
      'StatefulSet ledger-db (pod ledger-db-0) cannot be placed: its claim data-ledger-db-0 is not bound to a volume (storageclass.storage.k8s.io "gp3-fast" not found).',
    );
    expect(result.findings).toHaveLength(1);
    expect(result.findings[0]?.nextStep).toContain('/lambda diag storage');
  });

  test('a claim about which nothing is said is named as not bound', async () => {
    const result = await lookAt(mismatch, { lists: { 'pods data': [ledger] } });
    expect(result.summary).toBe(
      'StatefulSet ledger-db (pod ledger-db-0) cannot be placed: its claim data-ledger-db-0 is not bound to a volume.',
    );
  });

  test('a pod of a Job that ended is not sent to a log before its only one', async () => {
    const known = incidentOf('KubeJobFailed', { namespace: 'batch', job_name: 'report-29384720' });
    const failed = pod(
      'report-29384720-klmno',
      'batch',
      { state: ended(2, 'Error'), ready: false },
      {
        owner: { kind: 'Job', name: 'report-29384720' },
      },
    );
    const result = await lookAt(known, { lists: { 'pods batch': [failed] } });
    expect(result.findings[0]?.conclusion).toContain('ended with exit code 2');
    expect(result.findings[0]?.conclusion).not.toContain('restarts');
    expect(result.findings[0]?.nextStep).toContain('diag logs report-29384720-klmno');
    expect(result.findings[0]?.nextStep).not.toContain('--previous');
  });

  test('a node whose kubelet is silent leads to the machine, not to its builds', async () => {
    const known = incidentOf('KubeNodeNotReady', { node: 'ip-10-0-1-13' });
    const silent = {
      metadata: { name: 'ip-10-0-1-13' },
      status: { conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'silent' }] },
    };
    const result = await lookAt(known, { lists: { nodes: [silent] } });
    expect(result.findings[0]).toMatchObject({
      code: 'node-unreachable',
      nextStep: expect.stringContaining('Look at the machine and its kubelet'),
    });
  });
});
