/** secretlint and its recommended rules, imported when the first text is looked over. */
export { lintSource } from '@secretlint/core';
export { creator } from '@secretlint/secretlint-rule-preset-recommend';
