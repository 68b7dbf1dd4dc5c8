/**
 * Brings a real control plane up and keeps it until Ctrl-C: `node test/cluster/up.ts [1.34]`. It prints a kubeconfig of
 * cluster-admin, and one of the bot's own account. With KUBECONFIG_TEST the tests use it instead of one of their own.
 */
import { minorUnderTest, openTestCluster, startTestCluster } from './testCluster.ts';

const started = await startTestCluster(process.argv[2] ?? minorUnderTest());
process.env.KUBECONFIG_TEST = started.kubeconfig;
const cluster = await openTestCluster();
console.log(`Kubernetes ${started.version} at ${started.server}`);
console.log(`  cluster-admin:  export KUBECONFIG=${started.kubeconfig}`);
console.log(`  the bot's own:  export KUBECONFIG=${cluster.bot.kubeconfig}`);
console.log(`  the tests:      export KUBECONFIG_TEST=${started.kubeconfig}`);
console.log('Ctrl-C stops it.');
const keep = setInterval(() => {}, 60_000);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    clearInterval(keep);
    void cluster
      .close()
      .then(started.stop)
      .then(() => process.exit(0));
  });
