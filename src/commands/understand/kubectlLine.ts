import { type KnownKind, kindOfWord, spellingOf } from '../../alerts/kindWords.ts';
import { short } from '../../wording/cuts.ts';
import { DIAGNOSTICS } from '../diagnostics.ts';

import { type Flagged, flagsOf } from './kubectlFlags.ts';
import { laterOf } from './later.ts';
import { withoutMarks } from './tidy.ts';
import { offers, runs, type Understood } from './understood.ts';

/** Which diagnostic answers `kubectl get KIND` and `kubectl get KIND NAME`; every other kind is described. */
const GETS: { readonly [K in KnownKind]?: { readonly list: string; readonly one?: string } } = {
  Pod: { list: 'pods', one: 'pods' },
  Event: { list: 'events', one: 'events' },
  Job: { list: 'jobs', one: 'jobs' },
  Node: { list: 'nodes', one: 'nodes' },
  HorizontalPodAutoscaler: { list: 'hpa' },
  ResourceQuota: { list: 'quota' },
  PersistentVolumeClaim: { list: 'storage' },
  PersistentVolume: { list: 'storage' },
  StorageClass: { list: 'storage' },
  KnativeService: { list: 'function', one: 'function' },
  LambdaFunction: { list: 'function', one: 'function' },
  Broker: { list: 'eventing' },
  Trigger: { list: 'eventing' },
};

/** Kinds that are never read, and what is said instead. */
const UNREAD = /^(?:secrets?|cm|configmaps?|roles?|rolebindings?|clusterroles?|clusterrolebindings?)(?:\.|\/|$)/i;

/** kubectl's verbs that change something, run something, or ask about the tool itself. */
const CHANGES =
  /^(?:delete|edit|patch|replace|set|label|annotate|taint|create|run|expose|autoscale|exec|attach|debug|cp|port-forward|proxy|cordon|uncordon|drain|scale|wait|diff|kustomize|apply|rm|kill)$/i;
const ABOUT_THE_TOOL =
  /^(?:config|version|cluster-info|api-resources|api-versions|explain|auth|plugin|completion|options|certificate|ctx|ns)$/i;

/** Aliases that shells give kubectl (https://github.com/ahmetb/kubectl-aliases and the plugins of common shells): `kgp`, `kdpo`, `klf`. */
const SHELL_ALIAS = /^k(g|d|l|t)(po?|pa|p?all|dep?|d|svc|s|no?|ev?|j|i|ing|ss|sts|rs|f|ksvc|)$/;
const ALIASED: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    p: ['pods'],
    po: ['pods'],
    pa: ['pods', '-A'],
    pall: ['pods', '-A'],
    all: ['all'],
    d: ['deployment'],
    de: ['deployment'],
    dep: ['deployment'],
    s: ['service'],
    svc: ['service'],
    n: ['nodes'],
    no: ['nodes'],
    e: ['events'],
    ev: ['events'],
    j: ['jobs'],
    i: ['ingress'],
    ing: ['ingress'],
    ss: ['statefulset'],
    sts: ['statefulset'],
    rs: ['replicaset'],
    ksvc: ['function'],
  }),
);

function aliased(verb: string, what: string): readonly string[] {
  const verbs = { g: 'get', d: 'describe', l: 'logs', t: 'top' } as const;
  if (verb === 'l') return ['logs', ...(what === 'f' ? ['-f'] : [])];
  return [verbs[verb === 'd' || verb === 't' ? verb : 'g'], ...(ALIASED.get(what) ?? [])];
}

/** kubectl's grammar, with or without `kubectl` in front, as one of our diagnostics; null when the line is none of it. */
export function kubectl(words: readonly string[]): Understood | null {
  const alias = SHELL_ALIAS.exec(words[0] ?? '');
  if (alias) return kubectl([...aliased(alias[1] ?? '', (alias[2] ?? '').toLowerCase()), ...words.slice(1)]);
  const [first = '', ...rest] = words;
  const named =
    /^(?:kubectl|kubectl\.exe|kubctl|kubeclt|kubectl|kubetcl|kubeclt|kubecl|k|k8s|oc|kc|kctl|microk8s\.kubectl|minikube)$/i.test(
      first,
    );
  const given = flagsOf(
    named ? (/^minikube$/i.test(first) && /^kubectl$/i.test(rest[0] ?? '') ? rest.slice(1) : rest) : words,
  );
  const [typed, ...args] = given.words;
  if (typed === undefined)
    return named
      ? offers(
          'Which of kubectl’s commands?',
          'get, describe, logs, top, events and rollout history work here as in a terminal; I only read.',
          ['diag pods', 'diag events', 'diag top pods'],
        )
      : null;
  const verb = typed.toLowerCase();
  const read = reading(verb, args, given, named);
  if (read) return read;
  if (!named)
    return CHANGES.test(verb) && args.length > 0 && !/^(?:create|set|run|label|apply|rm|kill|wait)$/.test(verb)
      ? change(verb, args, given)
      : null;
  if (CHANGES.test(verb)) return change(verb, args, given);
  if (ABOUT_THE_TOOL.test(verb))
    return offers(
      `“kubectl ${short(verb, 30)}” has no meaning here.`,
      'The clusters and the account that reads them are configured; nobody changes them from a command. What the cluster is like:',
      /^cluster-info$/.test(verb) ? ['diag nodes', 'diag all'] : ['diag all', 'diag nodes'],
    );
  return offers(`“kubectl ${short(verb, 30)}” is not something I know.`, 'The nearest of what can be looked at:', [
    'diag all',
    'diag pods',
    'diag events',
  ]);
}

function reading(verb: string, args: readonly string[], given: Flagged, named: boolean): Understood | null {
  if (/^(?:get|gets|got|list|show)$/.test(verb)) return args.length > 0 || named ? get(args, given, named) : null;
  if (/^(?:describe|desc|describ|decribe|discribe|inspect)$/.test(verb)) return describe(args, given);
  if (/^(?:logs?|log[-_]?s?)$/.test(verb)) return logs(args, given);
  if (verb === 'top') return top(args, given);
  if (/^(?:events?|ev)$/.test(verb)) return one('events', args.slice(0, 1), given, args.slice(1));
  if (/^(?:rollouts?)$/.test(verb)) return rollout(args, given);
  // A kind alone, without a verb: `pods`, `po x`, `deploy/x`.
  return /^[a-z.]+(?:\/|$)/.test(verb) && verb.length > 1 && kindOfWord(verb.split('/')[0] ?? '') !== null
    ? get([verb, ...args], given, named)
    : null;
}

/** `pod x`, `pod/x` and `pods`: the kind and the names. */
export function objectsOf(args: readonly string[]): {
  readonly kind: KnownKind | null;
  readonly word: string;
  readonly names: readonly string[];
} {
  const [first = '', ...rest] = args;
  const slash = first.indexOf('/');
  const word = slash < 0 ? first : first.slice(0, slash);
  const names = slash < 0 ? rest : [first.slice(slash + 1), ...rest.map((name) => name.replace(/^[\w.]+\//, ''))];
  // `get pods,events`: the first of several is read.
  return {
    kind: kindOfWord(word.split(',')[0] ?? ''),
    word,
    names: names.map(withoutMarks),
  };
}

function get(args: readonly string[], given: Flagged, named: boolean): Understood | null {
  const [first] = args;
  if (first === undefined)
    return offers('Get what?', 'Pods, events, jobs, nodes, any kind kubectl has short names for:', [
      'diag pods',
      'diag events',
      'diag all',
    ]);
  if (/^all$/i.test(first)) return one('all', args.slice(1, 2), given, []);
  if (/^(?:logs?)$/i.test(first)) return logs(args.slice(1), given);
  if (UNREAD.test(first))
    return offers(
      `${short(first.split('/')[0] ?? '', 30)} are not read.`,
      'They hold secrets or source code, so the bot has no right to them; a missing key or Secret is in the events of whoever wants it.',
      [lineFor('events', [], given), lineFor('pods', [], given)],
    );
  const { kind, word, names } = objectsOf(args);
  if (kind !== null) return kindOrName(kind, names, given);
  const form = DIAGNOSTICS.find(({ name }) => name === word.toLowerCase());
  if (form) return one(form.name, names, given, []);
  return named
    ? offers(`“${short(word, 30)}” is not a kind I read.`, 'The nearest of what can be looked at:', [
        lineFor('all', [], given),
        lineFor('pods', [], given),
        lineFor('events', [], given),
      ])
    : null;
}

function kindOrName(kind: KnownKind, names: readonly string[], given: Flagged): Understood {
  const [name, ...more] = names;
  const to = GETS[kind];
  const target = name === undefined ? to?.list : to?.one;
  if (target !== undefined && takesAll(target, given))
    return one(target, name === undefined ? [] : [name], given, more);
  return one('describe', [name === undefined ? spellingOf(kind) : `${spellingOf(kind)}/${name}`], given, more);
}

function describe(args: readonly string[], given: Flagged): Understood {
  const { kind, names } = objectsOf(args);
  const [name, ...more] = names;
  if (args.length === 0)
    return offers('Describe what?', 'Write it as for kubectl: describe pod NAME.', [
      lineFor('pods', [], given),
      lineFor('all', [], given),
    ]);
  if (kind === null) return one('describe', [args[0] ?? ''], given, args.slice(1));
  return one('describe', [name === undefined ? spellingOf(kind) : `${spellingOf(kind)}/${name}`], given, more);
}

/** Kinds whose logs are read by the kind; others have pods that carry their name. */
const WITH_PODS: readonly KnownKind[] = ['Pod', 'Job', 'Deployment', 'StatefulSet', 'DaemonSet', 'KnativeService'];

function logs(args: readonly string[], given: Flagged): Understood {
  const [first = '', second, ...rest] = args;
  const slash = first.indexOf('/');
  const kind = kindOfWord(slash < 0 ? first : first.slice(0, slash));
  const byKind = (name: string, others: readonly string[]): Understood => {
    const word =
      kind !== null && WITH_PODS.includes(kind)
        ? `${slash < 0 ? spellingOf(kind) : first.slice(0, slash)}/${name}`
        : name;
    return logsOf(word, others, given);
  };
  if (slash >= 0 && kind !== null) return byKind(first.slice(slash + 1), second === undefined ? [] : [second, ...rest]);
  if (kind !== null && second !== undefined && slash < 0) return byKind(second, rest);
  return logsOf(first, second === undefined ? [] : [second, ...rest], given);
}

/** kubectl's second word after `logs` is the container. */
function logsOf(name: string, [container, ...more]: readonly string[], given: Flagged): Understood {
  const flags = container === undefined || given.has('-c') ? given : given.with('-c', container);
  const target = withoutMarks(name);
  if (flags.has('-f') && flags.has('-p'))
    return offers(
      'The log of a container that has ended does not grow.',
      'Either the one before the restart, or the one that runs:',
      [lineFor('logs', [target], flags.without('-f')), lineFor('logs', [target], flags.without('-p'))],
    );
  return one('logs', [target], flags, more);
}

function top(args: readonly string[], given: Flagged): Understood | null {
  const { kind, names, word } = objectsOf(args);
  const form = kind === 'Node' ? 'top nodes' : 'top pods';
  if (kind === null || (kind !== 'Node' && kind !== 'Pod')) return one(form, word === '' ? [] : [word], given, names);
  return one(form, names.slice(0, 1), given, names.slice(1));
}

function rollout(args: readonly string[], given: Flagged): Understood {
  const [sub = '', ...rest] = args;
  const known = /^(?:status|history|undo|restart|pause|resume)$/i.test(sub);
  const target = known ? rest : args;
  const { kind, names, word } = objectsOf(target);
  const name = kind === null ? word : (names[0] ?? '');
  if (/^undo$/i.test(sub)) return laterOf('rollback', name, given.scope) ?? one('rollouts', [name], given, []);
  if (/^(?:restart|pause|resume)$/i.test(sub))
    return (
      laterOf('restart', kind === null || name === '' ? name : `${spellingOf(kind)}/${name}`, given.scope) ??
      one('rollouts', [name], given, [])
    );
  return one('rollouts', [name], given, []);
}

function change(verb: string, args: readonly string[], given: Flagged): Understood {
  const { kind, names } = objectsOf(args);
  const isNode = /^(?:cordon|uncordon|drain|taint)$/.test(verb);
  const bare = kind === null ? (args[0] ?? '').replace(/^[\w.]+\//, '') : (names[0] ?? '');
  const object = isNode
    ? `node/${kind === null ? (args[0] ?? '') : bare}`
    : kind === null || bare === ''
      ? bare
      : `${spellingOf(kind)}/${bare}`;
  if (verb === 'scale' || verb === 'autoscale') {
    const later = laterOf('scale', object, given.scope);
    if (later) return later;
  }
  const lines = /^(?:exec|attach|debug|cp|run)$/.test(verb)
    ? [lineFor('logs', [bare], given), lineFor('describe', [bare === '' ? '' : object], given)]
    : /^(?:apply|create|diff|kustomize|replace)$/.test(verb) || bare === '' || !isName(bare)
      ? [lineFor('changes', [], given), lineFor('pods', [], given)]
      : [lineFor('describe', [object], given), lineFor('events', isNode ? [] : [object], given)];
  return offers(
    `I only read: “${short(verb, 30)}” is not done from here.`,
    'Changes with an approval come later; until then they are made in your terminal. What can be looked at first:',
    lines,
  );
}

function isName(text: string): boolean {
  return /^[a-z0-9][a-z0-9.-]*$/.test(text) && !/\.ya?ml$|\.json$/.test(text);
}

/** The flags of kubectl that a diagnostic has an option for. */
const OPTION_OF: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '-n': 'namespace',
    '-A': 'allNamespaces',
    '-l': 'selector',
    '--field-selector': 'fieldSelector',
    '--sort-by': 'sortBy',
    '--filter': 'filter',
    '-c': 'container',
    '--tail': 'tail',
    '--since': 'since',
    '-p': 'previous',
    '-f': 'follow',
    '-w': 'watch',
    '-o': 'output',
  }),
);

function supports(form: string, flag: string): boolean {
  const option = OPTION_OF.get(flag);
  const known: readonly string[] = DIAGNOSTICS.find(({ name }) => name === form)?.options ?? [];
  return option === undefined || known.includes(option);
}

/** Whether a diagnostic can carry out every flag that says which objects are meant. */
function takesAll(form: string, given: Flagged): boolean {
  return ['-A', '-l', '--field-selector'].every((flag) => !given.has(flag) || supports(form, flag));
}

/** Flags that only say how long kubectl goes on or how it prints: an answer without them is not another answer. */
const SILENT = new Set(['-w', '-f', '-o']);

function one(form: string, names: readonly string[], given: Flagged, more: readonly string[]): Understood {
  const parts = given.flags.map((flag) => ({ flag, taken: supports(form, flag[0]) && isForm(flag) }));
  const left = [
    ...given.left,
    ...parts.filter(({ flag, taken }) => !taken && !SILENT.has(flag[0])).map(({ flag }) => flag.join(' ')),
    ...more.map((word) => short(word, 40)),
  ];
  const flags = parts.filter(({ taken }) => taken).flatMap(({ flag }) => spelt(flag));
  return runs(['diag', ...form.split(' '), ...names.slice(0, 1), ...flags], left);
}

/** `-o name` and templates print what no file of ours is. */
function isForm([flag, value]: readonly string[]): boolean {
  return flag !== '-o' || /^(?:wide|json|yaml)$/.test(value ?? '');
}

function spelt([flag, value]: readonly string[]): readonly string[] {
  if (value === undefined) return [flag ?? ''];
  return flag?.startsWith('--') ? [`${flag}=${value}`] : [flag ?? '', value];
}

/** The line of a button: the same namespace, and whatever else of the flags the diagnostic takes. */
function lineFor(form: string, names: readonly string[], given: Flagged): string {
  const known = given.known();
  const understood = one(form, names, known.without('-o'), []);
  return understood.kind === 'run' ? understood.line : '';
}
