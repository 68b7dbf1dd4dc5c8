import { offers, perhaps, runs, type Understood } from './understood.ts';

/** `thanks`, `lgtm`, a thumb up: nothing is asked, and nothing is done. */
export function courtesy(said: string): Understood | null {
  return /^(?:(?:many |ok |okay )?(?:thanks|thx|ty|thank you|cheers|danke|gracias|merci|obrigad[oa])(?: (?:a lot|so much|all|you|bot))?|lgtm|nice|great|cool|awesome|well done|good (?:job|bot|work)|(?:👍|🙏|🎉|👏|💯)+)$/u.test(
    said,
  )
    ? offers('Nothing to do.', 'Nothing was changed. What you can press:', ['incidents', 'help'])
    : null;
}

/** `step 3 done`, `skip step 2`, `did step 1`: a step of the runbook, by a press. */
export function stepOf(said: string): Understood | null {
  const plain = said.replaceAll(/\b(?:mark|set|as|the|is|i(?: have)?) (?=\S)/g, '');
  const match = /^(?:(\w+) )?step (?:no\.? |number )?#?(\d{1,3})(?: (\w+))?$/.exec(plain);
  if (!match) return null;
  const [, before = '', step = '', after = ''] = match;
  const word = `${before} ${after}`.trim();
  if (/^(?:show|see|open|what|)$/.test(word)) return runs(['runbook']);
  const verb = STEP_VERBS.find(([pattern]) => pattern.test(word))?.[1];
  return verb === undefined ? null : perhaps(`runbook ${verb} ${step}`, ['runbook']);
}

const STEP_VERBS = [
  [/^(?:run|execute|start|try)$/, 'run'],
  [/^(?:done|did|finish|finished|complete|completed|ok|tick|check|checked|do)$/, 'done'],
  [/^(?:skip|skipped|ignore|omit)$/, 'skip'],
  [/^(?:undo|reopen|untick|uncheck)$/, 'undo'],
] as const;

/** `grep timeout in api`, `search the logs of api for timeout`: lines of a log with a text. */
export function searched(line: string): Understood | null {
  const first =
    /^(?:grep|search|find|look) (?:for )?(?:the )?(?:logs? )?(?:(?:of|in) (\S+) )?(?:for )?("[^"]+"|\S+)(?: (?:in|of|from) (?:the )?(?:logs? (?:of |in )?)?(\S*))?$/i;
  const match = first.exec(line.trim());
  // Only what is grepped, or whose line says so, is looked for in a log: `find incidents` asks for something else.
  if (!match || !/^grep\b|\blogs?\b/i.test(line)) return null;
  const [, before = '', text = '', after = ''] = match;
  const of = before === '' ? after : before;
  return runs(['diag', 'logs', /^logs?$/i.test(of) ? '' : of, '--filter', text.replaceAll('"', '')]);
}

/** `undo`, `undo the merge`: what was changed on an incident is taken back by the opposite. */
export function takenBack(said: string): Understood | null {
  const match = /^(?:undo|revert|take back|cancel|never ?mind|oops)(?: (?:the |my |that |this |last )*(\w*))?$/.exec(
    said,
  );
  if (!match) return null;
  const [, what = ''] = match;
  const opposite = [
    [/^ack/, 'unack'],
    [/^(?:resol|clos|dismiss)/, 'reopen'],
    [/^(?:step)/, 'runbook'],
  ] as const;
  const found = opposite.find(([pattern]) => pattern.test(what))?.[1];
  if (found !== undefined) return perhaps(found, ['status']);
  if (!/^(?:it|one|that|this|last|change|command|)$/.test(what)) return null;
  return offers('Take what back?', 'Nothing was changed. A merge is taken back with “split” and its number.', [
    'unack',
    'reopen',
    'diag rollouts',
  ]);
}
