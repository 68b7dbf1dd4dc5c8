import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { execute } from '../commands/execute.ts';
import { typedBy } from '../commands/invocation.ts';
import type { Reply } from '../commands/reply.ts';
import { quote } from '../commands/tokens.ts';
import { type Config, loadConfig } from '../config.ts';
import { coerceError, ResponderError } from '../errors.ts';
import { type CliIo, lineOf } from './io.ts';
import { printReply, userName } from './printed.ts';

const SPACE = 'Put it where there is room, under a name that is not taken.';

export interface SaveFlags {
  /** `alertname=KubePodCrashLooping,namespace=shop,pod=web-1` */
  readonly alert?: string;
  /** The text of the report. */
  readonly query?: string;
}

/**
 * Looks at the configured cluster and keeps what was read as one file: for an alert its first look, else the diagnostic that
 * is typed. The answer is printed as well.
 */
export async function saveSnapshot(
  file: string,
  words: readonly string[],
  flags: SaveFlags,
  io: CliIo,
): Promise<number> {
  const { openRecording } = await import('../app/snapshots.ts');
  const command = words.length === 0 ? null : diagLine(words);
  if (flags.alert !== undefined && command !== null)
    throw new ResponderError('bad_input', 'Give either an alert or a command, not both.');
  if (existsSync(file))
    throw new ResponderError('bad_input', `${file} cannot be written: it exists already`, { hint: SPACE });
  const open = await openRecording(loadConfig(io.env, { root: io.root }));
  try {
    const now = open.ports.now();
    const alert = flags.alert === undefined ? null : alertOf(flags.alert, now);
    const asked = alert ? null : (command ?? 'diag all');
    const answer =
      asked === null && alert
        ? await open.look(alert, io.signal)
        : await execute(typedBy(userName(io), asked ?? '', now), open.ports, io.signal);
    const about = {
      id: basename(file).replace(/(\.json)?(\.gz)?$/, ''),
      namespace: alert?.labels.namespace ?? namespaceOf(words),
      query: flags.query ?? '',
      ...(alert ? { alert } : { asked }),
    };
    write(file, JSON.stringify(await open.taken(about)));
    const status = printReply(answer, {}, io);
    io.stderr.write(`Saved as ${file}. Show it again: lambda-responder snapshot replay ${file}\n`);
    return status;
  } finally {
    await open.close();
  }
}

/** Prints what a snapshot shows: the first look of its alert, or the answer to the command it was saved with, or to another. */
export async function replaySnapshot(
  file: string,
  words: readonly string[],
  options: { readonly json?: boolean },
  io: CliIo,
): Promise<number> {
  return printReply(await replayReply(file, words.length === 0 ? null : diagLine(words), io), options, io);
}

/** The answer of a snapshot to a command line; to its own question without one. */
export async function replayReply(file: string, command: string | null, io: CliIo): Promise<Reply> {
  const { openSnapshot } = await import('../app/snapshots.ts');
  const taken = await readSnapshot(file);
  const open = await openSnapshot(taken, configOf(io));
  try {
    const alert = taken.alert ?? taken.alerts[0];
    if (command === null && alert) return await open.look(alert, io.signal);
    const where = taken.namespace === null ? '-A' : `-n ${quote(taken.namespace) ?? taken.namespace}`;
    const line = command ?? taken.asked ?? `diag all ${where}`;
    return await execute(typedBy(userName(io), line, open.ports.now()), open.ports, io.signal);
  } finally {
    await open.close();
  }
}

/**
 * Prints an exercise on paper: the alert as it came, and how to query the recorded cluster. The diagnosis is not shown.
 */
export async function drillSnapshot(file: string, io: CliIo): Promise<number> {
  const taken = await readSnapshot(file);
  const alerts = taken.alert ? [taken.alert, ...taken.alerts.slice(1)] : taken.alerts;
  const told = alerts.map(({ labels, annotations }) => {
    const { alertname = 'alert', ...rest } = labels;
    const pairs = Object.entries(rest).map(([name, value]) => `${name}=${value}`);
    const summary = annotations.summary ?? annotations.description ?? '';
    return `${[alertname, ...pairs].join(' ')}${summary === '' ? '' : `\n  ${summary}`}`;
  });
  const where = taken.namespace === null ? '' : ` -n ${taken.namespace}`;
  const lines = [
    `DRILL ${taken.id}, as of ${taken.now}`,
    ...(taken.query === '' ? [] : [`“${taken.query}”`]),
    ...told,
    '',
    'Ask the recorded cluster:',
    `  lambda-responder diag --snapshot ${file} pods${where}`,
    `  lambda-responder diag --snapshot ${file} events${where}`,
    'What the responder says of it:',
    `  lambda-responder snapshot replay ${file}`,
  ];
  io.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

async function readSnapshot(file: string) {
  const { parseSnapshot } = await import('../app/snapshots.ts');
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (thrown) {
    throw new ResponderError('bad_input', `${file} cannot be read: ${coerceError(thrown).message}`);
  }
  try {
    // Both bytes that begin every gzip file.
    const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return parseSnapshot((isZipped ? gunzipSync(bytes) : bytes).toString('utf8'), file);
  } catch (thrown) {
    if (thrown instanceof ResponderError) throw thrown;
    throw new ResponderError('bad_input', `${file} cannot be unpacked: ${coerceError(thrown).message}`);
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, file.endsWith('.gz') ? gzipSync(text) : `${text}\n`, { flag: 'wx', mode: 0o600 });
  } catch (thrown) {
    throw new ResponderError('bad_input', `${file} cannot be written: ${coerceError(thrown).message}`, { hint: SPACE });
  }
}

/** A replay needs neither a cluster nor Slack nor Prometheus; the names of the profile are the configured ones. */
function configOf(io: CliIo): Config {
  const { KUBECONFIG: _cluster, ...env } = io.env;
  return loadConfig({ ...env, PROMETHEUS_URL: 'none', SIMULATE: 'workspace,cluster' }, { root: io.root });
}

/** The typed diagnostic, with or without its first word. */
function diagLine(words: readonly string[]): string {
  const line = lineOf(words);
  return /^\s*diag(\s|$)/.test(line) ? line : `diag ${line}`;
}

function namespaceOf(words: readonly string[]): string | null {
  return /(?:^|\s)(?:-n|--namespace)[\s=]+(\S+)/.exec(words.join(' '))?.[1] ?? null;
}

function alertOf(typed: string, now: number) {
  const pairs = typed.split(',').map((pair) => {
    const [, name = '', value = ''] = /^\s*([A-Za-z_][\w.]*)\s*=(.*)$/.exec(pair) ?? [];
    if (name === '')
      throw new ResponderError('bad_input', `“${pair}” is not a label of an alert.`, {
        hint: 'Write: --alert alertname=KubePodCrashLooping,namespace=shop,pod=web-1',
      });
    return [name, value.trim().replaceAll(/^"|"$/g, '')] as const;
  });
  const labels = Object.fromEntries(pairs);
  if (!labels.alertname)
    throw new ResponderError('bad_input', 'The alert needs a name.', {
      hint: 'For example: --alert alertname=KubePodCrashLooping,namespace=shop',
    });
  return { labels, annotations: {}, startsAt: new Date(now).toISOString() };
}
