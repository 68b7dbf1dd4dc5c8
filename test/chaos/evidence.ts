import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { incidents } from './outcome.ts';
import type { Replica, Stage } from './stage.ts';

/** Writes down what a run that failed leaves: nothing of it can be asked for later. */
export async function keepEvidence(
  folder: string,
  on: Stage,
  replicas: readonly Replica[],
  message: string,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('troubles.txt', message);
  for (const [index, replica] of replicas.entries()) write(`replica-${index}.log`, replica.output());
  write('slack-calls.json', JSON.stringify(await on.workspace.calls(), null, 1));
  const up = replicas.find((replica) => replica.isUp());
  if (up) write('incidents.json', JSON.stringify(await incidents(up), null, 1));
}
