import { lint } from 'markdownlint/promise';

/** What markdownlint, with all its rules as they come, says against a document: `12 MD022 ...`. */
export async function lintOf(markdown: string): Promise<readonly string[]> {
  const found = await lint({ strings: { document: markdown }, config: { default: true } });
  return (found.document ?? []).map(
    ({ lineNumber, ruleNames, errorDetail, errorContext }) =>
      `${lineNumber} ${ruleNames[0]} ${errorDetail ?? ''} ${errorContext ?? ''}`,
  );
}
