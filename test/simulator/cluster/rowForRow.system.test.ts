import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { installPlatform } from '../../../simulator/cluster/healthyPlatform.ts';
import { type Cluster, startCluster } from '../../../simulator/cluster/start.ts';
import { PROFILES } from '../../../src/alerts/profile.ts';
import type { DiagnosticRequest, Diagnostics } from '../../../src/commands/ports.ts';
import { createDiagnostics } from '../../../src/k8s/ask/diagnostics.ts';
import type { ClusterAccess } from '../../../src/k8s/client/cluster.ts';
import { openCluster } from '../../../src/k8s/client/cluster.ts';
import { createLogger } from '../../../src/logger.ts';
import { createRedactor } from '../../../src/redaction/redactor.ts';
import { asking } from '../../builders/diagnostics.ts';
import { type Kubectl, kubectlFor } from './kubectl.ts';
import { podObject } from './objects.ts';

const NOW = Date.now();
const BUILDS = { builder: 'knative-lambda-builds', operator: 'knative-lambda' };

/**
 * Each diagnostic says which kubectl command answers the same. That command is run by the machine's own kubectl against
 * the same cluster, whose clock stands still so that ages are equal too.
 */
describe.each(['builder', 'operator'] as const)(
  'a diagnostic shows what real kubectl prints (%s profile)',
  (profile) => {
    let cluster: Cluster;
    let kubectl: Kubectl;
    let access: ClusterAccess;
    let diagnostics: Diagnostics;

    beforeAll(async () => {
      cluster = await startCluster({ tls: true, profile, clock: () => NOW });
      installPlatform(cluster.world, { profile, now: NOW });
      for (let round = 0; round < 3; round += 1) cluster.step();
      breakSomething(cluster);
      kubectl = await kubectlFor(cluster);
      const redactor = createRedactor();
      access = openCluster({
        kubeconfig: cluster.kubeconfig(),
        context: null,
        name: 'here',
        simulated: true,
        log: createLogger({ level: 'silent' }),
        redactor,
        clock: Date.now,
      });
      diagnostics = createDiagnostics({
        clusters: new Map([['here', access]]),
        defaultCluster: 'here',
        profile: PROFILES[profile],
        redactor,
        clock: () => NOW,
      });
    });
    afterAll(async () => {
      await access.close();
      await kubectl.close();
      await cluster.close();
    });

    async function both(request: Partial<DiagnosticRequest> & { diagnostic: string }) {
      const answer = await diagnostics.run(asking(request.diagnostic, request));
      const { stdout, stderr, code } = await kubectl(...answer.kubectl.split(' ').slice(1));
      // kubectl says there which container it takes by default.
      const complaints = stderr.replace(/^Defaulted container .*\n/, '');
      expect({ command: answer.kubectl, code, complaints }).toEqual({
        command: answer.kubectl,
        code: 0,
        complaints: '',
      });
      return { answer, stdout };
    }

    test.each<Partial<DiagnosticRequest> & { diagnostic: string }>([
      { diagnostic: 'jobs', namespace: BUILDS[profile] },
      { diagnostic: 'jobs', allNamespaces: true },
      { diagnostic: 'jobs', namespace: BUILDS[profile], sortBy: '.status.startTime' },
      { diagnostic: 'pods', namespace: 'shop' },
      { diagnostic: 'pods', allNamespaces: true },
      { diagnostic: 'pods', namespace: 'knative-serving', selector: 'app=activator' },
      { diagnostic: 'pods', allNamespaces: true, fieldSelector: 'status.phase=Succeeded' },
      { diagnostic: 'events', namespace: BUILDS[profile] },
      { diagnostic: 'events', allNamespaces: true },
      { diagnostic: 'events', namespace: 'shop', fieldSelector: 'type=Warning' },
      { diagnostic: 'top pods', namespace: 'knative-serving' },
      { diagnostic: 'top pods', allNamespaces: true },
      { diagnostic: 'top pods', namespace: 'knative-serving', sortBy: 'memory' },
      { diagnostic: 'top nodes' },
      { diagnostic: 'top nodes', sortBy: 'cpu' },
    ])('%j', async (request) => {
      const { answer, stdout } = await both(request);
      const [head, ...lines] = printed(stdout);
      const columns = answer.table?.columns ?? [];
      expect(head).toBe(columns.join(' '));
      const rows = (answer.table?.rows ?? []).map(line);
      expect(rows.length).toBeGreaterThan(0);
      // Without an order of one's own the worst stand first; kubectl goes by name, and leaves equals in any order.
      expect(rows.toSorted()).toEqual(lines.toSorted());
      expect(answer.table?.total).toBe(lines.length);
      if (request.diagnostic.startsWith('top') && !request.allNamespaces) expect(rows).toEqual(lines);
    });

    test.each<Partial<DiagnosticRequest>>([
      { tail: 3 },
      { tail: 100 },
      { tail: 100, previous: true },
      { tail: 100, container: 'helper' },
    ])('logs %j', async (request) => {
      const { answer, stdout } = await both({ diagnostic: 'logs', namespace: 'shop', name: 'broken', ...request });
      expect(answer.lines?.length).toBeGreaterThan(0);
      expect(answer.lines).toEqual(stdout.trimEnd().split('\n'));
    });
  },
);

/** Lines of a table with the blanks between the columns made one. */
function printed(stdout: string): readonly string[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((row) => row.trim().replaceAll(/\s+/g, ' '));
}

function line(cells: readonly string[]): string {
  return cells.join(' ').trim().replaceAll(/\s+/g, ' ');
}

function breakSomething({ world }: Cluster): void {
  const at = (secondsAgo: number) => new Date(NOW - secondsAgo * 1000).toISOString();
  const died = { exitCode: 1, reason: 'Error', startedAt: at(200), finishedAt: at(180) };
  world.apply(
    podObject('broken', {
      spec: {
        containers: [
          { name: 'main', image: 'shop:1' },
          { name: 'helper', image: 'helper:1' },
        ],
      },
      status: {
        phase: 'Running',
        containerStatuses: [
          {
            name: 'main',
            ready: false,
            restartCount: 4,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: died },
          },
          { name: 'helper', ready: true, restartCount: 0, state: { running: { startedAt: at(400) } } },
        ],
      },
    }),
  );
  for (const container of ['main', 'helper']) {
    const lines = Array.from({ length: 8 }, (_, index) => ({
      at: NOW - 200_000 + index * 1000,
      text: `${container} line ${index}`,
    }));
    world.log({ namespace: 'shop', pod: 'broken', container, lines });
    if (container === 'main') world.log({ namespace: 'shop', pod: 'broken', container, previous: true, lines });
  }
  const regarding = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'broken' };
  for (const [type, reason, message] of [
    ['Normal', 'Pulled', 'Container image "shop:1" already present on machine'],
    ['Warning', 'BackOff', 'Back-off restarting failed container main in pod broken_shop'],
  ] as const)
    world.event({ type, reason, message, regarding, source: 'kubelet' });
}
