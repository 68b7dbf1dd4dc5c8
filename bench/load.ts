// Posts webhooks to an address from a thread of its own, so that the server's event loop has only the server's work.
import { parentPort, workerData } from 'node:worker_threads';
import { Pool } from 'undici';

export interface Load {
  readonly url: string;
  /** Posts a second, evenly; 0: as many as `atOnce` connections can do. */
  readonly rate: number;
  readonly atOnce: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly posts: number;
  readonly seconds: number;
  /** Of each post, in milliseconds, from when it was due: a queue in front of a slow server counts. */
  readonly latencies: readonly number[];
  readonly refused: number;
}

/** One group of three alerts, as Alertmanager sends it: about 2.4 kB. */
function body(number: number): string {
  const alert = (index: number) => ({
    status: 'firing',
    labels: {
      alertname: `Load${number}`,
      severity: 'info',
      namespace: `team-${number % 50}`,
      pod: `checkout-7d9f8b6c5-${number}-${index}`,
      container: 'app',
      cluster: 'prod-eu-1',
      prometheus: 'monitoring/k8s',
      team: 'shop',
    },
    annotations: {
      summary: 'The container restarts again and again',
      description: `Pod checkout-${number} restarted ${index} times within ten minutes and is not ready for its traffic.`,
      runbook_url: 'https://runbooks.example.com/kubernetes/KubePodCrashLooping',
    },
    startsAt: '2026-11-26T10:00:00.000Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL:
      'https://prometheus.example.com/graph?g0.expr=rate%28kube_pod_container_status_restarts_total%5B10m%5D%29',
    fingerprint: `f${number}a${index}`,
  });
  return JSON.stringify({
    version: '4',
    groupKey: `{}/{team="shop"}:{alertname="Load${number}"}`,
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'lambda-responder',
    externalURL: 'https://alertmanager.example.com',
    alerts: [alert(0), alert(1), alert(2)],
  });
}

async function run({ url, rate, atOnce, seconds }: Load): Promise<LoadResult> {
  const pool = new Pool(url, { connections: atOnce });
  const latencies: number[] = [];
  let refused = 0;
  let number = 0;
  const post = async (due: number): Promise<void> => {
    number += 1;
    const answer = await pool.request({
      method: 'POST',
      path: '/webhooks/alertmanager',
      headers: { 'content-type': 'application/json' },
      body: body(number),
    });
    await answer.body.dump();
    if (answer.statusCode !== 200) refused += 1;
    latencies.push(performance.now() - due);
  };
  const begin = performance.now();
  const end = begin + seconds * 1000;
  if (rate === 0) {
    const one = async () => {
      while (performance.now() < end) await post(performance.now());
    };
    await Promise.all(Array.from({ length: atOnce }, one));
  } else {
    const pending: Promise<void>[] = [];
    for (let sent = 0; sent < rate * seconds; ) {
      const due = Math.floor(((performance.now() - begin) / 1000) * rate);
      for (; sent <= due && sent < rate * seconds; sent += 1) pending.push(post(begin + (sent / rate) * 1000));
      await new Promise((wake) => setTimeout(wake, 1));
    }
    await Promise.all(pending);
  }
  const took = (performance.now() - begin) / 1000;
  await pool.close();
  return { posts: latencies.length, seconds: took, latencies, refused };
}

parentPort?.postMessage(await run(workerData));
