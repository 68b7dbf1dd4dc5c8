import { distance } from 'fastest-levenshtein';
import type { Code, Heading, Nodes, Root, RootContent } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';
import { parse } from 'yaml';
import { readSeverity } from '../incidents/severity.ts';
import type { FrontMatter } from './frontMatter.ts';
import { diagnosticOf } from './kubectl.ts';
import type { PlaybookCommand, PlaybookStep } from './playbook.ts';

/** Headings of sections that say what to do, in public runbooks (prometheus-operator, OpenShift, GitLab, SRE templates). */
const DOING =
  /^(?:(?:initial|first|basic|common|general|quick|further|manual)\s+)?(?:diagnosis|diagnostics?|mitigations?|symptoms?|steps|remediation|resolution|resolving|solutions?|troubleshooting|investigation|debugging|recovery|verification|procedure|actions?|triage|next steps|how to fix|workarounds?)\b/i;
/** Headings that explain. */
const EXPLAINING =
  /^(?:meaning|impact|references?|links|see also|notes?|background|overview|summary|context|appendix|changelog)\b/i;
const MEANING = /^(?:meaning|impact)\b/i;
const isSection = (heading: string): boolean => DOING.test(heading) || MEANING.test(heading);
const OURS: readonly string[] = ['match', 'matches'];
const KNOWN = ['title', 'alerts', 'match', 'owner', 'severity', 'url'];
const MOST_STEPS = 60;

export interface Foreign {
  readonly matter: FrontMatter;
  /** The Markdown below, on its own lines. */
  readonly body: string;
}

/**
 * Whether a key of the front matter marks the file as a runbook of this product, misspelt too. Keys one letter away
 * from `match` are common elsewhere (`path`, `watch`, `math`), so there only two transposed letters count.
 */
function saysOurs(key: string): boolean {
  const letters = (word: string) => [...word].sort().join('');
  return distance('alerts', key) <= 2 || OURS.includes(key) || letters(key) === letters('match');
}

/**
 * Reads a runbook that was not written for us: its alert is named by the file or by the first heading, whatever front matter
 * it has (Hugo, Jekyll, MkDocs, Backstage; YAML or TOML) or none. `page`: some other page of the same site. Null: it is
 * written for us (its front matter says `alerts` or `match`, or nearly), or nothing tells what it is.
 */
export function readForeign(id: string, text: string): Foreign | 'page' | null {
  const front = /^(---|\+\+\+)[ \t]*\r?\n([\s\S]*?)\r?\n?\1[ \t]*(?:\r?\n|$)/.exec(text);
  const values = front?.[1] === '---' ? valuesOf(front[2] ?? '') : {};
  if (values === null) return null;
  const keys = Object.keys(values);
  if (keys.some((key) => saysOurs(key.toLowerCase()))) return null;
  const body = front ? '\n'.repeat(front[0].split('\n').length - 1) + text.slice(front[0].length) : text;
  const alerts = alertNames(id.split('/').at(-1) ?? id, body);
  const hasSections = body.split('\n').some((line) => isSection(/^#{1,4}\s+(.*)$/.exec(line)?.[1] ?? ''));
  if (alerts.length === 0 || !(hasSections || alerts.some((name) => /[a-z][A-Z]/.test(name) && body.trim() !== '')))
    return front && (front[1] === '+++' || keys.some((key) => !KNOWN.includes(key))) ? 'page' : null;
  const word = (value: unknown) =>
    typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 200) : undefined;
  const url = word(values.url);
  return {
    body,
    matter: {
      title: word(values.title),
      alerts: [...alerts],
      match: [],
      owner: word(values.owner) ?? word(values.team),
      severity: readSeverity(word(values.severity)) ?? undefined,
      url: url && /^https?:/.test(url) && URL.canParse(url) ? url : undefined,
    },
  };
}

function valuesOf(yaml: string): Readonly<Record<string, unknown>> | null {
  try {
    const values: unknown = parse(yaml, { maxAliasCount: 20, logLevel: 'silent' });
    return typeof values === 'object' && values !== null && !Array.isArray(values) ? { ...values } : null;
  } catch {
    return null;
  }
}

/** The file's name and the first heading, as far as an alert can be called so. */
function alertNames(file: string, body: string): readonly string[] {
  const heading = /^#{1,2}\s+(.+?)\s*#*\s*$/m.exec(body)?.[1]?.replaceAll('`', '') ?? '';
  return [...new Set([file, heading].filter((name) => /^[A-Za-z_][A-Za-z0-9_:]{2,199}$/.test(name)))];
}

/** What the runbook says the alert means and does, in short, under its title at the latest; null when it does not say. */
export function explanationOf(root: Root): string | null {
  const all = partsOf(root);
  const meaning = all.filter(({ heading }) => MEANING.test(heading));
  const title = all.some(({ heading }) => DOING.test(heading))
    ? all.filter(({ depth }) => depth === 1).slice(0, 1)
    : [];
  const parts = (meaning.length > 0 ? meaning : title).flatMap(
    ({ nodes }) => nodes.find((node) => node.type === 'paragraph') ?? [],
  );
  const text = parts.map((node) => textOf(node).replaceAll(/\s+/g, ' ')).join(' ');
  return text === '' ? null : text.slice(0, 600);
}

/**
 * The steps of a runbook of others, in reading order: each list item and each paragraph of the sections that say what to do,
 * with the code below it to copy, and its kubectl lines that only read as our diagnostics. Without such sections, of all of it.
 */
export function foreignSteps(root: Root): readonly PlaybookStep[] {
  const parts = partsOf(root);
  const doing = parts.filter(({ heading, isAfterMeaning }) => DOING.test(heading) || isAfterMeaning);
  const steps = (doing.length > 0 ? doing : parts.filter(({ heading }) => !EXPLAINING.test(heading))).flatMap(
    ({ heading, nodes }) => stepsIn(heading || 'Steps', nodes),
  );
  return steps.slice(0, MOST_STEPS);
}

interface Part {
  readonly heading: string;
  readonly depth: number;
  /** An unknown heading ends the explanation: people name the section of steps as they like (`Critical`, `Runbook`). */
  readonly isAfterMeaning: boolean;
  readonly nodes: RootContent[];
}

/**
 * Sections with their content: an unknown heading belongs to the section above, unless that one only explains and the
 * heading is not below it.
 */
function partsOf(root: Root): readonly Part[] {
  const first: Part = { heading: '', depth: 0, isAfterMeaning: false, nodes: [] };
  const parts: Part[] = [first];
  for (const node of root.children) {
    const above = parts.at(-1) ?? first;
    if (node.type !== 'heading') {
      above.nodes.push(node);
      continue;
    }
    const heading = textOf(node).trim();
    const ends = (MEANING.test(above.heading) || above.isAfterMeaning) && node.depth <= above.depth;
    const isOwn = node.depth === 1 || isSection(heading) || parts.length === 1;
    if (isOwn || ends) {
      const isAfterMeaning = !isOwn && !EXPLAINING.test(heading);
      parts.push({ heading, depth: node.depth, isAfterMeaning, nodes: [] });
    } else above.nodes.push(node);
  }
  return parts;
}

interface Draft {
  line: number;
  text: string;
  code: Code[];
}

function stepsIn(section: string, nodes: readonly RootContent[]): readonly PlaybookStep[] {
  const drafts: Draft[] = [];
  let title: Heading | null = null;
  const add = (node: Nodes, text: string) => drafts.push({ line: node.position?.start.line ?? 0, text, code: [] });
  for (const node of nodes) {
    if (node.type === 'heading') title = node;
    else if (node.type === 'list')
      for (const item of node.children) {
        add(item, inline(item));
        drafts.at(-1)?.code.push(...codeOf(item));
      }
    else if (node.type === 'paragraph' || node.type === 'blockquote') {
      add(node, `${title ? `${textOf(title)}: ` : ''}${inline(node)}`);
      title = null;
    } else if (node.type === 'code') {
      if (drafts.length === 0 || title) add(node, title ? textOf(title) : section);
      title = null;
      drafts.at(-1)?.code.push(node);
    }
  }
  return drafts.filter(({ text }) => text !== '').map((draft) => stepOf(section, draft));
}

function stepOf(section: string, { line, text, code }: Draft): PlaybookStep {
  const commands: PlaybookCommand[] = code.flatMap((block) => {
    const from = (block.position?.start.line ?? 0) + 1;
    if (block.lang === 'lambda') return ownCommands(block, from);
    return block.value.split('\n').flatMap((typed, at) => offered(typed, from + at));
  });
  const inText = [...text.matchAll(/`([^`]+)`/g)].flatMap(([, typed]) => offered(typed ?? '', line));
  const all = [...commands, ...inText];
  return {
    line,
    section,
    text: text.slice(0, 1_000),
    commands: all.filter((one, at) => all.findIndex(({ template }) => template === one.template) === at),
    snippets: code
      .filter((block) => block.lang !== 'lambda' && block.value.trim() !== '')
      .map((block) => ({ line: (block.position?.start.line ?? 0) + 1, template: block.value.trimEnd() })),
  };
}

function offered(typed: string, line: number): readonly PlaybookCommand[] {
  const template = diagnosticOf(typed);
  return template === null ? [] : [{ line, template, automatic: false }];
}

function ownCommands(block: Code, from: number): readonly PlaybookCommand[] {
  const automatic = /(?:^|\s)automatic(?:\s|$)/.test(block.meta ?? '');
  return block.value.split('\n').flatMap((typed, at) => {
    const template = typed.trim().replace(/^\/lambda\s+/, '');
    return template === '' || template.startsWith('#') ? [] : [{ line: from + at, template, automatic }];
  });
}

function codeOf(node: Nodes): readonly Code[] {
  if (node.type === 'code') return [node];
  return 'children' in node ? node.children.flatMap((child) => codeOf(child)) : [];
}

/** Text with code kept in backticks; blocks of code stand below it. */
function inline(node: Nodes): string {
  return written(node)
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/^\[[ xX]\]\s*/, '');
}

function written(node: Nodes): string {
  if (node.type === 'inlineCode') return `\`${node.value}\``;
  if (node.type === 'code' || node.type === 'html') return '';
  return 'children' in node ? node.children.map(written).join(node.type === 'listItem' ? ' ' : '') : textOf(node);
}
