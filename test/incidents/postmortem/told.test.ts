import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromMarkdown } from 'mdast-util-from-markdown';
import type { CollectedEvidence, Finding } from '../../../src/incidents/evidence.ts';
import { postmortem } from '../../../src/incidents/postmortem/postmortem.ts';
import { postmortemMarkdown } from '../../../src/incidents/postmortem/postmortemMarkdown.ts';
import { chartsOf } from '../../../src/incidents/postmortem/postmortemPictures.ts';
import { sentenceOf } from '../../../src/incidents/sentence.ts';
import type { TimelineEntry } from '../../../src/incidents/timeline.ts';
import { MINUTE, T0 } from '../../builders/alerts.ts';
import { lintOf } from './lint.ts';
import { story } from './story.ts';

function finding(over: Partial<Finding>): Finding {
  return {
    code: 'builder-oom',
    level: 'critical',
    confidence: 'confirmed',
    subject: { kind: 'Deployment', namespace: 'shop', name: 'checkout' },
    count: 1,
    conclusion: 'checkout was killed for memory.',
    because: ['lastState.terminated.reason: OOMKilled'],
    nextStep: null,
    ...over,
  };
}

function look(at: number, findings: readonly Finding[], content = 'NAME READY\ncheckout 0/1'): CollectedEvidence {
  const source = 'kubectl get pods -n shop';
  return {
    diagnostic: 'pods',
    findings,
    capturedAt: at,
    evidence: [{ source, capturedAt: at, mime: 'text/plain', content, truncated: false }],
  };
}

const CAUSE = finding({
  role: 'cause',
  brief: 'checkout OOMKilled since v2',
  path: 'limit 64Mi → OOMKilled → 0 of 1 ready',
});
const TRIGGER = finding({
  code: 'rollout-before-start',
  level: 'notice',
  conclusion: 'checkout was rolled out to v2 at 11:50.',
});

test('the summary tells cause, path, trigger and what fixed it', () => {
  const input = story();
  const resolved = input.timeline.map((entry) =>
    entry.kind === 'resolved' ? { ...entry, detail: { ...entry.detail, note: 'rolled back to v1' } } : entry,
  );
  const pm = postmortem({ ...input, timeline: resolved, evidence: [look(T0, [CAUSE, TRIGGER])] });
  expect(pm.summary).toContain('Cause, confirmed by the diagnosis: checkout OOMKilled since v2.');
  expect(pm.summary).toContain('How it came about: limit 64Mi → OOMKilled → 0 of 1 ready.');
  expect(pm.summary).toContain('Trigger: checkout was rolled out to v2 at 11:50.');
  expect(pm.summary).toContain('What fixed it: rolled back to v1.');
});

test('what did not hold, or was said of no incident, is not told as what fixed it', () => {
  const input = story();
  const last = input.timeline.findLast(({ kind }) => kind === 'resolved');
  if (!last) throw new Error('the story has no end');
  const end = { ...last, detail: { ...last.detail, note: 'rolled back to v1' } };
  const after = { ...end, kind: 'reopened', at: end.at + MINUTE, text: 'Reopened', detail: {} } as const;
  const summary = (entries: readonly TimelineEntry[], incident: Partial<typeof input.known.incident> = {}) => {
    const known = { ...input.known, incident: { ...input.known.incident, ...incident } };
    const timeline = [...input.timeline.filter(({ kind }) => kind !== 'resolved'), ...entries];
    return postmortem({ ...input, known, timeline }).summary;
  };
  const open = { status: 'open', resolution: null, resolvedAt: null, resolvedBy: null } as const;
  expect(summary([end])).toContain('What fixed it: rolled back to v1.');
  expect(summary([end, after], open)).not.toContain('rolled back to v1');
  const dismissed = { ...end, detail: { note: 'a test of ours', dismissed: true } };
  expect(summary([dismissed], { resolution: 'dismissed' })).not.toContain('What fixed it');
});

test('of two causes of which one is only likely the diagnosis is not said to have confirmed', () => {
  const input = story();
  const cause = (brief: string, isSure: boolean) => ({ code: brief, brief, isSure });
  const of = (...causes: readonly ReturnType<typeof cause>[]) => {
    const sentence = { ...sentenceOf(input.known.incident), noIncident: null, causes };
    const known = { ...input.known, incident: { ...input.known.incident, sentence } };
    return postmortem({ ...input, known, evidence: [look(T0, [CAUSE])] }).summary;
  };
  expect(of(cause('a is full', true))).toContain('Cause, confirmed by the diagnosis: a is full.');
  expect(of(cause('a is full', true), cause('b is slow', false))).toContain(
    'Cause, as the diagnosis proposes it: 2 causes',
  );
});

test('what was read stands once, in the appendix, however often it was read', () => {
  const evidence = [
    look(T0, [CAUSE]),
    look(T0 + MINUTE, [CAUSE]),
    look(T0 + 2 * MINUTE, [CAUSE], 'NAME READY\ncheckout 1/1'),
  ];
  const markdown = postmortemMarkdown(postmortem({ ...story(), evidence }));
  expect(markdown.split('kubectl get pods -n shop')).toHaveLength(2);
  expect(markdown.indexOf('kubectl get pods -n shop')).toBeGreaterThan(markdown.indexOf('## Appendix: what was read'));
  expect(markdown).toContain('the last of 3 times');
  expect(markdown).toContain('checkout 1/1');
  expect(markdown.split('killed for memory')).toHaveLength(2); // as root cause
});

test('only hypotheses that mattered are told', () => {
  const others = [
    finding({ code: 'a', level: 'ok', conclusion: 'Nodes are fine.' }),
    finding({ code: 'b', confidence: 'excluded', conclusion: 'It is not the quota.' }),
    finding({ code: 'c', role: 'elsewhere', conclusion: 'Another function is broken.' }),
    finding({ code: 'd', role: 'undecided', confidence: 'unknown', conclusion: 'Whether DNS answers is unknown.' }),
  ];
  const markdown = postmortemMarkdown(postmortem({ ...story(), evidence: [look(T0, [CAUSE, ...others])] }));
  for (const gone of ['Nodes are fine', 'not the quota', 'Another function']) expect(markdown).not.toContain(gone);
  expect(markdown).toContain('Whether DNS answers is unknown.');
});

test('a storm is one line of the timeline, and people keep a line each', () => {
  const input = story();
  const [opened] = input.timeline;
  if (!opened) throw new Error('no entry');
  const storm = Array.from(
    { length: 40 },
    (_, index): TimelineEntry => ({
      ...opened,
      id: 1000 + index,
      kind: 'alert_firing',
      at: T0 + 20 * MINUTE + index * 1_000,
      actor: { type: 'alertmanager', id: 'alertmanager', name: null },
      text: `Alert ${index} fires`,
    }),
  );
  const markdown = postmortemMarkdown(postmortem({ ...input, timeline: [...input.timeline, ...storm] }));
  expect(markdown).toMatch(
    /- 2026-\S+ 12:20:00 UTC to 2026-\S+ 12:20:39 UTC · .* · 40 entries: Alert 0 fires; Alert 1 fires and 38 more/,
  );
  expect(markdown).toContain('Acknowledged by Ana');
});

test('the timeline of a merged incident is in it, marked with its number', () => {
  const input = story();
  const [entry] = input.timeline;
  if (!entry) throw new Error('no entry');
  const merged = [{ number: 7, timeline: [{ ...entry, id: 1, at: T0 + 1_000, text: 'Opened as sev3' }] }];
  const pm = postmortem({ ...input, merged });
  expect(postmortemMarkdown(pm)).toMatch(/12:00:01 UTC · .*\(incident 7\) · Opened as sev3/);
  expect(pm.timeline.map(({ at }) => at)).toEqual(pm.timeline.map(({ at }) => at).toSorted((a, b) => a - b));
});

test('it started when its alert became pending, as far as that is known', () => {
  const pending = { ms: 5 * MINUTE, source: 'ALERTS_FOR_STATE' } as const;
  const [unknown, known] = [postmortem(story()), postmortem({ ...story(), pending })];
  expect(unknown.times.startedAt - known.times.startedAt).toBe(5 * MINUTE);
  expect(postmortemMarkdown(known)).toContain('less the 5 min it was pending (ALERTS_FOR_STATE of Prometheus)');
  expect(postmortemMarkdown(unknown)).toContain('which is later than the problem by the “for” of its rule');
});

test('every post-mortem passes markdownlint as it comes', async () => {
  const evidence = [
    look(T0, [CAUSE, TRIGGER]),
    look(T0 + MINUTE, [finding({ code: 'x', because: [] })], '\tx\n\n\n# y'),
  ];
  const input = story();
  const hostile = '<!channel> | `x` **b** <script> [a](http://b) www.x.io a@b.io\n# h\n- l _u_ ~~s~~ https://x/y';
  for (const one of [
    input,
    { ...input, evidence },
    story({ drill: 'true' }),
    { ...story({ deployment: hostile, pod: hostile, alertname: hostile, namespace: hostile }), evidence },
  ])
    expect(await lintOf(postmortemMarkdown(postmortem(one)))).toEqual([]);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string(), async (name, content) => {
      const one = { ...story({ alertname: name }), evidence: [look(T0, [finding({ conclusion: name })], content)] };
      expect(await lintOf(postmortemMarkdown(postmortem(one)))).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('charts and the course of the incident are in the document, their bytes behind everything that is read', async () => {
  const at = { capturedAt: T0, truncated: false };
  const kept = [
    { ...at, source: 'promtool query range x', mime: 'image/png', content: 'b2xk' },
    { ...at, source: 'promtool query range x', mime: 'image/png', content: 'bmV3' },
    { ...at, source: 'kubectl get pods', mime: 'text/plain', content: 'none' },
  ] as const;
  const pictures = { course: { alt: 'Course of incident 1 [a]', png: 'Y291cnNl' }, charts: chartsOf(kept) };
  const markdown = postmortemMarkdown(postmortem(story()), pictures);
  const shown: string[] = [];
  const definitions = new Map<string, string>();
  for (const node of fromMarkdown(markdown).children) {
    if (node.type === 'definition') definitions.set(node.identifier, node.url);
    else if (node.type === 'paragraph')
      for (const inner of node.children) if (inner.type === 'imageReference') shown.push(inner.identifier);
  }
  expect(shown).toEqual(['chart-1', 'course']);
  expect(definitions.get('chart-1')).toBe('data:image/png;base64,bmV3');
  expect(definitions.get('course')).toBe('data:image/png;base64,Y291cnNl');
  expect(markdown.indexOf('base64')).toBeGreaterThan(markdown.indexOf('## Appendix'));
  expect(await lintOf(markdown)).toEqual([]);
});
