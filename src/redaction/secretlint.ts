import type { Range } from './ranges.ts';

type Lint = (content: string) => Promise<readonly { readonly range: readonly number[] }[]>;

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
  const { lintSource, creator } = await import('./secretlintRules.ts');
  const config = { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] };
  return async (content) => {
    const source = { content, filePath: 'cluster.txt', ext: '.txt', contentType: 'text' as const };
    return (await lintSource({ source, options: { config } })).messages;
  };
}
