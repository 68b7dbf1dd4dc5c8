/** The way of an alert and of a command through the source, followed by names as a reader follows them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { place, ROOT } from './sources.ts';
import { type Syntax, syntaxOf } from './syntax.ts';

/** A way in stages: what runs between two durable boundaries begins at an exported name of a file. */
export type Way = readonly (readonly [file: string, name: string])[];

export const WAYS: Readonly<Record<string, Way>> = {
  'an alert, from the webhook to its card': [
    ['src/http/alertmanagerWebhook.ts', 'alertmanagerWebhook'],
    ['src/jobs/handleAlertGroup.ts', 'handleAlertGroup'],
    ['src/slack/delivery/card.ts', 'deliverCard'],
  ],
  'what an alert tells by itself': [['src/incidents/decide/assess.ts', 'assess']],
  'the decision about an alert': [['src/incidents/decide/decide.ts', 'decide']],
  'a command (note), from the typed words to its answer': [
    ['src/slack/listeners/slash.ts', 'listenToSlash'],
    ['src/jobs/runCommand.ts', 'runCommand'],
    ['src/commands/execute.ts', 'execute'],
    ['src/commands/note.ts', 'note'],
    ['src/slack/delivery/answer.ts', 'answer'],
  ],
};

export interface Walk {
  /** In the order they are first read. */
  readonly files: readonly string[];
  /** How often a reader comes back to a file after another one. */
  readonly returns: number;
}

const LEAVES = ['errors', 'logger', 'telemetry', 'network', 'wording'];
/** Tables of alternatives: a reader goes to the one row, which is a stage of its own. */
const TABLES = ['src/commands/index.ts'];

/**
 * Follows each name to its declaration and that one's names, depth first and once each; leaves and ports end a way.
 * @throws when a stage is not there: the way has to be kept with the source.
 */
export function walk(way: Way): Walk {
  const syntaxes = new Map<string, Syntax>();
  const read = (file: string): Syntax => {
    const known = syntaxes.get(file) ?? syntaxOf(file);
    syntaxes.set(file, known);
    return known;
  };
  const seen = new Set<string>();
  const files: string[] = [];
  let returns = 0;
  const visit = (file: string, name: string) => {
    if (seen.has(`${file} ${name}`)) return;
    seen.add(`${file} ${name}`);
    const syntax = read(file);
    const declaration = syntax.declarations.get(name);
    if (declaration === undefined) return;
    if (!files.includes(file)) files.push(file);
    for (const used of declaration.uses) {
      const from = syntax.imported.get(used);
      if (from === undefined) {
        if (syntax.declarations.has(used)) visit(file, used);
      } else if (
        from.file.startsWith('src/') &&
        !LEAVES.includes(place(from.file).room) &&
        !TABLES.includes(from.file)
      ) {
        const before = seen.size;
        visit(from.file, from.name);
        if (seen.size > before) returns += 1;
      }
    }
  };
  for (const [file, name] of way) {
    if (!existsSync(join(ROOT, file)) || !read(file).declarations.get(name)?.exported)
      throw new Error(`${file} exports no ${name}: bring scripts/house/ways.ts up to date with the source`);
    visit(file, name);
  }
  return { files, returns };
}
