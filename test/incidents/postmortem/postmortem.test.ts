import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Nodes, Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { toString as textOf } from 'mdast-util-to-string';
import { markdownLink, markdownTable, markdownText } from '../../../src/incidents/postmortem/markdown.ts';
import { type PostMortem, postmortem } from '../../../src/incidents/postmortem/postmortem.ts';
import { postmortemJson } from '../../../src/incidents/postmortem/postmortemJson.ts';
import { postmortemMarkdown } from '../../../src/incidents/postmortem/postmortemMarkdown.ts';
import { MINUTE, T0 } from '../../builders/alerts.ts';
import { story } from './story.ts';

function headings(tree: Root): readonly string[] {
  return tree.children.flatMap((node) => (node.type === 'heading' ? [textOf(node)] : []));
}

/** Every node of a kind that text from outside must never become. */
function active(node: Nodes): readonly string[] {
  const own = ['html', 'image', 'imageReference', 'linkReference', 'definition', 'emphasis', 'blockquote'].includes(
    node.type,
  )
    ? [node.type]
    : [];
  return 'children' in node ? [...own, ...node.children.flatMap((child) => active(child))] : own;
}

test('the figures come with their definitions, and what is not recorded says so', () => {
  const pm = postmortem(story());
  const figures = Object.fromEntries(pm.figures.map((figure) => [figure.code, figure.ms]));
  expect(figures).toEqual({
    time_to_detect: MINUTE,
    first_action: 2 * MINUTE,
    time_to_acknowledge: 2 * MINUTE,
    time_to_mitigate: null,
    time_to_resolve: 14 * MINUTE,
  });
  const markdown = postmortemMarkdown(pm);
  expect(markdown).toContain('| Time to acknowledge | 2 min | first acknowledgement by a person - opened |');
  expect(markdown).toContain('| Time to mitigate | not recorded |');
  expect(pm.peakSeverity).toBe('sev2');
  expect(pm.timeInSeverity).toEqual([
    { severity: 'sev2', ms: 10 * MINUTE },
    { severity: 'sev3', ms: 3 * MINUTE },
  ]);
});

test('the timeline has date, UTC, actor and permalink, in order', () => {
  const markdown = postmortemMarkdown(postmortem(story()));
  expect(markdown).toContain('- 2026-03-01 12:02:00 UTC · **Ana (slack U123)** · Acknowledged by Ana');
  expect(markdown).toContain(
    '· rolled back to 00006 \\| \\`ok\\` ([message](<https://example.slack.com/archives/C1/p1>))',
  );
  const times = [...markdown.matchAll(/^- (2026-\S+ \S+) UTC ·/gm)].map((match) => match[1] ?? '');
  expect(times.length).toBeGreaterThan(5);
  expect(times).toEqual([...times].sort());
});

test('the impact is told by alert', () => {
  expect(postmortem(story()).impact).toEqual([
    {
      alert: 'PodCrashing',
      alerts: 1,
      firing: 0,
      objects: ['1 pod', '1 Deployment'],
      firstStartedAt: T0 - MINUTE,
      lastEndedAt: T0 + 9 * MINUTE,
    },
    expect.objectContaining({ alert: 'Outage', firstStartedAt: T0 + 3 * MINUTE }),
  ]);
});

test('it has the headings that only people can fill', () => {
  const tree = fromMarkdown(postmortemMarkdown(postmortem(story())));
  expect(headings(tree)).toEqual([
    'Post-mortem of incident 1: PodCrashing checkout',
    'Summary',
    'Impact',
    'Times',
    'Timeline (UTC)',
    'Diagnostics',
    'Response',
    'Root cause and contributing factors',
    'What went well',
    'What went badly',
    'Where we got lucky',
    'Action items',
    'About this record',
    'Appendix: what was read',
  ]);
});

test('a drill is marked and said to be one', () => {
  const markdown = postmortemMarkdown(postmortem(story({ drill: 'true' })));
  expect(markdown).toMatch(/^# DRILL: Post-mortem/);
  expect(markdown).toContain('not counted in statistics');
});

test('evidence is quoted from its end, and nothing in a log closes its block', () => {
  const content = `${Array.from({ length: 200 }, (_, line) => `line ${line}`).join('\n')}\n\`\`\`\n# not a heading\n<!channel>`;
  const source = 'kubectl logs x | y';
  const evidence = [
    {
      diagnostic: 'logs',
      findings: [],
      capturedAt: T0,
      evidence: [{ source, capturedAt: T0, mime: 'text/plain' as const, content, truncated: true }],
    },
  ];
  const markdown = postmortemMarkdown(postmortem(story({}, { evidence })));
  const tree = fromMarkdown(markdown);
  const block = tree.children.find((node) => node.type === 'code');
  expect(block?.type === 'code' && block.value.endsWith('```\n# not a heading\n<!channel>')).toBe(true);
  expect(markdown).toContain('the last 25 of 203 lines (more was not read)');
  expect(headings(tree)).not.toContain('not a heading');
});

test('the JSON has a schema version, ISO times and every entry', () => {
  const pm = postmortem(story());
  const json = JSON.parse(JSON.stringify(postmortemJson(pm)));
  expect(json).toMatchObject({
    schemaVersion: 1,
    incident: { number: 1, startedAt: '2026-03-01T11:59:00.000Z', mitigatedAt: null, severity: 'sev2' },
  });
  expect(json.timeline).toHaveLength(pm.timeline.length);
});

test('hostile labels stay text in every part of the document', () => {
  const hostile =
    '<!channel> @here | `x` **b** <script>alert(1)</script> [a](http://b) ![i](x)\n# h\n- l &amp; _u_ ~~s~~';
  const markdown = postmortemMarkdown(
    postmortem(story({ deployment: hostile, pod: hostile, alertname: hostile, namespace: hostile })),
  );
  const tree = fromMarkdown(markdown);
  expect(headings(tree)).toHaveLength(14);
  // The document's own emphasis is in the paragraphs that ask people something.
  const own = fromMarkdown(postmortemMarkdown(postmortem(story())));
  expect(active(tree)).toEqual(active(own));
  expect(markdown).not.toMatch(/(?<!\\)<!channel/);
  expect(markdown).not.toContain('@here');
});

test('any text is one line that reads as it was written', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      '#',
      '# ',
      '- ',
      '1. ',
      '+ ',
      '`',
      '``',
      '|',
      '@a',
      '<b>',
      '](',
      '[x]',
      '&lt;',
      '_',
      '*',
      '\\',
      '\n',
      '~',
      '= ',
      '>',
      '---',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('');
      const shown = fromMarkdown(`- ${markdownText(text)}`).children[0];
      const line = text
        .toWellFormed()
        .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\s]+/gu, ' ')
        .trim();
      expect(shown ? textOf(shown).replaceAll('\u2060', '') : '').toBe(line.replaceAll('\u2060', ''));
      const [heading, ...more] = fromMarkdown(`# x ${markdownText(text)}`).children;
      expect([heading?.type, more]).toEqual(['heading', []]);
      expect(heading ? textOf(heading).replaceAll('\u2060', '') : '').toBe(`x ${line}`.trim().replaceAll('\u2060', ''));
    }),
    { numRuns: 1000 },
  );
});

test('a table keeps its columns whatever its cells hold', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 2 }), (cells) => {
      const row = markdownTable(['a', 'b'], [cells]).split('\n')[2] ?? '';
      // Bars that are not escaped separate cells: an even number of backslashes before one escapes only each other.
      const bars = [...row.matchAll(/(\\*)\|/g)].filter((match) => (match[1]?.length ?? 0) % 2 === 0);
      expect(bars).toHaveLength(3);
    }),
  );
});

test('a link that is not http is text', () => {
  expect(markdownLink('x', 'javascript:alert(1)')).toBe('x');
  const [paragraph] = fromMarkdown(markdownLink('a]b', 'http://p/graph?g0.expr=a|b>(c)')).children;
  expect(paragraph?.type === 'paragraph' && paragraph.children[0]).toMatchObject({ type: 'link' });
});

test('the same record gives the same document', () => {
  const write = (): readonly [string, PostMortem] => {
    const pm = postmortem(story());
    return [postmortemMarkdown(pm), pm];
  };
  expect(write()).toEqual(write());
});
