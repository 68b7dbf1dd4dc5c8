import { distance } from 'fastest-levenshtein';
import type { Code, ListItem, Nodes, Root, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { toString as textOf } from 'mdast-util-to-string';
import { firstSentence } from '../incidents/sentence.ts';
import { explanationOf, foreignSteps, readForeign } from './foreignRunbook.ts';
import { readFrontMatter } from './frontMatter.ts';
import type {
  Playbook,
  PlaybookCommand,
  PlaybookLink,
  PlaybookProblem,
  PlaybookSnippet,
  PlaybookStep,
} from './playbook.ts';
import { templateProblem, textProblem } from './template.ts';

/** Headings whose list items are steps. The first group is what is done at once. */
const STEP_SECTIONS =
  /^(?:first five minutes|first steps|first look|steps|checklist|procedure|triage|actions?|diagnosis|mitigation|verification)\b/i;

export interface ParsedPlaybook {
  readonly playbook: Playbook | null;
  readonly problems: readonly PlaybookProblem[];
}

/** A playbook whose Markdown is read when somebody first asks for its steps, sections, links or title. */
export interface OpenedPlaybook extends ParsedPlaybook {
  /**
   * Why it is no playbook though nothing in it is wrong: `page` for another page of a site of runbooks, `unnamed` when it has
   * no front matter and nothing in it is called as an alert is: a page beside runbooks of others, a mistake beside ours.
   */
  readonly other?: 'page' | 'unnamed';
  /** What is wrong in the Markdown; reads it. Never throws. */
  bodyProblems(): readonly PlaybookProblem[];
}

/**
 * Reads one runbook: YAML front matter, then Markdown. Steps are the list items (or, without a list, the sub-headings) of the
 * step sections; a file without such sections gives the items of its first list. A fence with the info string `lambda`
 * holds `/lambda` command lines; `lambda automatic` those that run by themselves. Pure.
 */
export function parsePlaybook(id: string, file: string, text: string): ParsedPlaybook {
  const opened = openPlaybook(id, file, text);
  return { playbook: opened.playbook, problems: [...opened.problems, ...opened.bodyProblems()] };
}

/** A runbook whose Markdown is parsed on first use: a hundred take half a second, and an alert needs one. */
export function openPlaybook(id: string, file: string, text: string): OpenedPlaybook {
  const plain = text.replace(/^\ufeff/, '');
  const foreign = readForeign(id, plain);
  if (foreign === 'page') return { playbook: null, other: 'page', problems: [], bodyProblems: () => [] };
  const { matter, body, problems } = foreign ? { ...foreign, problems: [] } : readFrontMatter(file, plain);
  if (!matter) {
    const other = /^(?:---|\+\+\+)/.test(plain) ? undefined : 'unnamed';
    return { playbook: null, other, problems, bodyProblems: () => [] };
  }
  const deep = DEEP.exec(text);
  if (deep) {
    const line = text.slice(0, deep.index).split('\n').length;
    const problem = simpler(file, line, 'is nested too deeply to be read');
    return { playbook: null, problems: [problem], bodyProblems: () => [] };
  }
  let read: Body | null = null;
  const content = (): Body => {
    read ??= readBody(file, body, foreign !== null);
    return read;
  };
  return {
    problems: matter.alerts.length === 0 && matter.match.length === 0 ? [servesNone(file)] : [],
    bodyProblems: () => content().problems,
    playbook: {
      id,
      file,
      get title() {
        return matter.title ?? (content().heading || id.split('/').at(-1) || id);
      },
      alerts: matter.alerts,
      match: matter.match,
      owner: matter.owner ?? null,
      severityHint: matter.severity ?? null,
      url: matter.url ?? null,
      isForeign: foreign !== null,
      get explanation() {
        return content().explanation;
      },
      get impact() {
        return matter.impact ?? content().impact;
      },
      get sections() {
        return content().sections;
      },
      get steps() {
        return content().steps;
      },
      get links() {
        return content().links;
      },
      get anchors() {
        return content().anchors;
      },
    },
  };
}

function servesNone(file: string): PlaybookProblem {
  const hint = 'Add “alerts: [NameOfTheAlert]” or “match:” to the front matter.';
  return { file, line: 1, problem: 'names no alert', hint };
}

interface Body extends Pick<Playbook, 'impact' | 'sections' | 'steps' | 'links' | 'anchors' | 'explanation'> {
  /** The first heading of the first level; null when there is none. */
  readonly heading: string | null;
  readonly problems: readonly PlaybookProblem[];
}

/** Deeply nested quotes and lists, recognised by the prefix of a line: parse time doubles with each level. */
const DEEP = /^[ \t>*+-]{200}/m;

/** Parses the body; a failure of the parser becomes a problem of the file. */
function readBody(file: string, body: string, isForeign: boolean): Body {
  try {
    return isForeign ? parseForeignBody(file, body) : parseBody(file, body);
  } catch (thrown) {
    const problem = `cannot be parsed: ${Error.isError(thrown) ? thrown.message : String(thrown)}`;
    return {
      heading: null,
      explanation: null,
      impact: null,
      sections: [],
      steps: [],
      links: [],
      anchors: [],
      problems: [simpler(file, 0, problem)],
    };
  }
}

function simpler(file: string, line: number, problem: string): PlaybookProblem {
  return { file, line, problem, hint: 'Make it simpler: fewer nested levels.' };
}

/** Nothing of a file that was not written for us is wrong, but that it says nothing to do. */
function parseForeignBody(file: string, body: string): Body {
  const root = fromMarkdown(body);
  const sections = sectionsOf(root);
  const steps = foreignSteps(root);
  const empty = { file, line: 0, problem: 'has no steps', hint: 'Add a heading “Diagnosis” with what to look at.' };
  return bodyOf(root, sections, steps, steps.length === 0 ? [empty] : []);
}

/** The parts of a body, in either format. */
function bodyOf(
  root: Root,
  sections: readonly Section[],
  steps: Body['steps'],
  problems: readonly PlaybookProblem[],
): Body {
  return {
    problems,
    heading: sections.find((section) => section.depth === 1)?.title ?? null,
    explanation: explanationOf(root),
    impact: impactOf(sections),
    sections: sections.map((section) => section.title).filter((title) => title !== ''),
    steps,
    links: linksOf(root),
    anchors: sections.map((section) => slug(section.title)),
  };
}

function parseBody(file: string, body: string): Body {
  const root = fromMarkdown(body);
  const sections = sectionsOf(root);
  const steps = stepsOf(sections);
  const found: PlaybookProblem[] = [];
  const about = (line: number, problem: string, hint: string) => found.push({ file, line, problem, hint });
  const commands = steps.flatMap((step) => step.commands);
  const inSteps = new Set(commands.map((command) => command.line));
  for (const command of commands) {
    const problem = templateProblem(command.template);
    if (problem !== null)
      about(command.line, problem, 'Write {{ labels.name }} or {{ labels.name | default "text" }} as a whole word.');
  }
  for (const step of steps)
    for (const { line, template } of [{ line: step.line, template: step.text }, ...step.snippets]) {
      const problem = textProblem(template);
      if (problem !== null) about(line, problem, 'Write {{ labels.name }} or {{ labels.name | default "text" }}.');
    }
  for (const fence of codeOf(root).filter((one) => isMisspelt(one.lang ?? '')))
    about(lineOf(fence), `the block's language is “${fence.lang}”`, 'Did you mean “lambda”?');
  for (const fence of codeOf(root).filter((one) => one.lang === 'lambda' && nearlyAutomatic(one.meta ?? '')))
    about(
      lineOf(fence),
      `“${fence.meta}” after “lambda” means nothing, so it does not run by itself`,
      'Did you mean “lambda automatic”?',
    );
  for (const fence of fencesOf(root).filter((one) => commandsIn(one).some((command) => !inSteps.has(command.line))))
    about(
      lineOf(fence),
      'a lambda block that belongs to no step is never shown',
      'Indent it under a list item of a step section.',
    );
  if (steps.length === 0) about(0, 'has no steps', 'Add a heading “First five minutes” with a numbered list.');
  return bodyOf(root, sections, steps, found);
}

interface Section {
  readonly title: string;
  readonly depth: number;
  readonly line: number;
  readonly nodes: readonly RootContent[];
}

function sectionsOf(root: Root): readonly Section[] {
  const sections: { title: string; depth: number; line: number; nodes: RootContent[] }[] = [
    { title: '', depth: 0, line: 1, nodes: [] },
  ];
  for (const node of root.children) {
    if (node.type === 'heading')
      sections.push({ title: inline(node).trim(), depth: node.depth, line: lineOf(node), nodes: [] });
    else sections.at(-1)?.nodes.push(node);
  }
  return sections;
}

/** The first sentence under the heading “Impact”. */
function impactOf(sections: readonly Section[]): string | null {
  const nodes = sections.find((section) => /^impact\b/i.test(section.title))?.nodes ?? [];
  const paragraph = nodes.find((node) => node.type === 'paragraph');
  return paragraph ? firstSentence(inline(paragraph).replaceAll('`', '')) || null : null;
}

function stepsOf(sections: readonly Section[]): readonly PlaybookStep[] {
  const steps: PlaybookStep[] = [];
  for (const [at, section] of sections.entries()) {
    if (!STEP_SECTIONS.test(section.title)) continue;
    const listed = listSteps(section, section.title);
    steps.push(...(listed.length > 0 ? listed : headingSteps(sections, at)));
  }
  if (steps.length > 0) return steps;
  for (const section of sections) {
    const listed = listSteps(section, section.title || 'Steps');
    if (listed.length > 0) return listed;
  }
  return [];
}

function listSteps(section: Section, title: string): readonly PlaybookStep[] {
  const items = section.nodes.flatMap((node) => (node.type === 'list' ? node.children : []));
  return items.map((item) => stepOf(item, title));
}

/** A section without a list whose sub-headings are the steps. */
function headingSteps(sections: readonly Section[], at: number): readonly PlaybookStep[] {
  const parent = sections[at];
  if (!parent) return [];
  const steps: PlaybookStep[] = [];
  for (const child of sections.slice(at + 1)) {
    if (child.depth <= parent.depth) break;
    const fences = child.nodes.filter((node) => node.type === 'code');
    steps.push({
      line: child.line,
      section: parent.title,
      text: child.title,
      commands: fences.flatMap(commandsIn),
      snippets: fences.flatMap(snippetIn),
    });
  }
  return steps;
}

function stepOf(item: ListItem, section: string): PlaybookStep {
  const paragraphs = item.children.filter((child) => child.type === 'paragraph');
  const nested = item.children.flatMap((child) =>
    child.type === 'list' ? child.children.map((one) => inline(one)) : [],
  );
  const text = [...paragraphs.map(inline), ...nested].join(' ');
  const commands = fencesOf(item).flatMap(commandsIn);
  return {
    line: lineOf(item),
    section,
    text: text
      .replaceAll(/\s+/g, ' ')
      .replace(/^\[[ xX]\]\s*/, '')
      .trim(),
    commands,
    snippets: codeOf(item).flatMap(snippetIn),
  };
}

function snippetIn(fence: Code): readonly PlaybookSnippet[] {
  return fence.lang === 'lambda' || fence.value.trim() === ''
    ? []
    : [{ line: lineOf(fence) + 1, template: fence.value.trimEnd() }];
}

/** Near enough to `lambda` that nothing else was meant. */
function isMisspelt(lang: string): boolean {
  return lang !== 'lambda' && (lang.toLowerCase() === 'lambda' || (lang.length > 3 && distance(lang, 'lambda') <= 2));
}

/** Whether the info string is a misspelt `automatic`. */
function nearlyAutomatic(meta: string): boolean {
  const words = meta.split(/\s+/).filter(Boolean);
  return !words.includes('automatic') && words.some((word) => /^auto/i.test(word) || distance(word, 'automatic') <= 2);
}

/** A heading's anchor as GitHub makes it. */
function slug(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

function commandsIn(fence: Code): readonly PlaybookCommand[] {
  if (fence.lang !== 'lambda') return [];
  const automatic = /(?:^|\s)automatic(?:\s|$)/.test(fence.meta ?? '');
  return fence.value.split('\n').flatMap((line, index) => {
    const template = line.trim().replace(/^\/lambda\s+/, '');
    return template === '' || template.startsWith('#')
      ? []
      : [{ line: lineOf(fence) + 1 + index, template, automatic }];
  });
}

/** Text with code kept in backticks, so that names in it stay recognisable. */
function inline(node: Nodes): string {
  if (node.type === 'inlineCode') return `\`${node.value}\``;
  // HTML has no meaning where steps are shown.
  if (node.type === 'code' || node.type === 'html') return '';
  return 'children' in node
    ? node.children.map((child) => inline(child)).join(node.type === 'listItem' ? ' ' : '')
    : textOf(node);
}

function codeOf(node: Nodes): readonly Code[] {
  if (node.type === 'code') return [node];
  return 'children' in node ? node.children.flatMap((child) => codeOf(child)) : [];
}

function fencesOf(node: Nodes): readonly Code[] {
  return codeOf(node).filter((code) => code.lang === 'lambda');
}

function linksOf(node: Nodes): readonly PlaybookLink[] {
  const isLink = node.type === 'link' || node.type === 'definition' || node.type === 'image';
  const own = isLink ? [{ line: lineOf(node), target: node.url }] : [];
  return 'children' in node ? [...own, ...node.children.flatMap((child) => linksOf(child))] : own;
}

function lineOf(node: Nodes): number {
  return node.position?.start.line ?? 0;
}
