import base from './jest.config.js';

/** The tests on a real Kubernetes control plane (test/cluster): one is started for all of them. */
export default {
  ...base,
  roots: ['<rootDir>/test/cluster'],
  testMatch: ['**/*.cluster.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/cluster/setup.ts',
  globalTeardown: '<rootDir>/test/cluster/teardown.ts',
  testSequencer: '<rootDir>/test/cluster/sequencer.cjs',
  maxWorkers: 1,
  testTimeout: 180_000,
};
