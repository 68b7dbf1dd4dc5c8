import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { commandLine, quote, tokenise, understandSlack } from '../../src/commands/tokens.ts';

function words(text: string): readonly string[] {
  return tokenise(commandLine(text, true)).map((token) => token.value);
}

describe('what a phone typed', () => {
  const typed: readonly (readonly [string, string, readonly string[]])[] = [
    ['an em dash for two dashes', 'diag logs —tail=50', ['diag', 'logs', '--tail=50']],
    ['an en dash for one dash', 'diag jobs –n team-a', ['diag', 'jobs', '-n', 'team-a']],
    ['an en dash before a word', 'diag logs –previous', ['diag', 'logs', '--previous']],
    ['curly quotes', 'diag logs --filter “out of memory”', ['diag', 'logs', '--filter', 'out of memory']],
    ['curly apostrophes as quotes', 'diag logs --filter=‘out of memory’', ['diag', 'logs', '--filter=out of memory']],
    ['a no-break space', 'diag\u00a0jobs', ['diag', 'jobs']],
    [
      'a name Slack made a link of',
      'diag logs <http://image.resizer.io|image.resizer.io>',
      ['diag', 'logs', 'image.resizer.io'],
    ],
    ['a bare link', 'note see <https://example.com/a?b=1&amp;c=2>', ['note', 'see', 'https://example.com/a?b=1&c=2']],
    ['an address Slack made a link of', 'note <mailto:ana@example.com|ana@example.com>', ['note', 'ana@example.com']],
    ['a mention of a person', 'note told <@U1|ana> and <@U2>', ['note', 'told', '@ana', 'and', '@U2']],
    ['a channel', 'note in <#C1|ops>', ['note', 'in', '#ops']],
    ['a broadcast', 'note <!channel> look', ['note', '@channel', 'look']],
    ['escaped signs', 'note a &lt; b &amp;&amp; c', ['note', 'a', '<', 'b', '&&', 'c']],
    ['a code span around all', '`diag jobs`', ['diag', 'jobs']],
    ['a code span around the beginning', '`diag jobs` -n team-a', ['diag', 'jobs', '-n', 'team-a']],
    ['a fenced block', '```\ndiag jobs\n```', ['diag', 'jobs']],
    ['a code span as an argument', 'diag logs `checkout-1`', ['diag', 'logs', 'checkout-1']],
    ['the bot’s own mention in front', '<@UBOT> diag jobs', ['diag', 'jobs']],
    ['the command’s own name in front', '/lambda diag jobs', ['diag', 'jobs']],
    ['invisible characters', 'di\u200bag jo\u200ebs', ['diag', 'jobs']],
    [
      'an apostrophe inside a word',
      "note the build's queue isn't moving",
      ['note', 'the', "build's", 'queue', "isn't", 'moving'],
    ],
    ['a quote that is never closed', 'note "half', ['note', '"half']],
  ];
  it.each(typed)('understands %s', (_what, text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it('decodes an entity once, so that what looks decoded stays as typed', () => {
    expect(understandSlack('&amp;lt;')).toBe('&lt;');
  });

  it('leaves a dash between words alone', () => {
    expect(words('note builds are slow — looking')).toEqual(['note', 'builds', 'are', 'slow', '—', 'looking']);
  });

  it('reads back as one word whatever `quote` writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (word) => {
        const quoted = quote(word);
        if (quoted !== null) expect(tokenise(quoted).map((token) => token.value)).toEqual([word]);
      }),
    );
  });

  it('never fails, and loses no line, on any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => Array.isArray(words(text))));
  });
});
