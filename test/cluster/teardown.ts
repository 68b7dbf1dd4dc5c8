/** Stops what `setup.ts` started. */
export default async function teardown(): Promise<void> {
  const { stopTestCluster } = globalThis as { stopTestCluster?: () => Promise<void> }; // Set by setup.ts.
  await stopTestCluster?.();
}
