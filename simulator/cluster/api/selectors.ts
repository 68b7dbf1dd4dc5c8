import type { Kind } from '../kind.ts';
import type { KubeObject } from '../object.ts';
import { badRequest } from './failure.ts';

export type Selects = (object: KubeObject) => boolean;

const EVERYTHING: Selects = () => true;

/**
 * `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, joined by commas.
 * @throws ApiFailure 400 when it does not parse.
 */
export function labelSelector(selector: string | null): Selects {
  if (!selector) return EVERYTHING;
  const requirements = splitOutsideParentheses(selector).map((part) => requirement(part.trim(), selector));
  return (object) => requirements.every((holds) => holds(object.metadata.labels ?? {}));
}

type Holds = (labels: Readonly<Record<string, string>>) => boolean;

const KEY = `[A-Za-z0-9](?:[A-Za-z0-9_./-]*[A-Za-z0-9])?`;
const SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const EQUALITY = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*([A-Za-z0-9_.-]*)$`);
const EXISTS = new RegExp(`^(!?)\\s*(${KEY})$`);

function requirement(part: string, selector: string): Holds {
  const set = SET.exec(part);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = new Set(list.split(',').map((value) => value.trim()));
    const isIn: Holds = (labels) => labels[key] !== undefined && values.has(labels[key]);
    return operator === 'in' ? isIn : (labels) => !isIn(labels);
  }
  const equality = EQUALITY.exec(part);
  if (equality) {
    const [, key = '', operator, value] = equality;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const exists = EXISTS.exec(part);
  if (exists) {
    const [, not, key = ''] = exists;
    return not ? (labels) => labels[key] === undefined : (labels) => labels[key] !== undefined;
  }
  throw badRequest(
    `unable to parse requirement: found '${part}', expected: !, identifier, or '=', '!=', '==', 'in', notin' (selector "${selector}")`,
  );
}

function splitOutsideParentheses(selector: string): readonly string[] {
  return selector.split(/,(?![^(]*\))/);
}

/**
 * `a=b`, `a==b`, `a!=b` joined by commas, over the fields the kind supports.
 * @throws ApiFailure 400 for a field it does not support, worded as the server words it.
 */
export function fieldSelector(kind: Kind, selector: string | null): Selects {
  if (!selector) return EVERYTHING;
  const supported = new Set(['metadata.name', 'metadata.namespace', ...Object.keys(probe(kind))]);
  const terms = splitEscaped(selector).map((term) => {
    const match = /^([^=!]+?)(!=|==|=)(.*)$/.exec(term);
    if (!match) throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`);
    const [, field = '', operator, value = ''] = match;
    if (!supported.has(field)) throw unsupported(kind, selector, field);
    return { field, equal: operator !== '!=', value: value.replaceAll(/\\([\\,=])/g, '$1') };
  });
  return (object) => {
    const fields: Readonly<Record<string, string>> = {
      ...kind.fields?.(object),
      'metadata.name': object.metadata.name,
      'metadata.namespace': object.metadata.namespace ?? '',
    };
    return terms.every(({ field, equal, value }) => (fields[field] === value) === equal);
  };
}

/** The fields of a kind do not depend on the object; an empty one names them all. */
function probe(kind: Kind): Readonly<Record<string, string>> {
  return kind.fields?.({ apiVersion: '', kind: kind.kind, metadata: { name: '' } }) ?? {};
}

function splitEscaped(selector: string): readonly string[] {
  return selector.split(/(?<!\\),/).filter((term) => term !== '');
}

function unsupported({ group, version, plural }: Kind, selector: string, field: string) {
  return badRequest(
    `Unable to find "${group}/${version}, Resource=${plural}" that match label selector "", field selector "${selector}": field label not supported: ${field}`,
  );
}
