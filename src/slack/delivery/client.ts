import { type FilesUploadV2Arguments, WebClient } from '@slack/web-api';
import type { SlackRedaction } from '../ports.ts';

/** What addresses a call or proves who makes it, and is shown to nobody. */
const ADDRESSES = new Set([
  'token',
  'channel',
  'channel_id',
  'ts',
  'thread_ts',
  'trigger_id',
  'view_id',
  'hash',
  'cursor',
]);

/** The Web API with the last of what keeps secrets in: every text passes the redaction on its way out, whoever wrote it. */
export class RedactingClient extends WebClient {
  readonly #redaction: SlackRedaction;

  constructor(token: string, redaction: SlackRedaction, options: ConstructorParameters<typeof WebClient>[1]) {
    super(token, options);
    this.#redaction = redaction;
  }

  override apiCall(method: string, options: Record<string, unknown> = {}): ReturnType<WebClient['apiCall']> {
    const clean = Object.entries(options).map(([key, value]) => [
      key,
      ADDRESSES.has(key) ? value : this.#redaction.redactTree(value),
    ]);
    return super.apiCall(method, Object.fromEntries(clean));
  }

  override filesUploadV2(options: FilesUploadV2Arguments): ReturnType<WebClient['filesUploadV2']> {
    if (!('file' in options) || !Buffer.isBuffer(options.file) || !isText(options.filename))
      return super.filesUploadV2(options);
    const file = Buffer.from(this.#redaction.redact(options.file.toString('utf8')));
    return super.filesUploadV2({ ...options, file });
  }
}

function isText(name: string | undefined): boolean {
  return name !== undefined && /\.(?:txt|log|md|json|csv|ya?ml)$/i.test(name);
}
