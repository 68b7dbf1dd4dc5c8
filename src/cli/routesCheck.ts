import { readFile, writeFile } from 'node:fs/promises';
import { alertLabels } from '../../manifests/prometheus/alertText.ts';
import { ALERTS } from '../../manifests/prometheus/catalogue.ts';
import { addResponder } from '../alertmanager/addResponder.ts';
import { compareTold, type KnownAlert, mutedBy, namesIn } from '../alertmanager/compare.ts';
import { type AlertmanagerConfiguration, parseConfiguration } from '../alertmanager/configuration.ts';
import { responderReceivers, withoutResponder } from '../alertmanager/routing.ts';
import { settingProblems } from '../alertmanager/settingProblems.ts';
import { differencesIn, renderMuted, renderTold } from '../alertmanager/toldReport.ts';
import type { Labels } from '../alerts/alert.ts';
import type { Config } from '../config.ts';
import { coerceError, ResponderError } from '../errors.ts';
import { loadPlaybooks } from '../playbooks/load.ts';
import { readRuleFiles } from '../playbooks/rules/ruleFiles.ts';
import { counted } from '../wording/counts.ts';
import type { CliIo } from './io.ts';

export interface AlertmanagerFlags {
  /** The file to check. */
  readonly alertmanager: string;
  /** The configuration in force before; without it, the file without the responder. */
  readonly before?: string;
  /** File to write the configuration to, with the responder added. */
  readonly write?: string;
  /** The team's own alert rules. */
  readonly rules?: readonly string[];
}

/**
 * `config check --alertmanager FILE`: the receivers of each known alert without the responder and with it, and the
 * alerts that inhibition would mute.
 * @returns 0 when nobody's notifications change and the responder gets everything, else 1.
 * @throws ResponderError config_invalid naming file and line.
 */
export async function checkAlertmanager(config: Config, flags: AlertmanagerFlags, io: CliIo): Promise<number> {
  const file = flags.alertmanager;
  const text = await textOf(file);
  const asIs = parseConfiguration(file, text);
  const old = flags.before === undefined ? null : parseConfiguration(flags.before, await textOf(flags.before));
  const added = responderReceivers(asIs).length === 0;
  if (!added && flags.write !== undefined)
    throw new ResponderError('bad_input', `--write: the responder is in ${file} already`);
  const changed = added ? addResponder(file, text) : text;
  const after = added ? parseConfiguration(file, changed) : asIs;
  await write(flags.write, changed, io);
  const alerts = await knownAlerts(after, config, flags.rules ?? [], io);
  const told = compareTold(alerts, {
    before: withoutResponder(old ?? after),
    now: after.root,
    ours: new Set(
      [...after.receivers, ...(old?.receivers ?? [])].flatMap((one) => (one.onlyResponder ? one.name : [])),
    ),
  });
  const responder = new Set(responderReceivers(after).map(({ name }) => name));
  const heartbeat = { names: config.policy.watchdogNames, fireAfterMs: config.watchdogFireAfterMs };
  const problems = [...differencesIn(told.comparisons, responder), ...settingProblems(after, heartbeat)];
  const sets = told.comparisons.reduce((sum, { cases }) => sum + cases.length, 0);
  const paragraphs = [
    `${file}: ${counted(alerts.length - 1, 'alert name')} and any other, ${counted(sets, 'set')} of labels\n${
      added
        ? 'The responder is not in this file. Below: receivers before -> receivers with the responder added as in manifests/alertmanager.'
        : `The responder is in this file. Below: receivers ${flags.before === undefined ? 'without it' : `by ${flags.before}`} -> receivers now.`
    }`,
    ...renderTold(told.comparisons),
    ...(told.untried.length > 0
      ? [`Not tried, because no matching label value could be made: ${told.untried.join(', ')}`]
      : []),
    ...(after.timed ? ['Some routes are muted at certain times; this is not considered here.'] : []),
    ...renderMuted(mutedBy(alerts, asIs), told.comparisons),
    ...problems.map((problem) => `PROBLEM: ${problem}`),
    problems.length === 0
      ? 'Every receiver is notified as before, and the responder gets every alert.'
      : `${counted(problems.length, 'problem')}. manifests/alertmanager/alertmanager.yaml shows where the routes belong.`,
  ];
  io.stdout.write(`${paragraphs.join('\n\n')}\n`);
  return problems.length === 0 ? 0 : 1;
}

async function textOf(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((thrown: unknown) => {
    throw new ResponderError('config_invalid', `${file}: ${coerceError(thrown).message}`);
  });
}

async function write(path: string | undefined, text: string, io: CliIo): Promise<void> {
  if (path === undefined) return;
  await writeFile(path, text, { flag: 'wx' }).catch((thrown: unknown) => {
    throw new ResponderError('bad_input', `--write ${path}: ${coerceError(thrown).message}`, {
      hint: 'Name a file that does not exist yet.',
    });
  });
  io.stderr.write(`${path} written, with the responder added\n`);
}

/** Names from the shipped rules, the given ones, the runbooks and the file itself; and any other name, as the last. */
async function knownAlerts(
  configuration: AlertmanagerConfiguration,
  config: Config,
  ruleFiles: readonly string[],
  io: CliIo,
): Promise<readonly KnownAlert[]> {
  const variants = new Map<string, Labels[]>();
  const add = (name: string, labels: Labels) => variants.set(name, [...(variants.get(name) ?? []), fixed(labels)]);
  for (const rule of ALERTS) add(rule.name, alertLabels(rule));
  const read = await readRuleFiles(ruleFiles);
  for (const { file, line, problem } of read.problems) io.stderr.write(`${file}:${line}: ${problem}\n`);
  for (const rule of read.rules) if (rule.alert !== null) add(rule.alert, rule.labels);
  const named = loadPlaybooks(config.runbooks.folders).playbooks.flatMap(({ alerts }) => alerts);
  for (const name of [...named, ...namesIn(configuration)]) if (!variants.has(name)) variants.set(name, [{}]);
  const known = [...variants].map(([name, all]): KnownAlert => ({ name, variants: distinct(all) }));
  known.sort((a, b) => (a.name ?? '').localeCompare(b.name ?? ''));
  return [...known, { name: null, variants: [{}] }];
}

/**
 * Labels that a rule adds to each of its alerts; a templated label has its value only in the alert, so it is left out.
 */
function fixed(labels: Labels): Labels {
  return Object.fromEntries(
    Object.entries(labels).filter(([name, value]) => name !== 'alertname' && !value.includes('{{')),
  );
}

function distinct(all: readonly Labels[]): readonly Labels[] {
  return [...new Map(all.map((labels) => [JSON.stringify(labels), labels])).values()];
}
