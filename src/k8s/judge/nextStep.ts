import type { ObjectName } from '../../incidents/evidence.ts';
import { KINDS, type Kind } from '../subjects/kinds.ts';

/** Diagnostics that answer about one namespace, and those that need an object to be about. */
const PLACED = new Set([
  ...['logs', 'events', 'pods', 'top pods', 'jobs', 'builds', 'function', 'rollouts', 'changes', 'hpa', 'quota'],
  ...['storage', 'eventing', 'all'],
]);
const ABOUT = new Set(['logs', 'events']);
/** kubectl commands on cluster-scoped kinds, which take no namespace. */
const CLUSTER_WIDE =
  /^(?:uncordon|cordon|drain|(?:get|describe|patch|delete) (?:nodes?|pv|persistentvolumes?|namespaces?|storageclass(?:es)?)\b)/;
const OURS = /\/lambda diag (top pods|top nodes|[a-z]+)((?: [^\s,;()]+)*)/g;
const THEIRS = /kubectl ((?:get|describe|logs|patch|delete|rollout|scale|set|edit|annotate|label)\b[^,;()]*)/g;

/**
 * A next step as a command line: its commands get the namespace of the subject, and its name where a diagnostic needs
 * one. A code's words say what to look at; the place is added here.
 */
export function typed(step: string, { kind, namespace, name }: ObjectName): string {
  const place = namespace === null ? '' : ` -n ${namespace}`;
  const object = `${SPELT[kind] === undefined ? '' : `${SPELT[kind]}/`}${name}`;
  return step
    .replace(OURS, (whole: string, diagnostic: string, words: string) => {
      if (!PLACED.has(diagnostic)) return whole;
      const end = /[.:]?$/.exec(words)?.index ?? words.length;
      const [given, stop] = [words.slice(0, end), words.slice(end)];
      const about = ABOUT.has(diagnostic) && !/^ [^-]/.test(given) ? ` ${diagnostic === 'events' ? name : object}` : '';
      return `/lambda diag ${diagnostic}${about}${given}${/ -n /.test(given) ? '' : place}${stop}`;
    })
    .replace(THEIRS, (whole, words: string) =>
      CLUSTER_WIDE.test(words) || /(?:^| )(?:-n|-A|--namespace)\b/.test(words) || !isPlaced(kind)
        ? whole
        : withPlace(whole, place),
    );
}

/** Before the patch of a command, else at its end. */
function withPlace(command: string, place: string): string {
  const end = /[.:]?\s*$/.exec(command)?.index ?? command.length;
  const patch = command.indexOf(' -p ');
  const at = patch < 0 ? end : patch;
  return `${command.slice(0, at)}${place}${command.slice(at)}`;
}

function isPlaced(kind: string): boolean {
  return !(kind in KINDS) || KINDS[kind as Kind].resource.namespaced;
}

/** Kinds as commands/names.ts spells them before a slash; a pod needs none. */
const SPELT: Readonly<Record<string, string>> = {
  Job: 'job',
  Deployment: 'deployment',
  StatefulSet: 'statefulset',
  DaemonSet: 'daemonset',
  KnativeService: 'function',
  LambdaFunction: 'function',
};
