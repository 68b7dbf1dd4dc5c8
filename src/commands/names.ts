import { kindOfWord, spellingOf } from '../alerts/kindWords.ts';
import { ResponderError } from '../errors.ts';
import { short } from '../wording/cuts.ts';

/**
 * What may be asked of a cluster, checked before it becomes part of any request: Kubernetes' own grammar for names and
 * selectors (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and .../labels/).
 */
const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_KEY = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const FIELD_PATH = /^[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z][A-Za-z0-9]*)*$/;
const FIELD_VALUE = /^[A-Za-z0-9._:/-]{0,253}$/;
const SORT_PATH = /^\.?[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z][A-Za-z0-9]*)*$/;

function refuse(what: string, value: string, hint: string): never {
  throw new ResponderError('bad_input', `“${short(value, 60)}” is not ${what}.`, { hint });
}

/** Throws `bad_input` unless it is a DNS-1123 label, as namespaces and containers are. */
export function namespaceName(value: string): string {
  if (LABEL.test(value)) return value;
  return refuse('a namespace name', value, 'Use lower-case letters, digits and dashes, at most 63: -n knative-lambda.');
}

export function containerName(value: string): string {
  if (LABEL.test(value)) return value;
  return refuse('a container name', value, 'Use lower-case letters, digits and dashes, at most 63: -c kaniko.');
}

export interface NamedObject {
  /** Null when only a name was given. */
  readonly kind: string | null;
  readonly name: string;
}

/** `name` or `kind/name`; throws `bad_input` unless the name is a DNS-1123 subdomain and the kind is one we know. */
export function objectName(value: string): NamedObject {
  const slash = value.indexOf('/');
  const known = slash < 0 ? null : kindOfWord(value.slice(0, slash));
  const name = value.slice(slash + 1);
  if (slash >= 0 && known === null)
    return refuse('an object I can look up', value, 'Write NAME, or pod/NAME, job/NAME, deploy/NAME, function/NAME.');
  if (name.length > 253 || !SUBDOMAIN.test(name))
    return refuse('an object name', value, 'Use lower-case letters, digits, dashes and dots, as kubectl get shows it.');
  return { kind: known === null ? null : spellingOf(known), name };
}

/** A label selector in kubectl's grammar; the text is returned with its spaces normalised. */
export function labelSelector(value: string): string {
  const parts = splitOutsideParentheses(value);
  const good = parts.length > 0 && value.length <= 1024 && parts.every(isLabelRequirement);
  if (!good) refuse('a label selector', value, 'Use kubectl’s form: -l app=checkout,tier!=test or -l "app in (a,b)".');
  return parts.join(',');
}

function isLabelRequirement(part: string): boolean {
  const set = /^(\S+)\s+(?:in|notin)\s*\(([^()]*)\)$/.exec(part);
  if (set) return LABEL_KEY.test(set[1] ?? '') && (set[2] ?? '').split(',').every((v) => LABEL_VALUE.test(v.trim()));
  const equality = /^([^=!\s]+)\s*(?:==|=|!=)\s*(\S*)$/.exec(part);
  if (equality) return LABEL_KEY.test(equality[1] ?? '') && LABEL_VALUE.test(equality[2] ?? '');
  return LABEL_KEY.test(part.replace(/^!/, ''));
}

function splitOutsideParentheses(value: string): readonly string[] {
  const parts = value.split(/,(?![^(]*\))/).map((part) => part.replaceAll(/\s+/g, ' ').trim());
  return parts.some((part) => part === '') ? [] : parts;
}

/** A field selector in kubectl's grammar. */
export function fieldSelector(value: string): string {
  const parts = value.split(',').map((part) => part.trim());
  const good =
    value.length <= 1024 &&
    parts.every((part) => {
      const match = /^([^=!\s]+)(?:==|=|!=)(.*)$/.exec(part);
      return match !== null && FIELD_PATH.test(match[1] ?? '') && FIELD_VALUE.test(match[2] ?? '');
    });
  if (!good)
    refuse(
      'a field selector',
      value,
      'Use kubectl’s form: --field-selector type=Warning,involvedObject.name=checkout.',
    );
  return parts.join(',');
}

/** kubectl's spelling with or without braces and leading dot; `cpu` and `memory` stay bare, paths come back with a leading dot. */
export function sortPath(value: string): string {
  const path = value.replace(/^\{(.*)\}$/, '$1').trim();
  if (path === 'cpu' || path === 'memory') return path;
  if (path.length > 200 || !SORT_PATH.test(path))
    refuse('something to sort by', value, 'Use a field path or a column: --sort-by=.lastTimestamp, --sort-by=memory.');
  return path.startsWith('.') ? path : `.${path}`;
}

/** `--tail`: a whole number of lines, 1 to 5,000; `-1`, which is kubectl's "all", means 5,000. */
export const MOST_LINES = 5000;
export function lineCount(value: string): number {
  if (value === '-1') return MOST_LINES;
  const count = /^[0-9]{1,9}$/.test(value) ? Number(value) : 0;
  if (count < 1)
    refuse('a number of lines', value, `Use --tail=100; the most is ${MOST_LINES.toLocaleString('en-US')}.`);
  return Math.min(count, MOST_LINES);
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `--since`: `90s`, `10m`, `1h30m`, `2d`, or an ISO instant; returns epoch milliseconds. */
export function sinceInstant(value: string, now: number): number {
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(value)) {
    const instant = Date.parse(value);
    if (!Number.isNaN(instant) && instant <= now) return instant;
  }
  const parts = /^(?:\d{1,6}(?:s|m|h|d|w))+$/.test(value) ? [...value.matchAll(/(\d+)([smhdw])/g)] : [];
  const length = parts.reduce((sum, part) => sum + Number(part[1]) * (UNITS[part[2] ?? ''] ?? 0), 0);
  if (length <= 0 || length > 31 * 86_400_000)
    refuse('a time span', value, 'Use --since=10m, 2h, 1h30m or 2d (31 days at the most).');
  return now - length;
}

/** `--filter`: any text, bounded; it is compared, never interpreted. */
export function filterText(value: string): string {
  if (value.length === 0 || value.length > 200)
    refuse('a text to filter by', value, 'Give 1 to 200 characters: --filter "out of memory".');
  return value;
}

/**
 * A number as people write an incident's: `12`, `#12`, `INC-12`, `inc12`, `No. 12`, `incident #12`, with or without a full
 * stop, comma or mark behind it. The first group says whether it is marked as one, the second is the number.
 */
const NUMBER =
  /^(#|inc(?:ident)?[-_# ]{0,2}|(?:incident\s+)?(?:no\.?|nr\.?|n[°º]|number)\s*#?\s*)?([1-9][0-9]{0,8})(?=[\s.,;:!?)]|$)/i;

/** An incident's number in any spelling; null when it is something else. */
export function incidentNumber(value: string): number | null {
  const match = NUMBER.exec(value.trim());
  if (!match || !/^[.,;:!?)]*$/.test(value.trim().slice(match[0].length))) return null;
  return Number(match[2]);
}

/** A text that begins with an incident's number: the number, whether it is marked as one (`#12`, `INC-12`), and what follows; null when it does not. */
export function leadingNumber(
  text: string,
): { readonly number: number; readonly marked: boolean; readonly rest: string } | null {
  const match = NUMBER.exec(text);
  if (!match) return null;
  const rest = text.slice(match[0].length);
  // `4.5 GiB` and `12:30` are no numbers of incidents.
  if (/^[.,:]\S/.test(rest)) return null;
  return { number: Number(match[2]), marked: (match[1] ?? '') !== '', rest: rest.replace(/^[.,;:!?)]*\s*/, '').trim() };
}
