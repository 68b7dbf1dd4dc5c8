import { expect, test } from '@jest/globals';
import { RULES } from '../../src/k8s/rules/allRules.ts';
import { CASES } from './cases/index.ts';

/**
 * What each rule might be led astray by: a world that is well and has what the rule looks for, in the past, on purpose or elsewhere.
 * A rule that is added brings such a world.
 */
const TEMPTED: Readonly<Record<string, readonly string[]>> = {
  nodeCases: ['node-pressure-is-over', 'node-rebooted-and-everything-came-back', 'node-is-cordoned-and-nothing-waits'],
  schedulingCases: [
    'scheduled-after-the-autoscaler-brought-a-node',
    'node-agent-is-meant-for-nodes-that-are-not-there-and-nobody-asks',
  ],
  preemptionCases: ['more-important-pod-took-the-place-and-another-was-found'],
  workloadCases: ['service-account-came-a-second-later', 'quota-has-room-again', 'rolling-update-in-progress'],
  volumeCases: ['volume-was-mounted-at-the-second-try', 'claim-was-provisioned-at-the-third-try'],
  imageCases: ['image-was-pulled-at-the-second-try', 'large-image-is-being-pulled'],
  containerCases: ['restarted-twice-three-weeks-ago', 'killed-for-memory-ten-days-ago'],
  probeCases: ['readiness-failed-while-it-started', 'startup-probe-failed-some-times-and-passed'],
  saturationCases: ['batch-takes-all-the-cpu-it-may-have-and-is-well'],
  logCases: ['log-speaks-of-errors-and-has-none'],
  serviceCases: [
    'service-without-selector-and-one-of-a-name',
    'headless-service-publishes-what-is-not-ready-on-purpose',
  ],
  platformCases: ['serving-webhook-restarted-an-hour-ago-and-answers'],
  knativeCases: ['knative-service-is-scaled-to-zero', 'knative-service-serves-and-an-old-revision-never-did'],
  installationCases: ['installation-of-serving-is-ready-since-its-upgrade'],
  buildCases: ['build-runs-since-ninety-seconds', 'build-failed-and-the-next-one-succeeded'],
  jobCases: ['job-failed-once-and-completed', 'cron-job-is-suspended-since-it-was-made'],
  networkCases: ['policy-denies-all-but-what-is-needed'],
  scalingCases: ['autoscaler-rests-at-its-minimum', 'autoscaler-had-no-metrics-while-pods-started'],
  notIncidentCases: ['scaled-to-zero-on-purpose', 'completed-pods-of-a-job'],
};
/** Its worlds need a metrics server: traffic.test.ts has few requests, and requests that are as bad as ever. */
const ELSEWHERE = ['trafficCases'];

test('every rule has a world that is well and might lead it astray', () => {
  const rules = RULES.map(({ name }) => name);
  expect(rules.filter((name) => !ELSEWHERE.includes(name) && (TEMPTED[name] ?? []).length === 0)).toEqual([]);
  expect(Object.keys(TEMPTED).filter((name) => !rules.includes(name))).toEqual([]);
});

test('those worlds are among the healthy cases, which both doors are asked about', () => {
  const healthy = new Set(CASES.filter(({ expect: { verdict } }) => verdict === 'healthy').map(({ name }) => name));
  expect(
    Object.values(TEMPTED)
      .flat()
      .filter((name) => !healthy.has(name)),
  ).toEqual([]);
});
