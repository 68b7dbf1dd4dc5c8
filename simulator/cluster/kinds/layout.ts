import type { Container } from 'kubernetes-types/core/v1.js';
import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import type { Cell } from '../kind.ts';

/** `a=1,b=2` in the order of the keys; `<none>` when empty. */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.map(([key, value]) => `${key}=${value}`).join(',') || '<none>';
}

/** A label selector as kubectl prints it. */
export function selectorText(selector: LabelSelector | undefined): string {
  if (!selector) return '<none>';
  const expressions = [
    ...Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({ key, text: `${key}=${value}` })),
    ...(selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => ({
      key,
      text: expression(key, operator, values),
    })),
  ].sort((a, b) => (a.key < b.key ? -1 : 1));
  return expressions.map((one) => one.text).join(',') || '<none>';
}

function expression(key: string, operator: string, values: readonly string[]): string {
  switch (operator) {
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return `${key} ${operator === 'In' ? 'in' : 'notin'} (${[...values].sort().join(',')})`;
  }
}

export function containerNames(containers: readonly Pick<Container, 'name' | 'image'>[] | undefined): Cell {
  return (containers ?? []).map((container) => container.name).join(',');
}

export function containerImages(containers: readonly Pick<Container, 'name' | 'image'>[] | undefined): Cell {
  return (containers ?? []).map((container) => container.image ?? '').join(',');
}

/** The first few, and how many more there are. */
export function firstOf(all: readonly string[], most: number): string {
  const shown = all.slice(0, most).join(',');
  return all.length > most ? `${shown} + ${all.length - most} more...` : shown;
}

/** `cpu: 1/2, memory: 3Gi/4Gi` for the resources that are asked for. */
export function quotaText(
  status: { hard?: Record<string, string>; used?: Record<string, string> } | undefined,
  wanted: (resource: string) => boolean,
): string {
  return Object.keys(status?.hard ?? {})
    .filter(wanted)
    .sort()
    .map((resource) => `${resource}: ${status?.used?.[resource] ?? '0'}/${status?.hard?.[resource]}`)
    .join(', ');
}
