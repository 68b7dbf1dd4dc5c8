/** secretlint and its recommended rules, imported when the first text is looked over. */
export { lintSource } from '@secretlint/core';
export { secretLintProfiler } from '@secretlint/profiler';
export { rules } from '@secretlint/secretlint-rule-preset-recommend';
