import { startTestCluster } from './testCluster.ts';

/** Starts one cluster for all test files, unless KUBECONFIG_TEST names one. What stops it is called by `teardown.ts`. */
export default async function setup(): Promise<void> {
  if (process.env.KUBECONFIG_TEST) return;
  const begin = performance.now();
  const started = await startTestCluster();
  process.env.KUBECONFIG_TEST = started.kubeconfig;
  const seconds = Math.round((performance.now() - begin) / 100) / 10;
  console.log(`\nKubernetes ${started.version}: up in ${seconds} s at ${started.server}`);
  Object.assign(globalThis, { stopTestCluster: started.stop });
}
