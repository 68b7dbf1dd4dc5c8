import { ALERTS } from '../../manifests/prometheus/catalogue.ts';
import { namesOf } from '../../manifests/prometheus/names.ts';
import { PROFILES } from '../../src/alerts/profile.ts';
import type { DiagnosticRequest } from '../../src/commands/ports.ts';
import { createDiagnostics, DIAGNOSTICS } from '../../src/k8s/ask/diagnostics.ts';
import type { ClusterAccess } from '../../src/k8s/client/cluster.ts';
import { RESOURCES, type Resource } from '../../src/k8s/client/resources.ts';
import { RECOVERING } from '../../src/k8s/facts/recovered.ts';
import { createFirstLook } from '../../src/k8s/look/firstLook.ts';
import { KINDS } from '../../src/k8s/subjects/kinds.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { asking } from '../builders/diagnostics.ts';
import { incidentOf } from './diagnosisWorld.ts';
import { open } from './servers.ts';
import { startStage, unhurried } from './stage.ts';

/** One read: the URL's segments, and who made it (`diag pods`, `first look`, `did you mean`). */
export interface Reading {
  readonly path: readonly string[];
  readonly by: string;
}

const SICK = ['s01', 's02', 's06', 's07', 's08', 's09', 's11', 's12', 's13', 't01'];

/**
 * Everything the product reads of a cluster: each diagnostic with and without a name, the first look of every shipped
 * alert, and the names suggested for a mistyped one, of a healthy platform and of one on which much is wrong. The second
 * generation's platform (operator) has all the first has, and LambdaFunctions.
 */
export async function everyReading(): Promise<readonly Reading[]> {
  const profile = 'operator';
  const readings: Reading[] = [];
  let by = '';
  const stage = await startStage(profile);
  const access = open(stage.cluster.kubeconfig(), { clock: unhurried() });
  const told: ClusterAccess = {
    ...access,
    json(read) {
      readings.push({ path: read.path, by });
      return access.json(read);
    },
    text(read) {
      readings.push({ path: read.path, by });
      return access.text(read);
    },
  };
  const parts = {
    clusters: new Map([['test', told]]),
    defaultCluster: 'test',
    profile: PROFILES[profile],
    redactor: createRedactor(),
    clock: stage.now,
  };
  const diagnostics = createDiagnostics(parts);
  const look = createFirstLook(parts);
  const ask = async (diagnostic: string, more: Partial<DiagnosticRequest>) => {
    by = `diag ${diagnostic}`;
    // What is not there, or not to be told without a name, is read all the same.
    await diagnostics.run(asking(diagnostic, { namespace: parts.profile.controlNamespace, ...more })).catch(() => {});
  };
  try {
    for (const { name } of DIAGNOSTICS) await ask(name, {});
    for (const id of SICK) stage.director.start(id, { startedAgo: 1_200 });
    stage.pass(10);
    const { controlNamespace, controlDeployment } = parts.profile;
    by = 'did you mean';
    const [pods, functions] = await Promise.all(
      (['pod', 'function', 'job', 'namespace'] as const).map((kind) =>
        diagnostics.names(kind, controlNamespace, AbortSignal.timeout(60_000)),
      ),
    );
    const objects = [pods?.[0] ?? '', functions?.[0] ?? '', 'job/none', 'statefulset/none', 'daemonset/none'];
    // A description is a whole look: of two objects it reads all it may.
    for (const { name } of DIAGNOSTICS)
      for (const object of name === 'describe'
        ? [objects[0] ?? '', `deployment/${controlDeployment}`]
        : [null, ...objects, `deployment/${controlDeployment}`])
        await ask(name, { name: object });
    // More events than one page: those of an object are then asked for by what it made.
    for (let index = 0; index < 600; index += 1)
      stage.cluster.world.event({
        type: 'Normal',
        reason: 'Pulled',
        message: `image ${index}`,
        regarding: { apiVersion: 'v1', kind: 'Pod', namespace: 'busy', name: 'pod' },
        source: 'kubelet',
      });
    await ask('events', { name: controlDeployment, namespace: 'busy' });
    // What warnings are about is read as it is now, whatever kind it is of.
    const warn = (namespace: string, { group, version, kind }: Resource, reason: string, message: string) =>
      stage.cluster.world.event({
        type: 'Warning',
        reason,
        message,
        regarding: { apiVersion: group === '' ? version : `${group}/${version}`, kind, namespace, name: 'one' },
        source: 'controller',
      });
    const full = 'pods "one-x" is forbidden: exceeded quota: team, requested: pods=1, used: pods=2, limited: pods=2';
    for (const kind of RECOVERING) {
      const place = `warned-${kind.toLowerCase()}`;
      warn(place, RESOURCES.statefulsets, 'FailedCreate', `create Pod one-x in StatefulSet one failed error: ${full}`);
      warn(place, KINDS[kind].resource, 'InternalError', 'it went wrong');
      await ask('events', { namespace: place });
    }
    for (const plural of ['replicasets', 'statefulsets', 'daemonsets', 'jobs'] as const)
      warn('refused', RESOURCES[plural], 'FailedCreate', `Error creating: ${full}`);
    await ask('quota', { namespace: 'refused' });
    by = 'first look';
    for (const { name, test } of ALERTS)
      for (const labels of test.labels(namesOf(profile, 'knative-1.18')).slice(0, 1))
        await look(incidentOf(name, { ...labels }, profile), AbortSignal.timeout(60_000));
    return readings;
  } finally {
    await access.close();
    await stage.close();
  }
}
