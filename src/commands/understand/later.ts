import { lineOf, offers, type Understood } from './understood.ts';

/** What the product will do in a later version, or does in other words, and the nearest thing to it now. */
interface Later {
  readonly words: readonly string[];
  readonly what: string;
  readonly meanwhile: string;
  /** The lines that may be pressed instead; `object` is what was named, '' when nothing was, `number` an incident's. */
  readonly nearest: (object: string, number: string, scope: readonly string[]) => readonly (readonly string[])[];
}

const bare = (object: string): string => object.slice(object.indexOf('/') + 1);

/** Verbs that are known but not built: each says so, and offers what can be done today. */
const LATER: ReadonlyMap<string, Later> = new Map(
  Object.entries<Later>({
    fix: {
      words: ['fix', 'repair', 'remediate', 'heal', 'autofix', 'mitigation'],
      what: 'Fixes with an approval come later',
      meanwhile: 'until then the steps of the runbook say what to do by hand.',
      nearest: (_object, number) => [
        ['runbook', number],
        ['diag', 'all'],
      ],
    },
    rollback: {
      words: ['rollback', 'revert', 'undo', 'roll-back'],
      what: 'Rolling back with an approval comes later',
      meanwhile: 'until then it is done in your terminal. What was rolled out, and when:',
      nearest: (object, _number, scope) => [
        ['diag', 'rollouts', bare(object), ...scope],
        ['diag', 'changes', ...scope],
      ],
    },
    restart: {
      words: ['restart', 'reboot', 'bounce', 'redeploy', 'recycle', 'rerun', 'retry', 'rebuild'],
      what: 'Restarting with an approval comes later',
      meanwhile: 'until then it is done in your terminal. How it stands:',
      nearest: (object, _number, scope) =>
        object === ''
          ? [['diag', 'pods', ...scope]]
          : [
              ['diag', 'describe', object, ...scope],
              ['diag', 'logs', object, ...scope],
            ],
    },
    scale: {
      words: ['scale', 'autoscale', 'upscale', 'downscale'],
      what: 'Scaling with an approval comes later',
      meanwhile: 'until then it is done in your terminal. How it stands:',
      nearest: (object, _number, scope) =>
        object === ''
          ? [['diag', 'hpa', ...scope]]
          : [
              ['diag', 'describe', object, ...scope],
              ['diag', 'hpa', ...scope],
            ],
    },
    silence: {
      words: ['silence', 'mute', 'suppress', 'shutup', 'quiet', 'unsilence', 'unmute', 'stop-alerting'],
      what: 'Silencing from here comes later',
      meanwhile: 'until then the card’s Silence link opens Alertmanager with the alert’s labels filled in.',
      nearest: (_object, number) => [
        ['status', number],
        ['ack', number],
      ],
    },
    call: {
      words: ['call', 'wake', 'notify', 'alert-someone', 'pageme', 'ping-oncall', 'add-responder', 'add-responders'],
      what: 'Whom shall I call?',
      meanwhile: 'Name them (page @who), or call the next people of the incident’s policy:',
      nearest: (_object, number) => [['escalate', number], ['oncall']],
    },
    assign: {
      words: ['assign', 'handover', 'hand-over', 'handoff', 'reassign', 'delegate'],
      what: 'Assigning to somebody else comes later',
      meanwhile: 'until then whoever takes it acknowledges it.',
      nearest: (_object, number) => [
        ['ack', number],
        ['unack', number],
      ],
    },
  }),
);

/** Which of the later verbs a word is; null for none. */
export function laterVerb(word: string): string | null {
  for (const [verb, { words }] of LATER) if (words.includes(word)) return verb;
  return null;
}

/** What is said of a later verb for an object (`kind/name`, a name or ''), and what may be pressed instead. */
export function laterOf(verb: string, object: string, scope: readonly string[] = [], number = ''): Understood | null {
  const later = LATER.get(verb);
  if (!later) return null;
  return offers(
    /[.?]$/.test(later.what) ? later.what : `${later.what}.`,
    `${later.meanwhile.charAt(0).toUpperCase()}${later.meanwhile.slice(1)}`,
    later.nearest(object, number, scope).map(lineOf),
  );
}
