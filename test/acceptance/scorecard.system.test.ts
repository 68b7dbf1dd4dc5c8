import { describe, expect, test } from '@jest/globals';
import type { Scenario } from '../../simulator/scenarios/scenario.ts';
import { SCENARIOS } from '../../simulator/scenarios/scenarios.ts';
import type { IncidentWithAlerts } from '../../src/incidents/incident.ts';
import { FIXED_RULES } from '../../src/incidents/policy.ts';
import { type Look, type Played, play } from './scorecard.ts';

/** What the top finding must name, by scenario: the scripted cause in the words of the evidence. */
const CAUSES: Readonly<Record<string, RegExp>> = {
  s01: /build of image-resizer was killed for using more memory than its limit of 4Gi/,
  s02: /may not push: the registry refuses the credentials/,
  s03: /source of invoice-parser does not exist in the bucket|build of invoice-parser cannot find its source/,
  s04: /build of hello-python (?:hangs after \d+ min while downloading packages|ran longer than its deadline)/,
  s05: /image \S+ of revision hello-nodejs-00007 does not exist in its registry/,
  s06: /revision hello-nodejs-00008 ends with exit code 1: a module or class is missing: express .*Cannot find module 'express'/,
  s07: /ResourceQuota builds-quota of knative-lambda(?:-builds)? is full for limits\.memory/,
  s08: /Deployment webhook\b/,
  s09: /volume (?:of the pod|\S+) of (?:Deployment|StatefulSet) minio cannot be attached/,
  s10: /storm of builds/,
  s11: /Node node-b is under memory pressure .*and evicts pods/,
  s12: /notify-webhook-00004 answers 500 since it was deployed/,
  s13: /Deployment knative-lambda-(?:builder|operator) .* more memory than its limit .* since release .*v1\.13\.17/,
  s14: /Deployment activator .* more memory than its limit/,
  s15: /base image that the registry does not have \(python:3\.11-alpine\)/,
  s16: /Kubernetes API server is slow/,
  s17a: /all 5 functions are in phase Ready; the gauge is stale/,
  s17b: /revision invoice-parser-00002 has no traffic and scaled to zero/,
  s17c: /Nothing is down: all \d+ pods in knative-serving are ready/,
  s17d: /build of hello-python fails because the function’s own code does not compile/,
  // The wave of retries that fills the quota comes when the node has recovered.
  s18: /[Nn]ode node-b (?:is under memory pressure|was low on memory)|storm of builds/,
  t01: /price-updater was built \d+ min ago and has no Knative Service/,
  t02: /image-resizer was killed for using more memory|build of invoice-parser may not push/,
  t03: /^Unknown/,
  t04: /revision image-resizer-00003 was killed for using more memory than its limit of 128Mi/,
};

const idOf = ({ id }: Scenario) => id.split('-')[0] ?? id;

/** One after the other: the figures are those of a look that has the machine for itself. */
async function playAll(
  scenarios: readonly Scenario[],
  profile: 'builder' | 'operator',
  options: { readonly latencyMs?: number } = {},
): Promise<ReadonlyMap<string, Played>> {
  const results = new Map<string, Played>();
  for (const scenario of scenarios) {
    const played = await play(scenario, profile, { ...options, until: 1900 });
    await played.close();
    results.set(scenario.id, played);
  }
  return results;
}

/** The latest look at each incident. */
function lastLooks(played: Played): readonly Look[] {
  return [...new Map(played.looks.map((look) => [look.incident, look])).values()];
}

function isRight(scenario: Scenario, look: Look): boolean {
  const { findings, summary, dismissal } = look.result;
  const top = findings[0];
  if (!top || !CAUSES[idOf(scenario)]?.test(top.conclusion)) return false;
  if (scenario.verdict === 'unknown') return top.confidence === 'unknown';
  if (scenario.verdict === 'dismissed') return dismissal !== null && dismissal !== undefined;
  // The alert that names no object has both causes before it; the others are about one build each.
  if (scenario.verdict === 'several' && look.alerts.some((name) => /Rate/.test(name)))
    return (
      /^2 causes: /.test(summary) &&
      /image-resizer was killed/.test(summary) &&
      /invoice-parser may not push/.test(summary)
    );
  return top.confidence === 'confirmed' || top.confidence === 'likely';
}

function table(profile: string, rows: readonly (readonly [Scenario, Look])[]): string {
  const lines = rows.map(([scenario, look]) => {
    const top = look.result.findings[0]?.conclusion ?? look.result.summary;
    const alert = look.alerts[0]?.replace('KnativeLambda', '') ?? '';
    const cells = [
      scenario.id.slice(0, 28).padEnd(28),
      alert.slice(0, 24).padEnd(24),
      isRight(scenario, look) ? 'right' : 'WRONG',
      `${Math.round(look.ms)} ms`.padStart(8),
      `${look.calls} calls`.padStart(8),
    ];
    return `${cells.join('  ')}  ${top.slice(0, 110)}`;
  });
  return `\nscorecard, profile ${profile}\n${lines.join('\n')}\n`;
}

describe.each(['builder', 'operator'] as const)('on the %s platform', (profile) => {
  const scenarios = SCENARIOS.filter(({ profiles }) => profiles?.includes(profile) ?? true);

  test('the top finding of every first look names the scripted cause', async () => {
    const played = await playAll(scenarios, profile);
    const rows = scenarios.flatMap((scenario) =>
      lastLooks(played.get(scenario.id) ?? missing(scenario)).map((look) => [scenario, look] as const),
    );
    process.stdout.write(table(profile, rows));
    const wrong = rows
      .filter(([scenario, look]) => !isRight(scenario, look))
      .map(([{ id }, look]) => `${id} ${look.alerts.join(',')}: ${look.result.summary}`);
    expect(wrong).toEqual([]);
    expect(new Set(rows.map(([{ id }]) => id)).size).toBe(scenarios.length);
    expect(Math.max(...rows.map(([, look]) => look.calls))).toBeLessThanOrEqual(FIXED_RULES.firstLook.calls);
    checkDismissed(scenarios, played);
    checkCompound(played.get('s18-compound') ?? missing(scenarios[0]), profile);
  }, 400_000);
});

function missing(scenario: Scenario | undefined): never {
  throw new Error(`${scenario?.id} was not played`);
}

/** RULES: sev3 and sev4 are dismissed with the evidence; for sev1 and sev2, or where it does not decide, that is proposed. */
function checkDismissed(scenarios: readonly Scenario[], played: ReadonlyMap<string, Played>): void {
  for (const scenario of scenarios.filter(({ verdict }) => verdict === 'dismissed')) {
    const { incidents, looks } = played.get(scenario.id) ?? missing(scenario);
    for (const { incident } of incidents) {
      const dismissal = looks.findLast((look) => look.incident === incident.number)?.result.dismissal;
      const minor = incident.severity === 'sev3' || incident.severity === 'sev4';
      const expected = minor && dismissal?.decided ? 'dismissed' : null;
      expect([scenario.id, incident.resolution]).toEqual([scenario.id, expected]);
    }
  }
}

/** One incident a namespace for the node's victims, each linked to the others. */
function checkCompound({ incidents }: Played, profile: string): void {
  const about = (pattern: RegExp): IncidentWithAlerts | undefined =>
    incidents.find(({ alerts }) => alerts.some(({ name }) => pattern.test(name)));
  const evicted = about(/PodsEvicted/);
  const storage = about(/StorageDown/);
  const node = about(/NodePressure/);
  expect([profile, storage?.incident.namespace]).toEqual([profile, 'minio']);
  for (const [one, other] of [
    [evicted, storage],
    [storage, evicted],
    [storage, node],
  ])
    expect(one?.incident.related).toContainEqual({ number: other?.incident.number, why: 'same cause: node node-b' });
}

test('with 50 ms between us and the API server a first look stays within its ten seconds', async () => {
  const chosen = SCENARIOS.filter((scenario) => ['s01', 's02', 's09', 's11', 't01'].includes(idOf(scenario)));
  const played = await playAll(chosen, 'builder', { latencyMs: 50 });
  const rows = chosen.flatMap((scenario) =>
    lastLooks(played.get(scenario.id) ?? missing(scenario)).map((look) => [scenario, look] as const),
  );
  process.stdout.write(table('builder, 50 ms latency', rows));
  expect(rows.filter(([scenario, look]) => !isRight(scenario, look)).map(([{ id }]) => id)).toEqual([]);
}, 300_000);
