import type { Evidence } from '../evidence.ts';
import { markdownText } from './markdown.ts';

/** A picture with its words. */
export interface Picture {
  readonly alt: string;
  /** PNG, base64. */
  readonly png: string;
}

/** What a post-mortem shows beside its words. */
export interface Pictures {
  /** States, alerts and acts on one axis of time; null when it was not drawn. */
  readonly course: Picture | null;
  readonly charts: readonly Picture[];
}

export const NO_PICTURES: Pictures = { course: null, charts: [] };

const MOST_CHARTS = 3;

/** The charts that were kept, of each expression the last, newest first. */
export function chartsOf(evidence: readonly Evidence[]): readonly Picture[] {
  const charts = new Map<string, Picture>();
  for (const { mime, source, content } of evidence.toReversed())
    if (mime === 'image/png' && content !== '' && !charts.has(source))
      charts.set(source, { alt: `Chart of ${/'(.+)'$/s.exec(source)?.[1] ?? source}`, png: content });
  return [...charts.values()].slice(0, MOST_CHARTS);
}

/** A picture by the name of its definition. */
export function reference(alt: string, name: string): string {
  return `![${markdownText(alt)}][${name}]`;
}

/** Pictures in front of what they show, a paragraph each. */
export function withPictures(text: string, pictures: readonly string[]): string {
  return [...pictures, text].join('\n\n');
}

/** The pictures themselves, at the end, where nobody has to read past them. */
export function definitionsOf({ course, charts }: Pictures): readonly string[] {
  const named = [
    ...(course === null ? [] : [['course', course] as const]),
    ...charts.map((chart, at) => [`chart-${at + 1}`, chart] as const),
  ];
  return named.length === 0
    ? []
    : [named.map(([name, { png }]) => `[${name}]: data:image/png;base64,${png}`).join('\n')];
}
