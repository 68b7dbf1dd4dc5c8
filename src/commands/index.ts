import { ack } from './ack.ts';
import type { Command } from './command.ts';
import { declare } from './declare.ts';
import { diag } from './diag.ts';
import { escalate } from './escalate.ts';
import { helpFor } from './help.ts';
import { here } from './here.ts';
import { incidents } from './incidents.ts';
import { merge } from './merge.ts';
import { mitigate } from './mitigate.ts';
import { note } from './note.ts';
import { oncall } from './oncall.ts';
import { page } from './page.ts';
import { postmortem } from './postmortem.ts';
import { reopen } from './reopen.ts';
import { resolve } from './resolve.ts';
import { runbookFor } from './runbook.ts';
import { severity } from './severity.ts';
import { snooze } from './snooze.ts';
import { split } from './splitOff.ts';
import { status } from './status.ts';
import { unack } from './unack.ts';

/** Every command of `/lambda`, in the order `help` lists them. */
export const COMMANDS: readonly Command[] = [
  diag,
  ack,
  unack,
  snooze,
  escalate,
  page,
  oncall,
  note,
  runbookFor(() => COMMANDS),
  status,
  incidents,
  here,
  severity,
  mitigate,
  resolve,
  reopen,
  merge,
  split,
  declare,
  postmortem,
  helpFor(() => COMMANDS),
];
