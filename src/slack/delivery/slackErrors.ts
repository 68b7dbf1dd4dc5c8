import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { coerceError, type ErrorCode, type ErrorDetail, MOST_RETRY_AFTER_MS, ResponderError } from '../../errors.ts';
import { seconds } from '../../wording/lengths.ts';

/** A call to Slack that failed. `reason` is Slack's own word for it, null when Slack did not answer. */
export class SlackFailure extends ResponderError {
  readonly method: string;
  readonly reason: string | null;

  constructor(method: string, reason: string | null, code: ErrorCode, message: string, detail: ErrorDetail) {
    super(code, message, detail);
    this.name = 'SlackFailure';
    this.method = method;
    this.reason = reason;
  }
}

/**
 * A person has to change something before this can work, in the workspace or in our configuration. It is tried again
 * all the same, slowly: what is queued must go out once it is put right.
 */
const UNTIL_FIXED_MS = 60_000;

interface Meaning {
  readonly code: ErrorCode;
  readonly says: string;
  readonly hint: string;
  readonly fixable: boolean;
}

const TOKEN: Meaning = {
  code: 'unauthorized',
  says: 'Slack does not accept the bot token',
  hint: 'Set SLACK_BOT_TOKEN to the token (xoxb-...) shown under "OAuth & Permissions" of the app.',
  fixable: true,
};
const APP_TOKEN: Meaning = {
  code: 'unauthorized',
  says: 'Slack does not accept the app-level token',
  hint: 'Set SLACK_APP_TOKEN to an app-level token (xapp-...) with connections:write, from "Basic Information" of the app.',
  fixable: true,
};
const GONE: Meaning = { code: 'not_found', says: 'the message is gone', hint: 'It is posted again.', fixable: false };
const TOO_LONG: Meaning = {
  code: 'bad_input',
  says: 'Slack refused the message as too long or malformed',
  hint: 'A short text is posted instead; please report this with the log line.',
  fixable: false,
};
const SLACK_BROKEN: Meaning = {
  code: 'unavailable',
  says: 'Slack has a problem of its own',
  hint: 'Nothing to do; it is retried.',
  fixable: false,
};
const RESTRICTED: Meaning = {
  code: 'forbidden',
  says: 'a rule of the workspace forbids it',
  hint: 'Ask an owner of the workspace to allow the app to do this here.',
  fixable: true,
};

const NO_FILES: Meaning = {
  code: 'forbidden',
  says: 'the workspace accepts no files from the app',
  hint: 'Ask an owner of the workspace: storage is used up, or a rule forbids uploads. The answer itself is not affected.',
  fixable: false,
};
const NOBODY: Meaning = {
  code: 'not_found',
  says: 'the person cannot be reached',
  hint: 'The person left the workspace or the channel, or accepts no messages from apps.',
  fixable: false,
};

const MEANINGS: Readonly<Record<string, Meaning>> = {
  invalid_auth: TOKEN,
  not_authed: TOKEN,
  account_inactive: TOKEN,
  token_revoked: TOKEN,
  token_expired: TOKEN,
  user_removed_from_team: TOKEN,
  team_disabled: TOKEN,
  not_allowed_token_type: TOKEN,
  org_login_required: TOKEN,
  two_factor_setup_required: TOKEN,
  access_denied: RESTRICTED,
  no_permission: RESTRICTED,
  accesslimited: RESTRICTED,
  team_access_not_granted: RESTRICTED,
  ekm_access_denied: RESTRICTED,
  enterprise_is_restricted: RESTRICTED,
  message_limit_exceeded: RESTRICTED,
  channel_not_found: {
    code: 'not_found',
    says: 'the channel does not exist, or it is private and the bot is not in it',
    hint: 'Create the channel, invite the bot into it (/invite), or set SLACK_CHANNEL or the route to another one.',
    fixable: true,
  },
  is_archived: {
    code: 'conflict',
    says: 'the channel is archived',
    hint: 'Unarchive it, or set SLACK_CHANNEL or the route to another one.',
    fixable: true,
  },
  not_in_channel: {
    code: 'forbidden',
    says: 'the bot is not in the channel',
    hint: 'Invite the bot into it (/invite), or give the app the scope channels:join.',
    fixable: true,
  },
  restricted_action: RESTRICTED,
  restricted_action_read_only_channel: RESTRICTED,
  restricted_action_thread_only_channel: RESTRICTED,
  restricted_action_non_threadable_channel: RESTRICTED,
  user_is_restricted: RESTRICTED,
  message_not_found: GONE,
  cant_update_message: GONE,
  edit_window_closed: GONE,
  thread_not_found: GONE,
  cannot_reply_to_message: GONE,
  msg_too_long: TOO_LONG,
  msg_blocks_too_long: TOO_LONG,
  invalid_blocks: TOO_LONG,
  invalid_blocks_format: TOO_LONG,
  no_text: TOO_LONG,
  file_uploads_disabled: NO_FILES,
  file_uploads_except_images_disabled: NO_FILES,
  file_upload_size_restricted: NO_FILES,
  storage_limit_reached: NO_FILES,
  blocked_file_type: NO_FILES,
  malware_detected: NO_FILES,
  user_not_found: NOBODY,
  user_not_in_channel: NOBODY,
  cannot_dm_bot: NOBODY,
  messages_tab_disabled: NOBODY,
  metadata_too_large: TOO_LONG,
  invalid_metadata_format: TOO_LONG,
  internal_error: SLACK_BROKEN,
  fatal_error: SLACK_BROKEN,
  service_unavailable: SLACK_BROKEN,
  request_timeout: SLACK_BROKEN,
};

/**
 * Turns what the Web API client threw into a SlackFailure that says what failed, where, and what to do. The request and
 * its token never become part of it.
 */
export function slackFailure(thrown: unknown, method: string, where: string | null): ResponderError {
  if (thrown instanceof ResponderError) return thrown;
  const place = where === null ? '' : ` in ${where}`;
  if (thrown instanceof WebAPIRateLimitedError) return slowDown(method, 'ratelimited', place, thrown.retryAfter);
  if (thrown instanceof WebAPIPlatformError) return platformFailure(thrown, method, place);
  if (thrown instanceof WebAPIHTTPError) return httpFailure(thrown, method, place);
  const inner = thrown instanceof WebAPIRequestError ? (thrown.cause ?? thrown.original) : thrown;
  const error = coerceError(inner);
  // The client gives up waiting with an abort of its own: for us that is Slack not answering, not a stop on purpose.
  const code = error.code === 'internal' || error.code === 'cancelled' ? 'unreachable' : error.code;
  return new SlackFailure(method, null, code, `Slack did not answer ${method}${place}: ${error.message}`, {
    cause: inner,
    hint: 'Check the network between here and Slack, and https://slack-status.com. It is retried.',
  });
}

function slowDown(method: string, reason: string, place: string, askedSeconds: number): SlackFailure {
  const askedMs = Math.max(1, askedSeconds) * 1_000;
  const again = Math.min(askedMs, MOST_RETRY_AFTER_MS) / 1_000;
  return new SlackFailure(
    method,
    reason,
    'rate_limited',
    `Slack limits our rate: nothing for ${seconds(askedMs)} (${method}${place})`,
    { retryAfterMs: askedMs, hint: `It is retried after ${again} s; pending messages are kept.` },
  );
}

function platformFailure(thrown: WebAPIPlatformError, method: string, place: string): SlackFailure {
  const reason = thrown.data.error;
  if (reason === 'ratelimited' || reason === 'rate_limited')
    return slowDown(method, reason, place, thrown.data.response_metadata?.retryAfter ?? 1);
  if (reason === 'missing_scope') {
    const needed = 'needed' in thrown.data && typeof thrown.data.needed === 'string' ? thrown.data.needed : 'a scope';
    return missingScope(method, needed);
  }
  const known = MEANINGS[reason];
  const meaning = known === TOKEN && method === 'apps.connections.open' ? APP_TOKEN : known;
  if (!meaning) return unknownFailure(reason, method, place);
  const detail = thrown.data.response_metadata?.messages?.slice(0, 3).join('; ');
  return new SlackFailure(
    method,
    reason,
    meaning.code,
    `${meaning.says} (${method}${place}: ${reason}${detail ? `: ${detail}` : ''})`,
    { hint: meaning.hint, ...(meaning.fixable ? { retryable: true, retryAfterMs: UNTIL_FIXED_MS } : {}) },
  );
}

/** Who is refused while a scope is missing. */
const CLOSED_WITHOUT: Readonly<Record<string, string>> = {
  'users:read':
    ' Until then guests and people of other organisations cannot be told from members, so nobody is answered.',
  'channels:read':
    ' Until then channels shared with other organisations cannot be told from our own, so nobody is answered in channels.',
};

/** @param needed as Slack names it: one scope, or several of which one will do, with commas. */
export function missingScope(method: string, needed: string): SlackFailure {
  const closed = CLOSED_WITHOUT[needed.split(',')[0] ?? ''] ?? '';
  return new SlackFailure(
    method,
    'missing_scope',
    'forbidden',
    `Slack refused ${method}: the app lacks the scope ${needed}`,
    {
      hint:
        method === 'apps.connections.open'
          ? APP_TOKEN.hint
          : `Add ${needed} under "OAuth & Permissions" of the app and install it again.${closed}`,
      retryable: true,
      retryAfterMs: UNTIL_FIXED_MS,
    },
  );
}

/**
 * A word of Slack's that we do not know may pass or be put right: what is queued is kept for it. No word at all is a body
 * that was no JSON (a proxy's page, half an answer), so that it is not known whether the call took effect.
 */
function unknownFailure(reason: string, method: string, place: string): SlackFailure {
  if (!/^[a-z][a-z0-9_]{1,79}$/i.test(reason))
    return new SlackFailure(method, null, 'unavailable', `What answered ${method}${place} is not Slack`, {
      hint: 'Its answer is no JSON: is a proxy or a login page between here and Slack? It is retried.',
    });
  return new SlackFailure(method, reason, 'internal', `Slack refused ${method}${place}: ${reason}`, {
    hint: `What it means: https://docs.slack.dev/reference/methods/${method}#errors. It is retried.`,
    retryable: true,
    retryAfterMs: UNTIL_FIXED_MS,
  });
}

function httpFailure(thrown: WebAPIHTTPError, method: string, place: string): SlackFailure {
  const message = `Slack answered ${method}${place} with HTTP ${thrown.statusCode}`;
  if (thrown.statusCode === 429) return slowDown(method, 'ratelimited', place, 5);
  // A Slack behind another address may lack a method: what can be done without it is done without it.
  if (thrown.statusCode === 404 || thrown.statusCode === 501) return unknownFailure('unknown_method', method, place);
  return new SlackFailure(method, null, 'unavailable', message, { hint: 'It is retried.' });
}

/** Slack's own word for why a call failed, or null. */
export function slackReason(error: unknown): string | null {
  return error instanceof SlackFailure ? error.reason : null;
}

const CHANNEL_CLOSED = new Set(['channel_not_found', 'is_archived', 'not_in_channel']);

/** The channel itself cannot take a message; another one may. */
export function isChannelClosed(error: unknown): boolean {
  const reason = slackReason(error);
  return reason !== null && (CHANNEL_CLOSED.has(reason) || reason.startsWith('restricted_action'));
}

/** The message we meant to edit or reply to is gone. */
export function isMessageGone(error: unknown): boolean {
  return error instanceof SlackFailure && error.reason !== null && MEANINGS[error.reason] === GONE;
}

/** Slack will not take these blocks whatever happens. */
export function isMalformed(error: unknown): boolean {
  return error instanceof SlackFailure && error.reason !== null && MEANINGS[error.reason] === TOO_LONG;
}
