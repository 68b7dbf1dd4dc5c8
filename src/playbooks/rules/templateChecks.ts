import type { Remark } from './remark.ts';
import type { FoundRule } from './ruleFiles.ts';

const KNOWN = new Set(['labels', 'value', 'externalLabels', 'externalURL']);
/** Functions of Prometheus (https://prometheus.io/docs/prometheus/latest/configuration/template_reference/), then words of Go's templates. */
const FUNCTIONS = new Set(
  'query first label value sortByLabel strvalue humanize humanize1024 humanizeDuration humanizePercentage humanizeTimestamp toTime toDuration now title toUpper toLower match reReplaceAll graphLink tableLink parseDuration stripPort stripDomain externalURL pathPrefix args tmpl safeHtml urlQueryEscape and or not len index slice print printf println html js urlquery call eq ne lt le gt ge if else end range with define template block break continue nil true false'.split(
    ' ',
  ),
);
/** An action with its texts, in which braces mean nothing. */
const ACTION = /\{\{(?:"(?:\\.|[^"\\])*"|`[^`]*`|[^"`{}]|\}(?!\}))*\}\}/g;

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
    const broken = brokenIn(text);
    if (broken !== null)
      found.push({
        check: 'template',
        level: 'error',
        problem: `${name} ${broken}: the alert shows an error instead of the text`,
        hint: 'Close each {{ with }}, and use the functions of Prometheus.',
      });
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

/** What keeps a template from being read; null when nothing does. */
function brokenIn(text: string): string | null {
  if (text.replaceAll(ACTION, '').includes('{{')) return 'has a {{ that is not closed';
  for (const [action] of text.matchAll(ACTION)) {
    const code = action.slice(2, -2).replaceAll(/"(?:\\.|[^"\\])*"|`[^`]*`/g, '""');
    if (/^-?\s*\/\*/.test(code)) continue;
    const called = [...code.matchAll(/(?:^-?\s*|\|\s*)([A-Za-z]\w*)/g)].map(([, name = '']) => name);
    const unknown = called.find((name) => !FUNCTIONS.has(name));
    if (unknown !== undefined) return `calls ${unknown}, which Prometheus does not have`;
  }
  return null;
}
