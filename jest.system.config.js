import base from './jest.config.js';

/** The tests that need programs of the machine (kubectl, Chromium, Prometheus: see .ci/packages), and the long ones: chaos and scores. */
export default {
  ...base,
  testMatch: ['**/*.system.test.ts'],
  // Deliveries of the largest size take ten minutes: `npm run long` has them.
  testPathIgnorePatterns: ['/node_modules/', ...(process.env.LONG === '1' ? [] : ['/hugeDeliveries\\.'])],
  maxWorkers: 1,
  testTimeout: 240_000,
};
