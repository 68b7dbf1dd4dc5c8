/** The tests run the TypeScript source as ES modules: swc strips the types, nothing is mocked at module level. */
export default {
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // Tests that need Debian's kubectl, Chromium or Prometheus: `npm run test:system`.
  // Tests of the bundle: `npm run test:bundle`.
  testPathIgnorePatterns: ['/node_modules/', '\\.(system|bundle|cluster)\\.test\\.ts$'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', tsx: false },
          target: 'es2024',
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testTimeout: 90_000,
  // What .ci/tests runs again.
  reporters: ['default', ...(process.env.CI_FAILED_FILES ? ['<rootDir>/.ci/failures.mjs'] : [])],
  maxWorkers: 2,
  workerIdleMemoryLimit: '1GB',
};
