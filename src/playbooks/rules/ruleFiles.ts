import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMap, LineCounter, parseAllDocuments, type YAMLMap } from 'yaml';
import { YamlNodes } from './yamlNodes.ts';

/** A rule as found in somebody's file. */
export interface FoundRule {
  readonly file: string;
  /** 1-based line of the rule. */
  readonly line: number;
  readonly group: string;
  readonly alert: string | null;
  readonly record: string | null;
  readonly expr: string;
  readonly for: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface FileProblem {
  readonly file: string;
  readonly line: number;
  readonly kind: 'unreadable' | 'templated' | 'not-rules';
  readonly problem: string;
  readonly hint: string;
}

export interface RuleFiles {
  readonly files: readonly string[];
  readonly rules: readonly FoundRule[];
  readonly problems: readonly FileProblem[];
}

const RENDER = 'Render it first: helm template CHART > rules.yaml, then lint rules.yaml.';
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_FILES = 5000;
const RULE_FILE = /\.(ya?ml|json|rules)$/i;
/** What only Helm writes between its braces; Prometheus's own templates have no `.Values` and the like. */
const HELM = /\.(?:Values|Release|Chart|Capabilities|Files)\b|^-?\s*(?:define|include)\s+"/;
/** More braces or brackets in a row than any file has: reading them nested takes for ever. */
const TOO_DEEP = /[[{]{100}/;

/** Reads rule files of any team: plain groups, PrometheusRule objects, Lists and ConfigMaps of them. Folders are read through. */
export async function readRuleFiles(paths: readonly string[]): Promise<RuleFiles> {
  const problems: FileProblem[] = [];
  const files = new Map<string, boolean>();
  for (const path of paths) await collect(path, files, problems, true);
  const rules: FoundRule[] = [];
  const counted: string[] = [];
  for (const [file, named] of files) {
    const found = await readOne(file, named, problems);
    if (found !== null) counted.push(file);
    rules.push(...(found ?? []));
  }
  return { files: counted, rules, problems };
}

/** Adds files by their path; the value says whether somebody named it, or it was met in a folder. */
async function collect(
  path: string,
  files: Map<string, boolean>,
  problems: FileProblem[],
  named: boolean,
): Promise<void> {
  if (files.size >= MAX_FILES) return;
  try {
    if (!(await stat(path)).isDirectory()) {
      if (named || (RULE_FILE.test(path) && !files.has(path))) files.set(path, named);
      return;
    }
    for (const entry of (await readdir(path)).sort()) {
      if (entry === 'node_modules' || entry === '.git') continue;
      await collect(join(path, entry), files, problems, false);
    }
  } catch (thrown) {
    const problem = thrown instanceof Error ? thrown.message : String(thrown);
    problems.push({ file: path, line: 0, kind: 'unreadable', problem, hint: 'Check the path and the rights on it.' });
  }
}

/** What speaks of rules in any form. */
const OF_RULES = /\bPrometheusRule\b|\b(?:alert|record)["']?\s*:/;

/** The rules of a file; null for a file met in a folder that has nothing to do with rules. */
async function readOne(file: string, named: boolean, problems: FileProblem[]): Promise<readonly FoundRule[] | null> {
  const refuse: Refuse = (kind, problem, hint, line = 0) => {
    problems.push({ file, line, kind, problem, hint });
    return [];
  };
  let text: string;
  try {
    if ((await stat(file)).size > MAX_BYTES) return refuse('unreadable', 'larger than 16 MiB', 'Split it.');
    text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (thrown) {
    return refuse(
      'unreadable',
      thrown instanceof Error ? thrown.message : String(thrown),
      'Check the path and the rights.',
    );
  }
  if (!named && !OF_RULES.test(text)) return null;
  const helm = helmAt(text);
  if (helm !== null) return refuse('templated', 'a Helm template, not rules yet', RENDER, lineAt(text, helm));
  if (TOO_DEEP.test(text)) return refuse('unreadable', 'nested too deep', 'Fix the YAML.');
  const counter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: counter, uniqueKeys: false, logLevel: 'silent' });
  if (!Array.isArray(documents)) return [];
  const rules: FoundRule[] = [];
  let understood = documents.length === 0;
  for (const document of documents) {
    const error = document.errors[0];
    if (error) {
      const { line } = counter.linePos(error.pos[0]);
      return refuse(...brokenYaml(text, line, error.message), line);
    }
    if (document.contents === null) continue;
    const reader: Reader = { nodes: new YamlNodes(document, counter), file, refuse };
    const found = isMap(document.contents) ? groupsOf(document.contents, reader) : null;
    if (found) rules.push(...found);
    understood ||= found !== null;
  }
  if (!understood) {
    return refuse('not-rules', 'no rule groups in it', 'Expected `groups:` or a PrometheusRule with `spec.groups`.');
  }
  return rules;
}

type Refuse = (kind: FileProblem['kind'], problem: string, hint: string, line?: number) => readonly FoundRule[];

interface Reader {
  readonly nodes: YamlNodes;
  readonly file: string;
  readonly refuse: Refuse;
}

/** Why the YAML does not parse: a template of another tool, an unquoted template of Prometheus, or plainly broken. */
function brokenYaml(text: string, line: number, message: string): [FileProblem['kind'], string, string] {
  const around = text.split('\n').slice(Math.max(0, line - 2), line + 1);
  if (around.some((one) => /\{\{[^{}]{0,300}\$(labels|value|externalLabels)\b/.test(one)))
    return ['unreadable', 'does not parse: an unquoted {{ is a map in YAML', 'Put the text in quotes.'];
  if (/^[ \t]*(?:-[ \t]+)?(?:[\w.-]+:[ \t]+)?\{\{/m.test(text))
    return ['templated', 'a template, not rules yet', RENDER];
  return [
    'unreadable',
    message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'not YAML',
    'Fix the YAML.',
  ];
}

/** The rules of a document; null when it is something else. */
function groupsOf(map: YAMLMap, reader: Reader): readonly FoundRule[] | null {
  const { nodes } = reader;
  if (nodes.text(nodes.field(map, 'kind')) === 'ConfigMap') return configMapRules(map, reader);
  const items = nodes.list(nodes.field(map, 'items'));
  if (items) {
    const each = items.items.map((item) => {
      const one = nodes.map(item);
      return one ? groupsOf(one, reader) : null;
    });
    return each.some((one) => one !== null) ? each.flatMap((one) => one ?? []) : null;
  }
  const spec = nodes.map(nodes.field(map, 'spec'));
  const groups = nodes.list(nodes.field(map, 'groups')) ?? (spec ? nodes.list(nodes.field(spec, 'groups')) : null);
  return groups?.items.flatMap((group) => rulesOfGroup(group, reader)) ?? null;
}

function rulesOfGroup(node: unknown, reader: Reader): readonly FoundRule[] {
  const { nodes } = reader;
  const group = nodes.map(node);
  const rules = group ? nodes.list(nodes.field(group, 'rules')) : null;
  if (!group || !rules) {
    const line = nodes.line(node);
    return reader.refuse('unreadable', 'a group without a list of rules', 'Expected `name:` and `rules:`.', line);
  }
  const shared = nodes.texts(nodes.field(group, 'labels'));
  const name = nodes.text(nodes.field(group, 'name'));
  return rules.items.flatMap((rule) => {
    const one = nodes.map(rule);
    return one ? [foundRule(one, name, shared, reader)] : [];
  });
}

/** Helm charts and the old kube-prometheus keep rules as text in ConfigMaps. */
function configMapRules(map: YAMLMap, { nodes, file, refuse }: Reader): readonly FoundRule[] | null {
  const values = nodes.map(nodes.field(map, 'data'))?.items ?? [];
  const found = values.flatMap((pair) => {
    const text = nodes.text(pair.value);
    if (!/^\s*groups:/m.test(text)) return [];
    const counter = new LineCounter();
    const [document] = parseAllDocuments(text, { lineCounter: counter, logLevel: 'silent' });
    if (!document) return [];
    const error = document.errors[0];
    const start = nodes.line(pair.value);
    if (error || !isMap(document.contents))
      return refuse('unreadable', `${nodes.text(pair.key)} in the ConfigMap does not parse`, 'Fix the YAML.', start);
    const inner = groupsOf(document.contents, { nodes: new YamlNodes(document, counter), file, refuse }) ?? [];
    // A block scalar begins on the line of its `|`, its text on the next.
    return inner.map((rule) => ({ ...rule, line: rule.line + start }));
  });
  return found.length > 0 ? found : null;
}

/** `shared` are the labels of the group, which Prometheus 3 gives to each of its rules. */
function foundRule(rule: YAMLMap, group: string, shared: Readonly<Record<string, string>>, reader: Reader): FoundRule {
  const { nodes, file } = reader;
  const text = (key: string) => nodes.text(nodes.field(rule, key));
  return {
    file,
    line: nodes.line(rule),
    group,
    alert: text('alert') || null,
    record: text('record') || null,
    expr: text('expr'),
    for: text('for') || null,
    labels: { ...shared, ...nodes.texts(nodes.field(rule, 'labels')) },
    annotations: nodes.texts(nodes.field(rule, 'annotations')),
  };
}

/** Where the first template action of Helm begins; null without one. */
function helmAt(text: string): number | null {
  for (const action of text.matchAll(/\{\{([^{}]{0,500})/g)) if (HELM.test(action[1] ?? '')) return action.index;
  return null;
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
