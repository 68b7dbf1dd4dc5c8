import { dig, type KubeObject, refOf, rfc3339, text } from '../object.ts';
import type { ClusterWorld } from '../world.ts';

const SERVING = 'serving.knative.dev/v1';

/**
 * Knative's route controller for a Knative Service that was changed through the API: its traffic follows its spec, and
 * a missing revision is reported in its conditions. test/cluster/traffic.ts runs the same on the real one.
 */
export function followTraffic(world: ClusterWorld, service: KubeObject, now: number): void {
  const { name, namespace = '' } = service.metadata;
  const asked = dig(service.spec, 'traffic');
  const latest = text(service.status, 'latestReadyRevisionName');
  const targets = (Array.isArray(asked) && asked.length > 0 ? asked : [{ latestRevision: true, percent: 100 }]).map(
    (one: object) => ({ ...one, revisionName: text(one, 'revisionName') ?? latest }),
  );
  const missing = targets.find(
    ({ revisionName }) =>
      revisionName !== undefined &&
      !world.get({ apiVersion: SERVING, kind: 'Revision', namespace, name: revisionName }),
  );
  // One that has no revision yet: nothing makes one here.
  if (missing === undefined && targets.some(({ revisionName }) => revisionName === undefined)) return;
  const refs = [
    [refOf(service), 'RoutesReady'],
    [{ apiVersion: SERVING, kind: 'Route', namespace, name }, 'AllTrafficAssigned'],
  ] as const;
  for (const [ref, type] of refs) {
    const before = dig(world.get(ref)?.status, 'conditions');
    const told = missing ? refusal(missing.revisionName ?? '') : { status: 'True' };
    const own = [type, 'Ready'].map((one) => ({ type: one, ...told, lastTransitionTime: rfc3339(now) }));
    const others = (Array.isArray(before) ? before : []).filter(
      (one) => !own.some((of) => of.type === text(one, 'type')),
    );
    world.patchStatus(ref, { conditions: [...others, ...own], ...(missing ? {} : { traffic: targets }) });
  }
}

function refusal(revision: string) {
  const message = `Revision "${revision}" referenced in traffic not found.`;
  return { status: 'False', reason: 'RevisionMissing', message };
}
