import { createHash } from 'node:crypto';
import type { PlaybookStep } from './playbook.ts';

/**
 * An identity for each step, from what it says and runs: what was ticked stays ticked when the file changes elsewhere and the
 * responder is started again. Steps that say the same are told apart by their order.
 */
export function stepKeys(steps: readonly Pick<PlaybookStep, 'text' | 'commands'>[]): readonly string[] {
  const seen = new Map<string, number>();
  return steps.map(({ text, commands }) => {
    const said = [text, ...commands.map((command) => command.template)].join('\n');
    const hash = createHash('sha256').update(said).digest('base64url').slice(0, 10);
    const before = seen.get(hash) ?? 0;
    seen.set(hash, before + 1);
    return before === 0 ? hash : `${hash}.${before}`;
  });
}
