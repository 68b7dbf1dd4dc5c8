import type { Range } from './ranges.ts';

type Lint = (content: string) => Promise<readonly { readonly range: readonly number[] }[]>;

/** Reads comments such as `secretlint-disable` and drops findings behind them: whoever writes a log could ask for that. */
const STEERED_BY_TEXT = '@secretlint/secretlint-rule-filter-comments';

let loading: Promise<Lint> | null = null;

/** Where secretlint's recommended rules find a provider's token. Loaded on first use: most of the start needs none of it. */
export async function providerRanges(text: string): Promise<readonly Range[]> {
  loading ??= load();
  const lint = await loading;
  return (await lint(text)).flatMap(({ range: [start, end] }) =>
    start === undefined || end === undefined ? [] : [{ start, end }],
  );
}

async function load(): Promise<Lint> {
  const { lintSource, rules, secretLintProfiler } = await import('./secretlintRules.ts');
  // It would keep an entry of each rule and text for as long as the process lives.
  secretLintProfiler.setEnabled(false);
  // Each by itself: within the preset the filter cannot be left out.
  const config = {
    rules: rules.filter(({ meta }) => meta.id !== STEERED_BY_TEXT).map((rule) => ({ id: rule.meta.id, rule })),
  };
  return async (content) => {
    const source = { content, filePath: 'cluster.txt', ext: '.txt', contentType: 'text' as const };
    return (await lintSource({ source, options: { config } })).messages;
  };
}
