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
    if ('file_uploads' in options) {
      const clean = options.file_uploads.map((one) => this.#clean(one));
      return super.filesUploadV2({ ...options, file_uploads: clean } as FilesUploadV2Arguments); // each as it was, but for its bytes
    }
    return super.filesUploadV2(this.#clean(options));
  }

  #clean<T extends object>(one: T): T {
    const { file, filename } = one as { file?: unknown; filename?: string };
    if (!Buffer.isBuffer(file) || !isText(filename)) return one;
    return { ...one, file: Buffer.from(this.#redaction.redact(file.toString('utf8'))) };
  }
}

function isText(name: string | undefined): boolean {
  return name !== undefined && /\.(?:txt|log|md|json|csv|ya?ml)$/i.test(name);
}
