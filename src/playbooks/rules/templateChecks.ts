import type { Remark } from './remark.ts';
import type { FoundRule } from './ruleFiles.ts';

const VARIABLES = words('labels value externalLabels externalURL');
/** Functions of Prometheus (https://prometheus.io/docs/prometheus/latest/configuration/template_reference/), then words of Go's templates. */
const FUNCTIONS = words(
  'query first label value sortByLabel strvalue humanize humanize1024 humanizeDuration humanizePercentage humanizeTimestamp toTime toDuration now title toUpper toLower match reReplaceAll graphLink tableLink parseDuration stripPort stripDomain externalURL pathPrefix args tmpl safeHtml urlQueryEscape and or not len index slice print printf println html js urlquery call eq ne lt le gt ge if else end range with define template block break continue nil true false',
);
/** What vmalert has beside those of Prometheus (https://docs.victoriametrics.com/victoriametrics/vmalert/#templating). */
const VMALERT = {
  variables: words('type expr alertID groupID activeAt for isPartial'),
  functions: words('crlfEscape quotesEscape jsonEscape htmlEscape pathEscape queryEscape parseDurationTime formatTime'),
};
/** A comment, in which quotes and braces mean nothing; it begins and ends at its braces (https://pkg.go.dev/text/template#hdr-Actions). */
const COMMENT = /\{\{(?:-\s)?\/\*[\s\S]*?\*\/(?:\s-)?\}\}/g;
/** An action with its texts, in which braces mean nothing. */
const ACTION = /\{\{(?:"(?:\\.|[^"\\])*"|`[^`]*`|[^"`{}]|\}(?!\}))*\}\}/g;
const QUOTED = /"(?:\\.|[^"\\])*"|`[^`]*`/g;

/** Templates that cannot be expanded, or that make a new alert at each evaluation. */
export function templateRemarks(rule: FoundRule): readonly Remark[] {
  const found: Remark[] = [];
  for (const [name, text] of Object.entries(rule.labels)) {
    if (/\{\{[^{}]*(\$value|\.Value)\b/.test(text.replaceAll(COMMENT, '')))
      found.push({
        check: 'value-in-label',
        level: 'warning',
        problem: `label ${name} holds the value, so each new value is a new alert whose wait begins again`,
        hint: 'Put the value into an annotation.',
      });
  }
  for (const [name, whole] of [...Object.entries(rule.annotations), ...Object.entries(rule.labels)]) {
    const text = whole.replaceAll(COMMENT, '');
    const open = openIn(text);
    if (open !== null) found.push(failing(`${name} ${open}`, 'Close each {{ with }}, and each {{/* with */}}.'));
    else {
      const called = unknownOf(calledIn(text), FUNCTIONS, VMALERT.functions);
      if (called.nobodys !== undefined)
        found.push(
          failing(
            `${name} calls ${called.nobodys}, which Prometheus does not have`,
            'Use the functions of Prometheus.',
          ),
        );
      else if (called.vmalerts !== undefined) found.push(onlyVmalert(`${name} calls ${called.vmalerts}`));
    }
    const printed = unknownOf(printedIn(text), VARIABLES, VMALERT.variables);
    if (printed.nobodys !== undefined)
      found.push(
        failing(
          `${name} prints $${printed.nobodys}, which Prometheus does not know`,
          'There are $labels, $value, $externalLabels and $externalURL.',
        ),
      );
    else if (printed.vmalerts !== undefined) found.push(onlyVmalert(`${name} prints $${printed.vmalerts}`));
  }
  return found;
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}

function failing(what: string, hint: string): Remark {
  return {
    check: 'template',
    level: 'error',
    problem: `${what}: the alert shows an error instead of the text`,
    hint,
  };
}

/** A rule file does not say who evaluates it. */
function onlyVmalert(what: string): Remark {
  return {
    check: 'template',
    level: 'warning',
    problem: `${what}, which vmalert has and Prometheus does not: Prometheus loads no file with it`,
    hint: 'Keep it in a file that vmalert alone reads.',
  };
}

/** The first name that nobody has, and the first that vmalert alone has. */
function unknownOf(names: readonly string[], known: ReadonlySet<string>, vmalert: ReadonlySet<string>) {
  const unknown = names.filter((name) => !known.has(name));
  return {
    nobodys: unknown.find((name) => !vmalert.has(name)),
    vmalerts: unknown.find((name) => vmalert.has(name)),
  };
}

/** What of a template without its comments does not end; null when all does. */
function openIn(text: string): string | null {
  if (text.replaceAll(ACTION, '').includes('{{')) return 'has a {{ that is not closed';
  const isComment = (action: string) => /^\{\{-?\s*\/\*/.test(action);
  return [...text.matchAll(ACTION)].some(([action]) => isComment(action))
    ? 'has a comment that does not begin at {{ and end at }}'
    : null;
}

function calledIn(text: string): readonly string[] {
  return [...text.matchAll(ACTION)].flatMap(([action]) => {
    const code = action.slice(2, -2).replaceAll(QUOTED, '""');
    return [...code.matchAll(/(?:^-?\s*|\|\s*)([A-Za-z]\w*)/g)].map(([, name = '']) => name);
  });
}

/** The variables a template prints, without those of its own. */
function printedIn(text: string): readonly string[] {
  const own = new Set([...text.matchAll(/\$(\w+)(?:\s*,\s*\$(\w+))?\s*:=/g)].flatMap((match) => match.slice(1)));
  return [...text.matchAll(/\{\{([^{}]*)\}\}/g)]
    .flatMap(([, action = '']) => [...action.replaceAll(QUOTED, '').matchAll(/\$(\w+)/g)])
    .flatMap(([, variable = '']) => (own.has(variable) ? [] : [variable]));
}
