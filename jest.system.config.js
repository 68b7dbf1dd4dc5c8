import base from './jest.config.js';

/** The tests that need programs of the machine (kubectl, Chromium, Prometheus: see .ci/packages), and the long ones: chaos and scores. */
export default {
  ...base,
  testMatch: ['**/*.system.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
  testTimeout: 120_000,
};
