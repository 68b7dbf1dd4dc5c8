import base from './jest.config.js';

/**
 * The suites that run the whole program, on the bundle with the image's flags (`npm run test:bundle` sets BUNDLE=1, after
 * `npm run build`). Left out are those of the acceptance tests that run no program, or `npm start`.
 */
export default {
  ...base,
  testMatch: [
    '<rootDir>/test/bundle/*.bundle.test.ts',
    '<rootDir>/test/acceptance/*.test.ts',
    '<rootDir>/test/prometheus/product.test.ts',
    '<rootDir>/test/slack/forms.test.ts',
    '<rootDir>/test/fuzz/doors.test.ts',
  ],
  testPathIgnorePatterns: ['/node_modules/', '/scorecard', '/start\\.system', '/hugeDeliveries\\.'],
  // Each test has the program and the simulators in a process beside its own.
  maxWorkers: 1,
  testTimeout: 120_000,
};
