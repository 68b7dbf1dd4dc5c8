import { platformNames } from '../scenarios/names.ts';
import { definitionOf } from './kinds/custom.ts';
import { lambda } from './kinds/lambda.ts';
import { rfc3339 } from './object.ts';
import { DAY } from './platform/ages.ts';
import { installBuilds } from './platform/builds.ts';
import { installControlPlane } from './platform/controlPlane.ts';
import { installEventing } from './platform/eventing.ts';
import { installFunctions } from './platform/functions.ts';
import { installKnative } from './platform/knative.ts';
import { installNodes, Placer } from './platform/nodes.ts';
import { installStorage } from './platform/storage.ts';
import { startTraffic } from './platform/traffic.ts';
import type { ClusterWorld } from './world.ts';

export interface PlatformOptions {
  readonly profile: 'builder' | 'operator';
  /** Epoch milliseconds; everything is as old as it would be on a platform that has run for weeks. */
  readonly now: number;
}

/**
 * Fills an empty cluster with a healthy Knative Lambda platform (docs/platform.md): nodes, Knative,
 * control plane, storage, five functions that serve, the builds of the last hours, and those to come.
 */
export function installPlatform(world: ClusterWorld, { profile, now }: PlatformOptions): void {
  const names = platformNames(profile);
  if (profile === 'operator') for (const resource of lambda) world.apply(definitionOf(resource));
  const site = { world, placer: new Placer(), now };
  for (const name of new Set([
    'default',
    'kube-system',
    'kube-node-lease',
    'minio',
    'knative-operator',
    'knative-serving',
    'knative-eventing',
    'kourier-system',
    names.controlNamespace,
    names.buildsNamespace,
    names.functionNamespace,
    names.rabbitmqNamespace,
  ])) {
    world.apply({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, creationTimestamp: rfc3339(now - 42 * DAY), labels: { 'kubernetes.io/metadata.name': name } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  }
  installNodes(world, now);
  installKnative(site);
  installControlPlane(site, names);
  installStorage(site, names);
  installEventing(site, names);
  installFunctions(site, names);
  installBuilds(site, names);
  startTraffic(world, names, now);
}
