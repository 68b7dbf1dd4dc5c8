import { type KnownKind, kindOfWord } from '../alerts/kindWords.ts';

/** The diagnostic for each kind, and the label that names one object of it. */
const DIAGNOSTICS: ReadonlyMap<KnownKind | null, readonly [diagnostic: string, label: string | null]> = new Map([
  ['Pod', ['pods', 'pod']],
  ['Node', ['nodes', 'node']],
  ['Job', ['jobs', 'job_name']],
  ['Event', ['events', null]],
  ['Deployment', ['rollouts', 'deployment']],
  ['HorizontalPodAutoscaler', ['hpa', null]],
  ['ResourceQuota', ['quota', null]],
  ['PersistentVolumeClaim', ['storage', null]],
  ['PersistentVolume', ['storage', null]],
]);

/** Placeholders that people write for a label of the alert: `$NAMESPACE`, `<my-pod>`, `${POD_NAME}`, `NAMESPACE`. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/name_?space|^ns$/, 'namespace'],
  [/pod/, 'pod'],
  [/node/, 'node'],
  [/job/, 'job_name'],
  [/deploy/, 'deployment'],
  [/container/, 'container'],
];

/** Flags of kubectl that take a value of their own. */
const VALUED = new Set([
  '-n',
  '--namespace',
  '-l',
  '--selector',
  '-c',
  '--container',
  '--tail',
  '--since',
  '-o',
  '--output',
]);
/** The diagnostics that take labels. */
const BY_LABELS = new Set(['pods', 'nodes', 'jobs', 'hpa', 'top pods', 'top nodes']);
/** A command line that is one command: nothing piped, put in place, redirected or chained. */
const ONE_COMMAND = /^[\w\s./:=,@$<>{}"'*-]+$/;

/**
 * The diagnostic that reads what a line of kubectl (or oc) reads, as a template with places for labels; null for a line that
 * changes something, does more than one thing, reads what no diagnostic reads, or has a place no label fills.
 */
export function diagnosticOf(line: string): string | null {
  const plain = line.trim().replace(/^[$#>]\s+/, '');
  const [program, ...words] = plain
    .replaceAll(/<([\w.-]+(?: [\w.-]+)+)>/g, (_whole, said: string) => `<${said.replaceAll(' ', '_')}>`)
    .split(/\s+/);
  if ((program !== 'kubectl' && program !== 'oc') || !ONE_COMMAND.test(plain)) return null;
  // What is left when places such as <namespace> are taken out leads a command's output somewhere.
  if (/[<>]/.test(plain.replaceAll(/<[\w .-]+>/g, ''))) return null;
  const { names, flags } = taken(words);
  const [verb, ...rest] = names;
  const namespace = filled(flags.get('-n') ?? flags.get('--namespace') ?? '', 'namespace');
  const everywhere = flags.has('-A') || flags.has('--all-namespaces');
  const where = everywhere ? ' -A' : namespace ? ` -n ${namespace}` : '';
  if (namespace === null) return null;
  if (verb === 'logs' || verb === 'log') return logs(rest, flags, where);
  if (verb === 'top') return top(rest, flags, where);
  if (verb !== 'get' && verb !== 'describe' && verb !== 'events') return null;
  const [kind = '', slashed] = (verb === 'events' ? 'events' : (rest[0] ?? '')).toLowerCase().split('/');
  const known = DIAGNOSTICS.get(kindOfWord(kind));
  if (!known) return null;
  const [diagnostic, label] = known;
  const name = label === null ? '' : filled(slashed ?? rest[1] ?? '', label);
  const chosen = selected(flags, diagnostic);
  if (name === null || chosen === null || rest.length > 2) return null;
  return `diag ${diagnostic}${label !== null && name ? ` ${name}` : ''}${diagnostic === 'nodes' ? '' : where}${chosen}`;
}

/** The labels asked for; null where the diagnostic takes none, for without them the answer would be about more than was asked. */
function selected(flags: ReadonlyMap<string, string>, diagnostic: string): string | null {
  const selector = (flags.get('-l') ?? flags.get('--selector') ?? '').replace(/^["']|["']$/g, '');
  if (selector === '') return '';
  return BY_LABELS.has(diagnostic) && /^[\w./=,-]+$/.test(selector) ? ` -l ${selector}` : null;
}

function logs(rest: readonly string[], flags: ReadonlyMap<string, string>, where: string): string | null {
  const [of = ''] = rest.filter((word) => word !== 'pod');
  const name = filled(of.replace(/^pod\//, ''), 'pod');
  if (!name || flags.has('-l') || flags.has('--selector')) return null;
  const previous = flags.has('-p') || flags.has('--previous') ? ' --previous' : '';
  return `diag logs ${name}${where}${previous}`;
}

function top(rest: readonly string[], flags: ReadonlyMap<string, string>, where: string): string | null {
  const kind = kindOfWord(rest[0] ?? '');
  const chosen = selected(flags, 'top pods');
  if (chosen === null) return null;
  if (kind === 'Pod') return `diag top pods${where}${chosen}`;
  return kind === 'Node' ? `diag top nodes${chosen}` : null;
}

function taken(words: readonly string[]): { readonly names: readonly string[]; readonly flags: Map<string, string> } {
  const names: string[] = [];
  const flags = new Map<string, string>();
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const [, flag = '', value] = /^(-[lnc])=?(.+)$/.exec(word) ?? /^([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (!word.startsWith('-')) names.push(word);
    else if (value !== undefined) flags.set(flag, value);
    else {
      const next = VALUED.has(flag) ? (words[at + 1] ?? '') : '';
      if (VALUED.has(flag)) at += 1;
      flags.set(flag, next);
    }
  }
  return { names, flags };
}

/** The word itself, or the label template for a placeholder; null when no label fills it. */
function filled(word: string, label: string | null): string | null {
  const bare = word.replace(/^["']|["']$/g, '');
  if (bare === '') return '';
  const place = /^(?:\$\{?([\w-]+)\}?|<([^<>]+)>|([A-Z][A-Z_]+))$/.exec(bare);
  const asked = (place?.[1] ?? place?.[2] ?? place?.[3])?.toLowerCase();
  if (asked === undefined) return /^[a-z0-9][a-z0-9.-]*$/.test(bare) ? bare : null;
  const known = PLACES.find(([pattern]) => pattern.test(asked))?.[1];
  const meant = known ?? (/^(?:my-)?name$/.test(asked) ? label : undefined);
  return meant ? `{{ labels.${meant} }}` : null;
}
