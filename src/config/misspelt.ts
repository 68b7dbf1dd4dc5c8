import { distance } from 'fastest-levenshtein';
import { type Environment, wrong } from './environment.ts';

/**
 * The variables the program reads (docs/configuration.md) whose names are like no other program's: `KUBE_CONFIG`, `DATABASE_URI`
 * or `LOG_LEVELS` beside us are no slips of ours, and must not keep us from starting.
 */
const KNOWN = [
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_API_URL',
  'SLACK_CHANNEL',
  'PROMETHEUS_URL',
  'ALERTMANAGER_URL',
  'WEBHOOK_TOKEN',
  'RESPONDER_CONFIG',
  'RESPONDER_SECRETS',
  'RESPONDER_URL',
  'WORKSPACE_PORT',
  'CLUSTER_PORT',
  'METRICS_PORT',
] as const;
/** As Kubernetes names a Service's address in every Pod. */
const OF_KUBERNETES = /_SERVICE_(?:HOST|PORT)|_PORT_\d/;

/**
 * Refuses a variable that is one of ours with a slip of the keys: without it something would be simulated, or open, that was
 * meant to be real. A name that is also one of `others` (named in responder.yaml), or beside the right one, is none.
 * @throws ResponderError config_invalid naming it and the one that was meant
 */
export function refuseMisspelt(env: Environment, others: readonly string[]): void {
  for (const [name, value] of Object.entries(env)) {
    if (!value?.trim() || isKnown(name) || others.includes(name) || OF_KUBERNETES.test(name)) continue;
    const meant = KNOWN.find((known) => env[known] === undefined && isSlip(name.toUpperCase(), known));
    if (meant !== undefined)
      throw wrong(name, 'not a variable that is read', `Did you mean ${meant}? Rename it, or remove it.`);
  }
}

function isKnown(name: string): boolean {
  return (KNOWN as readonly string[]).includes(name);
}

/** One letter more, less or other, or two swapped; short names are near too many words. */
function isSlip(name: string, known: string): boolean {
  if (known.length < 8 || name[0] !== known[0]) return false;
  return name === known || distance(name, known) === 1 || isSwapped(name, known);
}

function isSwapped(name: string, known: string): boolean {
  const at = [...known].findIndex((letter, index) => name[index] !== letter);
  return (
    name.length === known.length && name === `${known.slice(0, at)}${known[at + 1]}${known[at]}${known.slice(at + 2)}`
  );
}
