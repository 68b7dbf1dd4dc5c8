import base from './jest.config.js';

/** The tests that need programs of the machine: kubectl, Chromium, Prometheus (see .ci/run for the Debian packages). */
export default {
  ...base,
  testMatch: ['**/*.system.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
  testTimeout: 120_000,
};
