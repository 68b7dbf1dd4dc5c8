import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT } from '../acceptance/program.ts';

const UNITS: Readonly<Record<string, number>> = { Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 };
const quantity = z.string().transform((text) => {
  const found = /^(\d+)(Ki|Mi|Gi)$/.exec(text);
  if (!found) throw new Error(`${text} is not an amount of memory this check can read`);
  return Number(found[1]) * (UNITS[found[2] ?? ''] ?? 1);
});

const shape = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        terminationGracePeriodSeconds: z.number(),
        securityContext: z.object({ runAsUser: z.number(), runAsGroup: z.number() }),
        containers: z.tuple([
          z.object({
            env: z.array(z.object({ name: z.string(), value: z.string().optional() })),
            startupProbe: z.object({ periodSeconds: z.number(), failureThreshold: z.number() }),
            resources: z.object({ limits: z.object({ memory: quantity }) }),
            securityContext: z.object({ readOnlyRootFilesystem: z.literal(true) }),
            volumeMounts: z.array(
              z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().default(false) }),
            ),
          }),
        ]),
        volumes: z.array(
          z.object({
            name: z.string(),
            configMap: z.object({}).optional(),
            emptyDir: z.object({ sizeLimit: quantity.optional() }).optional(),
            persistentVolumeClaim: z.object({}).optional(),
            secret: z.object({}).optional(),
          }),
        ),
      }),
    }),
  }),
});

/** A folder of the pod. */
export interface Mount {
  readonly path: string;
  readonly kind: 'settings' | 'scratch' | 'store' | 'secrets';
  /** Bytes it may hold; null without a limit. */
  readonly limit: number | null;
}

/** What `manifests/base/deployment.yaml` gives the responder. */
export interface Deployment {
  readonly memoryLimit: number;
  /** Seconds it may take to start, and to stop. */
  readonly startSeconds: number;
  readonly graceSeconds: number;
  readonly uid: number;
  readonly gid: number;
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
}

/** Reads the Deployment. @throws ZodError when it lost something this check stands on, such as its memory limit. */
export function readDeployment(): Deployment {
  const { spec } = shape.parse(parse(readFileSync(join(ROOT, 'manifests/base/deployment.yaml'), 'utf8'))).spec.template;
  const [container] = spec.containers;
  return {
    memoryLimit: container.resources.limits.memory,
    startSeconds: container.startupProbe.periodSeconds * container.startupProbe.failureThreshold,
    graceSeconds: spec.terminationGracePeriodSeconds,
    uid: spec.securityContext.runAsUser,
    gid: spec.securityContext.runAsGroup,
    env: Object.fromEntries(container.env.map(({ name, value }) => [name, value ?? ''])),
    mounts: container.volumeMounts.map(({ name, mountPath }) => {
      const volume = spec.volumes.find((one) => one.name === name);
      const kind = volume?.configMap ? 'settings' : volume?.emptyDir ? 'scratch' : volume?.secret ? 'secrets' : 'store';
      return { path: mountPath, kind, limit: volume?.emptyDir?.sizeLimit ?? null };
    }),
  };
}
