import type { ResponderError } from '../../errors.ts';
import type { Clock } from '../ports.ts';

/** How Slack is, for `/readyz` details, metrics and an alert of our own. */
export interface SlackStatus {
  readonly connected: boolean;
  /** Since when `connected` is what it is, epoch ms. */
  readonly since: number;
  readonly mode: 'socket' | 'http';
  readonly team: string | null;
  readonly botUserId: string | null;
  /** False while call after call to the Web API brings no answer, whatever the socket does. */
  readonly reachable: boolean;
  /** What is wrong and what to do, in words; null when nothing is. */
  readonly problem: string | null;
}

/** Who the bot is in the workspace, from auth.test. */
export interface Identity {
  readonly team: string | null;
  readonly teamId: string | null;
  readonly enterpriseId: string | null;
  readonly botUserId: string | null;
  readonly botId: string | null;
}

const NOBODY: Identity = { team: null, teamId: null, enterpriseId: null, botUserId: null, botId: null };

/** What is known of the connection, in one place. */
export interface ConnectionState {
  identity: Identity;
  status(): SlackStatus;
  connection(connected: boolean, problem: ResponderError | null): void;
  /** The outcome of a call: a refusal that lasts (a scope, a token, a channel) is a problem until the method works again. */
  outcome(method: string, error: ResponderError | null): void;
  /** A problem of its own name that ends when it is taken back (null), or by itself at `until` (epoch ms). */
  passing(name: string, problem: { readonly words: string; readonly until: number } | null): void;
}

/** A wait of this many milliseconds that Slack asks for is told: a shorter one is an ordinary limit. */
const TOLD_WAIT_MS = 60_000;
/** How long a wait stays told after its end, in milliseconds, when nothing was called since. */
const LINGER_MS = 60_000;

/** What a call says about Slack: its refusal, or a long wait it asks for in one channel or for one method. */
export function noteOutcome(
  state: ConnectionState,
  clock: Clock,
  slot: { readonly method: string; readonly channel: string | null },
  error: ResponderError | null,
): void {
  state.outcome(slot.method, error);
  const name = `${slot.method} ${slot.channel}`;
  if (error === null) state.passing(name, null);
  const waitMs = error?.code === 'rate_limited' ? (error.retryAfterMs ?? 0) : 0;
  if (error !== null && waitMs >= TOLD_WAIT_MS)
    state.passing(name, { words: inWords(error), until: clock.now() + waitMs + LINGER_MS });
}

export function createState(mode: SlackStatus['mode'], clock: Clock): ConnectionState {
  let connected = false;
  let since = clock.now();
  let connectionProblem: string | null = 'not connected yet';
  const refused = new Map<string, string>();
  const passing = new Map<string, { readonly words: string; readonly until: number }>();
  let unanswered = 0;
  return {
    identity: NOBODY,
    status() {
      for (const [name, { until }] of passing) if (until <= clock.now()) passing.delete(name);
      const told = [...refused.values(), ...[...passing.values()].map(({ words }) => words)];
      const refusals = told.slice(0, MOST_TOLD).join(' ');
      const problem = connectionProblem ?? (refusals || null);
      const reachable = unanswered < UNANSWERED;
      return {
        connected,
        since,
        mode,
        team: this.identity.team,
        botUserId: this.identity.botUserId,
        reachable,
        problem,
      };
    },
    connection(now, problem) {
      if (now !== connected) since = clock.now();
      connected = now;
      connectionProblem = problem === null ? null : inWords(problem);
    },
    outcome(method, error) {
      unanswered = error !== null && SILENT.has(error.code) ? unanswered + 1 : 0;
      if (error === null) refused.delete(method);
      else if (LASTING.has(error.code) && error.retryable) refused.set(method, inWords(error));
    },
    passing(name, problem) {
      if (problem === null) passing.delete(name);
      else passing.set(name, problem);
    },
  };
}

/** The most problems told at once. */
const MOST_TOLD = 3;
/** Calls in a row without an answer, from which Slack counts as unreachable. */
const UNANSWERED = 3;
const SILENT: ReadonlySet<string> = new Set(['unreachable', 'unavailable', 'timeout']);
const LASTING: ReadonlySet<string> = new Set(['unauthorized', 'forbidden', 'not_found', 'conflict']);

function inWords(error: ResponderError): string {
  return error.hint === null ? error.message : `${error.message}. ${error.hint}`;
}
