// The simulators alone, for a responder that runs elsewhere (`npm run simulator`): prints one JSON line with the
// addresses, then runs until it is told to stop. What it takes from the environment is in docs/laptop.md.
import { writeFileSync } from 'node:fs';
import { type Part, startSimulator } from './start.ts';

const PARTS: readonly Part[] = ['workspace', 'cluster', 'metrics'];
const port = (variable: string, byDefault: number) => Number(process.env[variable] ?? byDefault);

const simulator = await startSimulator({
  parts: PARTS,
  host: '127.0.0.1',
  ports: {
    workspace: port('WORKSPACE_PORT', 3000),
    cluster: port('CLUSTER_PORT', 3001),
    metrics: port('METRICS_PORT', 3002),
  },
  profile: process.env.PROFILE === 'operator' ? 'operator' : 'builder',
  ...(process.env.REQUEST_URL ? { requestUrl: process.env.REQUEST_URL } : {}),
});
simulator.begin(
  {
    webhookUrl: process.env.WEBHOOK_URL ?? 'http://127.0.0.1:8080/webhooks/alertmanager',
    webhookToken: process.env.WEBHOOK_TOKEN ?? null,
    alertmanagerUrl: process.env.ALERTMANAGER_URL ?? null,
  },
  { greet: process.env.GREET === 'true' },
);
if (process.env.KUBECONFIG_OUT && simulator.cluster)
  writeFileSync(process.env.KUBECONFIG_OUT, simulator.cluster.kubeconfig(), { mode: 0o600 });
console.log(
  JSON.stringify({
    workspace: simulator.workspace?.url,
    slackApiUrl: simulator.workspace?.apiUrl,
    cluster: simulator.cluster?.url,
    metrics: simulator.metrics?.url,
    scenarios: simulator.scenarioUrl,
  }),
);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    simulator.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}
