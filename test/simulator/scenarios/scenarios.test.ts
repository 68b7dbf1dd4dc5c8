import { afterEach, describe, expect, it } from '@jest/globals';
import { ALERTS } from '../../../manifests/prometheus/catalogue.ts';
import { namesOf } from '../../../manifests/prometheus/names.ts';
import { createMetricStore } from '../../../simulator/metrics/store.ts';
import type { Director } from '../../../simulator/scenarios/director.ts';
import { createDirector } from '../../../simulator/scenarios/director.ts';
import { SCENARIOS } from '../../../simulator/scenarios/scenarios.ts';
import type { WebhookPayload } from './fakes.ts';
import { ManualClock, RememberedWorld, startReceiver } from './fakes.ts';

const PROFILES = ['builder', 'operator'] as const;
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function stage(profile: (typeof PROFILES)[number]) {
  const receiver = await startReceiver();
  const clock = new ManualClock();
  const world = new RememberedWorld();
  const metrics = createMetricStore(clock);
  const director: Director = createDirector({
    world,
    metrics,
    clock,
    profile,
    webhookUrl: receiver.url,
    grouping: { groupWaitMs: 1, groupIntervalMs: 1 },
  });
  closers.push(receiver.close, director.close);
  return { receiver, clock, world, metrics, director };
}

const playable = PROFILES.flatMap((profile) =>
  SCENARIOS.filter((one) => one.profiles?.includes(profile) ?? true).map((one) => [one.id, profile] as const),
);

/** The label names an alert of a shipped rule has, from the rule's own test. */
function labelNames(alert: WebhookPayload['alerts'][number], profile: (typeof PROFILES)[number]): string[] {
  const rule = ALERTS.find((one) => one.name === alert.labels.alertname && one.severity === alert.labels.severity);
  const [labels] = rule?.test.labels(namesOf(profile, 'knative-1.18')) ?? [];
  return Object.keys(labels ?? {}).sort();
}

const OWN = ['alertname', 'severity', 'incident_severity', 'component', 'team'];

describe('scenarios', () => {
  it('cover the eighteen of the domain sheet, the lost trigger and three that mislead', () => {
    const numbers = new Set(SCENARIOS.map((one) => one.id.slice(0, 3)));
    for (let number = 1; number <= 18; number += 1) expect(numbers).toContain(`s${String(number).padStart(2, '0')}`);
    for (const id of ['t01', 't02', 't03', 't04']) expect(numbers).toContain(id);
    expect(new Set(SCENARIOS.map((one) => one.id)).size).toBe(SCENARIOS.length);
  });

  it.each(playable)('%s plays to its end and fires what the shipped rules give (%s)', async (id, profile) => {
    const { director, clock, receiver } = await stage(profile);
    director.start(id);
    clock.advance(4000);
    director.tick();
    await director.settled();
    const [run] = director.runs();
    expect(run?.problem).toBeNull();
    const alerts = receiver.received.flatMap((one) => one.alerts);
    expect(alerts.length).toBeGreaterThan(0);
    for (const alert of alerts) {
      const own = Object.keys(alert.labels).filter((name) => !OWN.includes(name));
      expect({ alert: alert.labels.alertname, labels: own.sort() }).toEqual({
        alert: alert.labels.alertname,
        labels: labelNames(alert, profile),
      });
      expect(Object.values(alert.annotations).join(' ')).not.toMatch(/\{\{|undefined/);
    }
  });

  it.each(playable)('%s ends with nothing firing once it is fixed (%s)', async (id, profile) => {
    const { director, clock, receiver } = await stage(profile);
    const run = director.start(id, { startedAgo: 1000 });
    await director.settled();
    director.heal(run.id);
    clock.advance(300);
    director.tick();
    await director.settled();
    expect(director.runs()[0]).toMatchObject({ state: 'healed', firing: 0, problem: null });
    const last = new Map<string, string>();
    for (const alert of receiver.received.flatMap((one) => one.alerts)) last.set(alert.fingerprint, alert.status);
    expect([...last.values()].filter((status) => status === 'firing')).toEqual([]);
  });

  it('leave the world as they found it when they are ended', async () => {
    const { director, clock, world } = await stage('operator');
    for (const { id } of director.scenarios()) {
      const run = director.start(id, { startedAgo: 2000 });
      director.end(run.id);
      expect({ id, left: [...world.objects.keys()] }).toEqual({ id, left: [] });
    }
    clock.advance(1);
  });

  it('send about a thousand alerts in the storm', async () => {
    const { director, receiver } = await stage('builder');
    director.start('s10', { startedAgo: 320 });
    await director.settled();
    const sent = new Set(receiver.received.flatMap((one) => one.alerts.map((alert) => alert.fingerprint)));
    expect(sent.size).toBeGreaterThan(900);
  });
});
