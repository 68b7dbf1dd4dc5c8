import type { Command as Tree } from 'commander';
import { ResponderError } from '../errors.ts';
import type { IncidentWithAlerts } from '../incidents/incident.ts';
import { allNamespacesRefusal, mayRead, namespaceRefusal } from './access.ts';
import type { Call, Command, Run } from './command.ts';
import { noIncidentReply, pickerReply } from './context.ts';
import { DIAGNOSTICS, type DiagnosticForm, type DiagnosticOption } from './diagnostics.ts';
import { type Flags, readFlags } from './flags.ts';
import { checkLive, goesOn, isStop, keepLooking, stopLive } from './live.ts';
import { lineOf, recordFailure, recordResult } from './record.ts';
import type { Reply } from './reply.ts';
import { reply } from './reply.ts';
import { planRequest, whichIncident } from './request.ts';
import { resultReply } from './result.ts';
import { nearest } from './suggest.ts';

/** How each option is written, and what it means. */
export const OPTIONS: Readonly<Record<DiagnosticOption, readonly [flags: string, about: string]>> = {
  namespace: ['-n, --namespace <name>', 'in this namespace'],
  allNamespaces: ['-A, --all-namespaces', 'in every namespace, where that is allowed'],
  selector: ['-l, --selector <labels>', 'only objects with these labels: app=checkout'],
  fieldSelector: ['--field-selector <fields>', 'only objects with these fields: type=Warning'],
  container: ['-c, --container <name>', 'this container’s log'],
  tail: ['--tail <lines>', 'so many last lines'],
  since: ['--since <span>', 'only what is newer: 10m, 2h, 1d'],
  previous: ['-p, --previous', 'the log of the container before its restart'],
  sortBy: ['--sort-by <path>', 'as kubectl: .lastTimestamp, cpu, memory'],
  filter: ['--filter <text>', 'only rows or lines with this text'],
  output: ['-o, --output <form>', 'the file with all columns (wide), or with the objects (json, yaml)'],
  follow: ['-f, --follow', 'keep it up to date for two minutes'],
  watch: ['-w, --watch', 'keep it up to date for two minutes'],
};

function shapeForm(parent: Tree, form: DiagnosticForm): void {
  const words = form.name.split(' ');
  let node = parent;
  for (const word of words) node = node.commands.find((child) => child.name() === word) ?? node.command(word);
  node.description(form.summary);
  if (form.argument) node.argument('[name]', `a ${form.argument}`);
  for (const option of form.options) node.option(...OPTIONS[option]);
  node.option('--cluster <name>', 'in this cluster');
  node.option('-i, --incident <number>', 'for this incident');
}

export function formOf(call: Call): DiagnosticForm {
  const name = call.path.slice(1).join(' ');
  const form = DIAGNOSTICS.find((candidate) => candidate.name === name);
  if (!form) throw new ResponderError('internal', `The command tree has a diagnostic “${name}” the table lacks.`);
  return form;
}

/** `/lambda diag ...`: a bounded, read-only look at the cluster. */
export const diag: Command = {
  name: 'diag',
  usage: '<diagnostic> [name] [options]',
  summary: 'look at the cluster (read-only)',
  access: 'read',
  accessFor: (call) => (isStop(call) ? 'note' : 'read'),
  readsCluster: (call) => !isStop(call),
  about: [
    'Options are kubectl’s. In an incident’s thread or channel, namespace, object and --since come from it; the answer says what was assumed.',
    '`logs --follow` and `top --watch` keep one message up to date for two minutes, one in a workspace at a time, none in a storm; `diag stop` or the button ends it.',
  ],
  examples: [
    'diag jobs',
    'diag logs --tail=50',
    'diag events -n knative-lambda --field-selector type=Warning',
    'diag top pods --sort-by=memory',
  ],
  shape: (node) => {
    for (const form of DIAGNOSTICS) shapeForm(node, form);
    node.command('stop').description('end what --follow or --watch keeps up to date');
  },
  check: (call) => {
    readFlags(call, Number.MAX_SAFE_INTEGER);
    checkLive(call);
  },
  run: (call, run) => (isStop(call) ? stopLive(run) : runDiag(call, run)),
};

async function runDiag(call: Call, run: Run): Promise<Reply> {
  const form = formOf(call);
  const flags = readFlags(call, run.ports.now());
  const meant = await whichIncident(form, flags, run);
  if (meant.kind === 'none' && flags.incident !== null) return noIncidentReply(flags.incident, 'open');
  if (meant.kind === 'pick' && flags.incident !== null)
    return pickerReply(meant, (n) => `${lineOf(call)} -i ${n}`, { readOnly: true, now: run.ports.now() });
  const incident = meant.kind === 'found' ? meant : null;
  const plan = planRequest(form, flags, incident, run);
  const refused = refuse(plan.request, run, incident?.known ?? null);
  if (refused) return refused;
  const command = lineOf(call);
  try {
    const result = await run.ports.diagnostics.run(plan.request);
    const unrecorded = await recordResult(run, incident?.known ?? null, command, result);
    const answer = resultReply({
      result,
      form,
      request: plan.request,
      assumed: plan.assumed,
      notes: [...plan.notes, ...unrecorded],
      incident,
      place: run.invocation.place,
    });
    return goesOn(call) ? keepLooking(answer, call, run) : answer;
  } catch (thrown) {
    const error = await recordFailure(run, incident?.known ?? null, command, thrown);
    if (error.code !== 'not_found') throw error;
    return await didYouMean(error, form, flags, plan.request.namespace, run);
  }
}

function refuse(
  request: { readonly allNamespaces: boolean; readonly namespace: string | null },
  run: Run,
  known: IncidentWithAlerts | null,
): Reply | null {
  const { settings } = run.ports;
  if (request.allNamespaces) return settings.allowAllNamespaces ? null : allNamespacesRefusal(settings);
  if (request.namespace === null || mayRead(request.namespace, settings, known)) return null;
  return namespaceRefusal(request.namespace, settings);
}

/**
 * Up to three names that may have been meant. Who types `checkot` means a pod called `checkout-7d9f...`: names are also
 * compared by as many of their parts as were typed, and then stand for the first object that begins so.
 */
function nearestObjects(typed: string, names: readonly string[]): readonly string[] {
  const parts = typed.split('-').length;
  const objects = new Map<string, string>();
  for (const name of names) {
    const begin = name.split('-').slice(0, parts).join('-');
    if (!objects.has(begin)) objects.set(begin, name);
  }
  for (const name of names) objects.set(name, name);
  return [...new Set(nearest(typed, [...objects.keys()], 6).map((key) => objects.get(key) ?? key))].slice(0, 3);
}

/** What exists under a name near the one that was not found; the plain error when nothing does. */
async function didYouMean(
  error: ResponderError,
  form: DiagnosticForm,
  flags: Flags,
  namespace: string | null,
  run: Run,
): Promise<Reply> {
  const kind = form.argument;
  if (!flags.name || (kind !== 'pod' && kind !== 'job' && kind !== 'function')) throw error;
  const names = await run.ports.diagnostics.names(kind, namespace, run.signal).catch(() => []);
  const near = nearestObjects(flags.name.name, names);
  const where = namespace === null ? '' : ` -n ${namespace}`;
  const next = near.map((name) => ({ label: name, command: `diag ${form.name} ${name}${where}`, readOnly: true }));
  if (next.length === 0) throw error;
  return reply({
    tone: 'warning',
    title: error.message,
    summary: error.hint ?? 'These exist and are spelled alike.',
    next,
  });
}
