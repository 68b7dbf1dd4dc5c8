import { failingBuild, rebuild } from './objects/failingBuild.ts';
import type { Scenario } from './scenario.ts';

/** The registry's credential was rotated: every build ends within seconds, whatever its runtime. */
export const registryUnauthorized: Scenario = {
  id: 's02-registry-unauthorized',
  title: 'Registry refuses pushes (401)',
  about: 'Every build ends after 4 seconds because the push credential is no longer valid. Running functions are fine.',
  cause: 'The registry refuses the push credential (401 UNAUTHORIZED) for all functions',
  verdict: 'cause',
  stages: (names) => [
    ...names.functions.flatMap((functionName, index) =>
      failingBuild({
        functionName,
        at: index * 25,
        lasts: 4,
        ended: { exitCode: 1, reason: 'Error' },
        log: ({ image }) => [
          [
            0,
            `error checking push permissions -- make sure you entered the correct tag name, and that you are authenticated correctly, and try again: checking push permission for "${image}": POST http://${names.registry}/v2/${names.functionNamespace}/${functionName}/blobs/uploads/: UNAUTHORIZED: authentication required`,
          ],
        ],
      }),
    ),
    {
      at: 190,
      what: 'the failure rate alert fires',
      play: (scene) => scene.fire({ name: 'KnativeLambdaBuildFailureRateHigh', labels: {}, value: 1 }),
    },
  ],
  fix: {
    what: 'restore the registry credential, try one build, then retry the failed ones',
    stages: ({ functions }) => rebuild(functions, 0),
  },
};
