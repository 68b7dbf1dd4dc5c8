import { access } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { checkedPlaybooks, type Replacement } from './load.ts';
import type { Playbook, PlaybookProblem } from './playbook.ts';
import { labelsIn, labelsNeeded, renderCommand } from './template.ts';

export interface PlaybookCheck {
  readonly count: number;
  readonly commands: number;
  readonly problems: readonly PlaybookProblem[];
  readonly replaced: readonly Replacement[];
  /** Files beside the runbooks that name no alert and are left out. */
  readonly pages: readonly string[];
}

export interface CheckOptions {
  /** What is wrong with a `/lambda` line, in words; null when a runbook may run it. */
  readonly problemOf: (line: string) => string | null;
  /** The folder that links may not lead out of. */
  readonly root: string;
  /** Label names an alert has, where its rule is known; null: not known, any label may be used. */
  readonly labelsOf?: (alertName: string) => readonly string[] | null;
}

/**
 * Reads runbooks over for `playbooks check`: files that cannot be used, `lambda` blocks that do not parse, places for labels the alert does
 * not have, links within the repository that lead nowhere. Links to the web are not followed.
 */
export async function checkPlaybooks(folders: readonly string[], options: CheckOptions): Promise<PlaybookCheck> {
  const { playbooks, problems, replaced, pages } = await checkedPlaybooks(folders);
  const found = [...problems];
  const byFile = new Map(playbooks.map((playbook) => [resolve(playbook.file), playbook]));
  for (const playbook of playbooks)
    found.push(
      ...commandProblems(playbook, options),
      ...labelProblems(playbook, options),
      ...(await linkProblems(playbook, options.root, byFile)),
    );
  return {
    count: playbooks.length,
    commands: playbooks.flatMap((playbook) => playbook.steps).flatMap((step) => step.commands).length,
    replaced,
    pages,
    problems: found.toSorted((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1)),
  };
}

function commandProblems(playbook: Playbook, options: CheckOptions): readonly PlaybookProblem[] {
  return playbook.steps.flatMap((step) =>
    step.commands.flatMap(({ line, template }) => {
      // Any valid name serves as the value: only the parse of the line is checked.
      const labels = Object.fromEntries(labelsIn(template).map((label) => [label, 'example']));
      const rendered = renderCommand(template, labels);
      const problem = rendered === null ? null : options.problemOf(rendered);
      return problem === null
        ? []
        : [
            {
              file: playbook.file,
              line,
              problem: `/lambda ${template}: ${problem.replace(/\.$/, '')}`,
              hint: 'See docs/commands.md.',
            },
          ];
    }),
  );
}

function labelProblems(playbook: Playbook, options: CheckOptions): readonly PlaybookProblem[] {
  return playbook.alerts.flatMap((alert) => {
    const known = options.labelsOf?.(alert) ?? null;
    if (known === null) return [];
    return playbook.steps.flatMap((step) =>
      [...step.commands, ...step.snippets, { line: step.line, template: step.text }].flatMap(({ line, template }) =>
        // A place with a default allows for a missing label.
        labelsNeeded(template)
          .filter((label) => !known.includes(label))
          .map((label) => ({
            file: playbook.file,
            line,
            problem: `${alert} has no label “${label}”`,
            hint: `It has ${known.join(', ')}; or give a default.`,
          })),
      ),
    );
  });
}

async function linkProblems(
  playbook: Playbook,
  root: string,
  byFile: ReadonlyMap<string, Playbook>,
): Promise<readonly PlaybookProblem[]> {
  const problems: PlaybookProblem[] = [];
  for (const { line, target } of playbook.links) {
    if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(target)) continue;
    // The generator of another site resolves its own links.
    if (playbook.isForeign) continue;
    const path = decoded(target.replace(/[?#].*$/, ''));
    const full =
      path === ''
        ? resolve(playbook.file)
        : path.startsWith('/')
          ? resolve(root, `.${path}`)
          : resolve(dirname(playbook.file), path);
    const inside = relative(root, full);
    const leaves = inside.startsWith('..') || isAbsolute(inside);
    const exists =
      !leaves &&
      (await access(full).then(
        () => true,
        () => false,
      ));
    if (!exists)
      problems.push({
        file: playbook.file,
        line,
        problem: `the link ${target} leads nowhere`,
        hint: leaves ? 'It leads out of the repository: give the whole address.' : 'Give the path from this file.',
      });
    else if (!hasAnchor(byFile.get(full), target))
      problems.push({
        file: playbook.file,
        line,
        problem: `the link ${target} leads to no heading`,
        hint: `There are ${byFile.get(full)?.anchors.filter(Boolean).slice(0, 12).join(', ')}.`,
      });
  }
  return problems;
}

/** Headings are only known of files that are runbooks. */
function hasAnchor(playbook: Playbook | undefined, target: string): boolean {
  const anchor = decoded(target.split('#')[1] ?? '');
  return anchor === '' || !playbook || playbook.anchors.includes(anchor.toLowerCase());
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
