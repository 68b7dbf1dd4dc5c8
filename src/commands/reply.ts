import type { Evidence, Finding, PhoneForm, ReplyTable } from '../incidents/evidence.ts';

/** A value the command assumed, shown in the answer's header with how to override it. */
export interface Assumption {
  readonly what: string;
  readonly value: string;
  /** Where it came from: `incident #12`, `the documented default`, `the alert's start minus 5 min`. */
  readonly from: string;
  /** The flag or word that overrides it, such as `-n NAME`; null when nothing does. */
  readonly override: string | null;
}

/** A command offered as a button. One that changes something (`readOnly` false) is decided by the press. */
export interface Suggestion {
  readonly label: string;
  /** The text after `/lambda`, such as `diag logs checkout --previous`. */
  readonly command: string;
  readonly readOnly: boolean;
}

/** One thing of a list as a phone shows it, with what is pressed for it. */
export interface ListItem {
  /** One sentence. */
  readonly text: string;
  /** What else is known of it, shorter: `open · nobody · 4m`. */
  readonly detail: string;
  readonly press: Suggestion | null;
}

export interface ReplyFile {
  readonly name: string;
  readonly title: string;
  readonly mime: string;
  readonly content: string | Uint8Array;
  /** What a picture shows, for who cannot see it. */
  readonly altText?: string;
}

/**
 * The answer of a command, independent of where it is shown (Slack, terminal, page). Rendering cuts it to the place's
 * limits; nothing here is escaped for any place, everything is already redacted.
 */
export interface Reply {
  readonly tone: 'ok' | 'notice' | 'warning' | 'error';
  readonly title: string;
  /** One or two sentences, plain text. */
  readonly summary: string;
  readonly assumed: readonly Assumption[];
  readonly findings: readonly Finding[];
  readonly table: ReplyTable | null;
  /** The table as a list for a phone, in its own order; a terminal and the file show the table. */
  readonly list: readonly ListItem[] | null;
  /** What Slack shows instead of the table and the lines, which the terminal and the file have. */
  readonly phone: PhoneForm | null;
  /** Preformatted lines (logs), oldest first. */
  readonly lines: readonly string[] | null;
  /** Which end of `lines` matters when they are cut. */
  readonly keep: 'head' | 'tail';
  readonly evidence: readonly Evidence[];
  /** Bounds that cut and parts that failed, in words. */
  readonly notes: readonly string[];
  readonly next: readonly Suggestion[];
  readonly file: ReplyFile | null;
  /** A picture that belongs to it, shown with it. */
  readonly picture: ReplyFile | null;
  /** Who sees it in Slack: `asker` (help, errors), `thread` (results), `channel` (changes of state are seen on the card; nothing else is posted). */
  readonly visibility: 'asker' | 'thread' | 'channel';
  readonly incidentNumber: number | null;
  readonly simulated: boolean;
  /** The steps of the incident's runbook: Slack shows them as one message with buttons. `page` from 1; null: where the work is. */
  readonly runbook: { readonly page: number | null } | null;
  /** It goes on: shown again every few seconds from this command line, with a way to stop it. */
  readonly live: { readonly line: string } | null;
}

const EMPTY: Reply = {
  tone: 'ok',
  title: '',
  summary: '',
  assumed: [],
  findings: [],
  table: null,
  list: null,
  phone: null,
  lines: null,
  keep: 'tail',
  evidence: [],
  notes: [],
  next: [],
  file: null,
  picture: null,
  visibility: 'asker',
  incidentNumber: null,
  simulated: false,
  runbook: null,
  live: null,
};

export function reply(parts: Partial<Reply> & Pick<Reply, 'title'>): Reply {
  return { ...EMPTY, ...parts };
}

/** A reply as JSON keeps it: bytes of a file as base64. `withStoredFile` reads them back. */
export function storableReply(answer: Reply): unknown {
  return { ...answer, file: storable(answer.file), picture: storable(answer.picture) };
}

function storable(file: ReplyFile | null): unknown {
  if (file === null || typeof file.content === 'string') return file;
  return { ...file, content: Buffer.from(file.content).toString('base64'), encoding: 'base64' };
}

/** A reply read from JSON, with the bytes of its files as they were. */
export function withStoredFile(answer: Reply): Reply {
  return { ...answer, file: restored(answer.file), picture: restored(answer.picture) };
}

function restored(file: ReplyFile | null): ReplyFile | null {
  if (file === null || typeof file.content !== 'string' || !('encoding' in file) || file.encoding !== 'base64')
    return file;
  const { encoding: _encoding, ...rest } = file;
  return { ...rest, content: new Uint8Array(Buffer.from(file.content, 'base64')) };
}
