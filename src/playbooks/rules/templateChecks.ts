import type { Remark } from './remark.ts';
import type { FoundRule } from './ruleFiles.ts';

const KNOWN = new Set(['labels', 'value', 'externalLabels', 'externalURL']);

/** Templates Prometheus cannot expand, or that make a new alert at each evaluation. */
export function templateRemarks(rule: FoundRule): readonly Remark[] {
  const found: Remark[] = [];
  for (const [name, text] of Object.entries(rule.labels)) {
    if (/\{\{[^{}]*(\$value|\.Value)\b/.test(text))
      found.push({
        check: 'value-in-label',
        level: 'warning',
        problem: `label ${name} holds the value, so each new value is a new alert whose wait begins again`,
        hint: 'Put the value into an annotation.',
      });
  }
  for (const [name, text] of [...Object.entries(rule.annotations), ...Object.entries(rule.labels)]) {
    const own = new Set([...text.matchAll(/\$(\w+)(?:\s*,\s*\$(\w+))?\s*:=/g)].flatMap((match) => match.slice(1)));
    const unknown = [...text.matchAll(/\{\{([^{}]*)\}\}/g)]
      .flatMap(([, action = '']) => [...action.replace(/"[^"]*"|`[^`]*`/g, '').matchAll(/\$(\w+)/g)])
      .flatMap(([, variable = '']) => (KNOWN.has(variable) || own.has(variable) ? [] : [variable]));
    if (unknown[0] !== undefined)
      found.push({
        check: 'template',
        level: 'error',
        problem: `${name} prints $${unknown[0]}, which Prometheus does not know: the alert shows an error instead of the text`,
        hint: 'There are $labels, $value, $externalLabels and $externalURL.',
      });
  }
  return found;
}
