import { describe, expect, it } from '@jest/globals';
import { createMetrics, type Gauges, observe } from '../../src/telemetry/metrics.ts';
import { openMetrics, takesOpenMetrics } from '../../src/telemetry/openMetrics.ts';

const WORKING: Gauges = {
  queue: async () => [{ lane: 'incident', waiting: 2, oldestMs: 1500 }],
  accounting: async () => ({ received: 3, onIncident: 3 }),
  deadJobs: async () => 1,
  probe: async () => {},
  slackConnected: () => true,
};

async function scrape(gauges: Gauges): Promise<string> {
  const metrics = createMetrics();
  observe(metrics, gauges);
  return metrics.registry.metrics();
}

describe('a scrape', () => {
  it('is the same in OpenMetrics, a figure that is not known as well', async () => {
    const metrics = createMetrics();
    observe(metrics, { ...WORKING, deadJobs: () => Promise.reject(new Error('disk full')) });
    metrics.jobs.inc({ kind: 'deliverCard', outcome: 'done' });
    const text = await openMetrics(metrics.registry);
    expect(text).toContain('responder_dead_jobs NaN');
    expect(text).toContain(
      '# TYPE responder_jobs counter\nresponder_jobs_total{kind="deliverCard",outcome="done"} 1\n',
    );
    expect(text).not.toMatch(/\n\n/);
    // prom-client's own form of it would have taken `_total` away for good.
    expect(await metrics.registry.metrics()).toContain('responder_jobs_total{');
  });

  it.each([
    ['application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3', true],
    ['text/plain', false],
    ['application/openmetrics-text;q=0, text/plain', false],
    [undefined, false],
  ])('is OpenMetrics when %s is accepted: %s', (accept, expected) => {
    expect(takesOpenMetrics(accept)).toBe(expected);
  });

  it('shows the queue, the accounting and the state of the store', async () => {
    const text = await scrape(WORKING);
    expect(text).toContain('responder_queue_oldest_seconds{lane="incident"} 1.5');
    expect(text).toContain('responder_alerts{state="received"} 3');
    expect(text).toContain('responder_dead_jobs 1');
    expect(text).toContain('responder_store_up 1');
  });

  it('is answered while the store fails, and says that it fails', async () => {
    const fails = () => Promise.reject(new Error('disk full'));
    const text = await scrape({ ...WORKING, queue: fails, accounting: fails, deadJobs: fails, probe: fails });
    expect(text).toContain('responder_store_up 0');
    expect(text).toContain('responder_slack_connected 1');
    expect(text).toContain('responder_dead_jobs Nan');
    expect(text).not.toContain('responder_alerts{');
  });

  it('is answered while the store hangs', async () => {
    const never = () => new Promise<never>(() => {});
    expect(await scrape({ ...WORKING, probe: never })).toContain('responder_store_up 0');
  });
});
