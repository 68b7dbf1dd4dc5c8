import { failingBuild, rebuild } from './objects/failingBuild.ts';
import type { Scenario } from './scenario.ts';

const PYTHON = ['hello-python', 'image-resizer', 'invoice-parser'];

/** Only Python builds fail: their base image is not in the registry. */
export const baseImageMissing: Scenario = {
  id: 's15-base-image-missing',
  title: 'Base image missing',
  about: 'Every Python build fails at once, Node builds are fine.',
  cause: 'The base image python:3.11-alpine does not exist in the registry (MANIFEST_UNKNOWN)',
  verdict: 'cause',
  stages: (names) => [
    ...PYTHON.flatMap((functionName, index) =>
      failingBuild({
        functionName,
        at: index * 40,
        lasts: 3,
        ended: { exitCode: 1, reason: 'Error' },
        log: () => [
          [-2, `INFO[0001] Retrieving image manifest ${names.registry}/python:3.11-alpine`],
          [
            0,
            `error building image: unable to complete operation after 0 attempts, last error: GET http://${names.registry}/v2/python/manifests/3.11-alpine: MANIFEST_UNKNOWN: manifest unknown`,
          ],
        ],
      }),
    ),
    {
      at: 240,
      what: 'the failure rate alert fires',
      play: (scene) => scene.fire({ name: 'KnativeLambdaBuildFailureRateHigh', labels: {}, value: 0.6 }),
    },
  ],
  fix: { what: 'push the base image or pin a version that exists, then build again', stages: () => rebuild(PYTHON, 0) },
};
