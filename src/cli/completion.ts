import type { Command as Tree } from 'commander';
import { COMMANDS } from '../commands/index.ts';
import { commandPaths } from '../commands/parse.ts';
import { ResponderError } from '../errors.ts';

/** What may follow some words of a line: sub-commands and options, and behind `run` the commands of Slack. */
type Words = readonly (readonly [after: string, next: readonly string[]])[];

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/**
 * The completion script of a shell, written from the tree of commands itself so that it cannot fall behind it.
 * @throws ResponderError bad_input for a shell that is none of the three
 */
export function completionFor(shell: string, program: Tree): string {
  const words = wordsOf(program);
  if (shell === 'bash') return bash(words);
  if (shell === 'zsh') return `#compdef lambda-responder\nautoload -U +X bashcompinit && bashcompinit\n${bash(words)}`;
  if (shell === 'fish') return fish(words);
  throw new ResponderError('bad_input', `There is no completion for “${shell}”.`, {
    hint: `There is: ${SHELLS.join(', ')}.`,
  });
}

function wordsOf(program: Tree): Words {
  const all = new Map<string, Set<string>>();
  const add = (after: string, next: string): void =>
    void (all.get(after) ?? all.set(after, new Set()).get(after))?.add(next);
  const walk = (node: Tree, path: string): void => {
    for (const option of node.options) if (option.long) add(path, option.long);
    for (const child of node.commands) {
      add(path, child.name());
      walk(child, `${path} ${child.name()}`.trim());
    }
  };
  walk(program, '');
  for (const path of commandPaths(COMMANDS))
    path.split(' ').forEach((word, at, parts) => {
      add(['run', ...parts.slice(0, at)].join(' '), word);
    });
  return [...all].map(([after, next]) => [after, [...next].toSorted()]);
}

function bash(words: Words): string {
  const cases = words.map(([after, next]) => `    '${after}') words='${next.join(' ')}' ;;`);
  return `# lambda-responder completion bash
_lambda_responder() {
  local words='' typed=''
  local at
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "\${COMP_WORDS[at]}" in -*) ;; *) typed="\${typed:+$typed }\${COMP_WORDS[at]}" ;; esac
  done
  case "$typed" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _lambda_responder lambda-responder
`;
}

function fish(words: Words): string {
  const lines = words.map(
    ([after, next]) =>
      `complete -c lambda-responder -n 'test (string join " " (__lambda_responder_typed)) = "${after}"' -a '${next.join(' ')}'`,
  );
  return `# lambda-responder completion fish
function __lambda_responder_typed
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; or echo $word
  end
end
${lines.join('\n')}
`;
}
