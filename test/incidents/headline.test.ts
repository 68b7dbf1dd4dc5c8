import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { affected, headline } from '../../src/incidents/headline.ts';
import { firing, MINUTE, resolved, T0 } from '../builders/alerts.ts';
import { Ledger } from './fixtures.ts';

function opened(...labels: readonly Record<string, string>[]): ReturnType<Ledger['find']> {
  const ledger = new Ledger();
  ledger.deliver(labels.map((each) => firing({ alertname: 'BuildOOMKilled', incident_severity: 'sev2', ...each })));
  return ledger.find(1);
}

test('a lock screen shows severity, what, where, how much and how long', () => {
  const pods = ['a', 'b', 'c'].map((pod) => ({ function: 'image-resizer', pod }));
  expect(headline(opened(...pods), T0 + 3 * MINUTE)).toBe('SEV2 BuildOOMKilled image-resizer · prod · 3 pods · 4 min');
});

test('objects are listed once, by kind, and only what fires while something does', () => {
  const ledger = new Ledger();
  const one = firing({ pod: 'a', node: 'n1' });
  ledger.deliver([one, firing({ pod: 'b', node: 'n1' }), firing({ pod: 'b', node: 'n1', container: 'x' })]);
  expect(affected(ledger.find(1).alerts).map((each) => each.text)).toEqual(['2 pods', '1 node']);
  ledger.deliver([resolved(one, T0)], T0 + MINUTE);
  expect(affected(ledger.find(1).alerts)).toMatchObject([
    { label: 'pod', count: 1, names: ['b'] },
    { label: 'node', count: 1, names: ['n1'] },
  ]);
});

test('a resolved incident says how it ended and how long it took', () => {
  const known = opened({ function: 'f' });
  const over = { ...known.incident, status: 'resolved', resolution: 'person', resolvedAt: T0 + 23 * MINUTE } as const;
  expect(headline({ ...known, incident: over }, T0 + 90 * MINUTE)).toBe(
    'SEV2 BuildOOMKilled f · prod · resolved after 24 min',
  );
});

test('whatever the labels hold, it is one line of at most 120 characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme', maxLength: 400 }), (cluster, name) => {
      const line = headline(opened({ function: `x${name}`, cluster: `c${cluster}` }), T0);
      expect(line.length).toBeLessThanOrEqual(120);
      expect(line).not.toMatch(/[\n\r\u2028]/);
      expect(line.isWellFormed()).toBe(true);
    }),
  );
  expect(headline(opened({ function: '👩‍👩‍👧‍👦'.repeat(60) }), T0).length).toBeLessThanOrEqual(120);
});
