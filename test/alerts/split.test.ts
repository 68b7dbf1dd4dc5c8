import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { saysResolved } from '../../src/alerts/severityWords.ts';
import { readSlice, SLICE_ALERTS, type SplitDelivery, splitDelivery } from '../../src/alerts/split.ts';
import { checkDelivery, parseDelivery } from '../../src/alerts/webhook.ts';

function split(text: string): SplitDelivery {
  const parting = splitDelivery(Buffer.from(text));
  for (;;) {
    const step = parting.next();
    if (step.done) return step.value;
  }
}

function alertsOf({ slices }: SplitDelivery): readonly unknown[] {
  const found: unknown[] = [];
  for (const slice of slices) {
    const { alerts, indexes } = readSlice(slice);
    expect(alerts.length).toBeLessThanOrEqual(SLICE_ALERTS);
    expect(indexes).toHaveLength(alerts.length);
    for (const [at, index] of indexes.entries()) found[index] = alerts[at];
  }
  return found;
}

const alert = (name: string, over: object = {}) => ({ status: 'firing', labels: { alertname: name }, ...over });
const body = (alerts: readonly unknown[]) => JSON.stringify({ version: '4', groupKey: 'g', alerts, status: 'firing' });

describe('a large delivery taken apart', () => {
  test('holds the same alerts, and around them the same as before, whatever is in it', () => {
    const around = fc.dictionary(
      fc.string().filter((name) => name !== 'alerts' && name !== '__proto__'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(around, fc.array(fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'), (outside, alerts, space) => {
        const text = JSON.stringify({ ...outside, alerts }, null, space);
        const parts = split(text);
        expect(alertsOf(parts)).toEqual(JSON.parse(JSON.stringify(alerts)));
        expect(parts.alertCount).toBe(alerts.length);
        expect(JSON.parse(parts.envelope)).toEqual({ ...JSON.parse(text), alerts: [] });
      }),
      { numRuns: 300 },
    );
  });

  test('is refused when it is not JSON, and only then', () => {
    const good = body([alert('A', { annotations: { summary: 'a "b" \\ {[, ü 😀' } }), alert('B'), 3, null, [[]]]);
    const mutated = fc
      .tuple(fc.nat(good.length - 1), fc.nat(3), fc.constantFrom('', '"', '\\', '{', '}', '[', ']', ',', ':', 'x', '1'))
      .map(([at, length, instead]) => good.slice(0, at) + instead + good.slice(at + length));
    fc.assert(
      fc.property(mutated, (text) => {
        expect([text, outcome(() => split(text).envelope)]).toEqual([text, outcome(() => wholly(text))]);
      }),
      { numRuns: 2_000 },
    );
  });

  test('says first what fires, in slices of at most five hundred, and knows where each stood', () => {
    const alerts = Array.from({ length: 1_200 }, (_, index) =>
      alert(`A${index}`, { status: index % 3 === 0 ? 'resolved' : 'firing' }),
    );
    const slices = [...split(body(alerts)).slices].map(readSlice);
    expect(slices.map((slice) => slice.alerts.length)).toEqual([500, 300, 400]);
    const resolved = slices.map(({ alerts: some }) => some.filter((one) => JSON.stringify(one).includes('resolved')));
    expect(resolved.map((some) => some.length)).toEqual([0, 0, 400]);
    expect(slices[2]?.indexes.slice(0, 3)).toEqual([0, 3, 6]);
  });

  test('says what is sev1 before all that is not, wherever it stood', () => {
    const worst = (index: number) => index === 1_100 || index === 1_150;
    const alerts = Array.from({ length: 1_200 }, (_, index) =>
      worst(index) ? { labels: { alertname: 'Worst', incident_severity: 'P0' } } : alert(`A${index}`),
    );
    const slices = [...split(body(alerts)).slices].map(readSlice);
    expect(slices.map((slice) => slice.alerts.length)).toEqual([2, 500, 500, 198]);
    expect(slices[0]?.indexes).toEqual([1_100, 1_150]);
  });

  test.each([
    ['severity', 'P0'],
    ['severity', 'Sev1'],
    ['severity', 'p0'],
    ['incident_severity', 'SEV1'],
  ])('says first what is sev1 by the label %s=%s', (label, value) => {
    const alerts = [alert('A'), alert('B', { labels: { alertname: 'B', severity: 'critical' } })];
    const worst = alert('Worst', { labels: { alertname: 'Worst', [label]: value } });
    expect([...split(body([...alerts, worst])).slices].map((slice) => readSlice(slice).indexes)).toEqual([[2], [0, 1]]);
  });

  test('takes a label or a note for no status: what fires does not wait with what is resolved', () => {
    const odd = [
      alert('A', { labels: { alertname: 'A', status: 'resolved', note: 'a "} b' } }),
      alert('B', { annotations: { status: 'resolved' } }),
    ];
    const slices = [...split(body([alert('Over', { status: 'resolved' }), ...odd])).slices];
    expect(slices.map((slice) => readSlice(slice).indexes)).toEqual([[1, 2], [0]]);
  });

  test('leaves out an alert that is too large to be one, says where it stood, and keeps the others', () => {
    const huge = alert('Huge', { annotations: { text: 'x'.repeat(2_000_000) } });
    const parts = split(body([alert('A'), huge, alert('B')]));
    const [slice] = [...parts.slices].map(readSlice);
    const group = parseDelivery(
      { ...JSON.parse(parts.envelope), alerts: slice?.alerts },
      { sender: 'am', senderCluster: null, receivedAt: 0 },
      { position: 1, indexes: slice?.indexes ?? [] },
    );
    expect(group.alerts.map(({ name }) => name)).toEqual(['A', 'B']);
    expect(group.rejected.map(({ index, problem }) => [index, problem])).toEqual([
      [1, expect.stringMatching(/^alerts\[1\]: 2\d{6} bytes, 1048576 are allowed$/)],
    ]);
  });

  test('names the place of what is not JSON in an alert', () => {
    const text = body([alert('A'), alert('B')]).replace('"B"', '"B');
    expect(messageOf(() => split(text))).toMatch(/^the body is not JSON/);
    expect(messageOf(() => split(body([alert('A'), 'HERE']).replace('"HERE"', '{"a":tru}')))).toContain('alerts[1]');
  });

  test.each([
    ['twice', '{"alerts":[],"alerts":[]}', 'alerts: the key appears twice'],
    ['without alerts', '{"version":"4"}', 'alerts: missing; a list of alerts is expected'],
    ['with other alerts', '{"alerts":{}}', 'alerts: missing; a list of alerts is expected'],
    ['of another kind', '[]', 'the body is not JSON: unexpected character at byte 0'],
    ['with a comma too many', '{"alerts":[{},]}', 'the body is not JSON: unexpected character at byte 14'],
    ['cut off', '{"alerts":[{}', 'the body is not JSON: it ends unexpectedly'],
    [
      'of more alerts than anybody reads',
      `{"alerts":[${'{},'.repeat(250_000)}{}]}`,
      'more than 250000 alerts: set max_alerts in the receiver',
    ],
    [
      'of little else than labels they share',
      `{"commonLabels":[${'[],'.repeat(400_000)}[]],"alerts":[]}`,
      '1200031 bytes around its alerts, 1048576 are allowed',
    ],
  ])('%s is refused with what is wrong', (_what, text, problem) => {
    expect(messageOf(() => split(text))).toBe(problem);
  });
});

/** As a small delivery is read. */
function wholly(text: string): void {
  checkDelivery(JSON.parse(text));
}

function outcome(run: () => unknown): 'taken' | 'refused' {
  try {
    const value = run();
    if (typeof value === 'string') wholly(value);
    return 'taken';
  } catch {
    return 'refused';
  }
}

function messageOf(run: () => unknown): string {
  try {
    run();
    return 'taken';
  } catch (error) {
    return Error.isError(error) ? error.message : String(error);
  }
}

test('an end is read in a text of any shape in the time its length takes', () => {
  const long = 'a'.repeat(50_000);
  expect(saysResolved(`{"status":"resolved","labels":{"x":"${long}","y":{"z":1}}}`)).toBe(true);
  expect(saysResolved(`{"status":"resolved","annotations":{${long}`)).toBe(true);
  expect(saysResolved(`{"status":"firing","labels":{"status":"resolved","x":"${'\\\\'.repeat(20_000)}"}}`)).toBe(false);
});
