/** A typed line without what surrounds a command in a terminal or in a sentence. */
export interface Tidy {
  readonly line: string;
  /** What a pipe did: the text of `grep`, the lines of `tail`. */
  readonly filter: string | null;
  readonly tail: number | null;
  /** What was left out, as it was typed. */
  readonly left: readonly string[];
}

/** Prompts as shells print them: `$`, `#`, `>`, `PS C:\>`, `ana@host:~$`, `[ana@host ~]$`, `❯`, `(base) $`. */
const PROMPT =
  /^(?:\([\w.-]+\)\s*)?(?:PS\s+\S*>|[A-Z]:\\[^>]*>|\[?[\w.-]+@[\w.-]+[^$#%>❯]*[$#%>❯]|[$#%>❯➜»~λ]+(?=\s))\s*/u;
const POLITE_FRONT =
  /^(?:hey|hi|hello|ok|okay|so|please|pls|plz|bitte|por favor|could you|can you|would you|kannst du|puedes)[\s,]+/i;
const POLITE_END =
  /(?<![\s,])[\s,]+(?:please|pls|plz|thx|thanks|thank you|bitte|danke|por favor|gracias|merci|s'il te plait|asap)[\s.!?]*$/i;

/** Takes prompt, quotes around the whole, pipes, redirections, a slash before the command and politeness away. */
export function tidy(raw: string): Tidy {
  let line = raw.trim();
  line = unquoted(line).replace(PROMPT, '');
  line = line.replace(/^(?:sudo|watch(?:\s+-\S+(?:\s+[\d.]+)?)*|while\s+\w+;\s*do|time)\s+(?=\S+\s)/i, '');
  // Dictated, or corrected by a telephone.
  line = line.replace(/^[ck]u[bt]e?[- ]?(?:ctl|control|cuttle|cuddle|cut(?:tle)?|c t l|clt|cti)\b/i, 'kubectl');
  line = line.replace(/^\/?lambda\s+(?=\S)/i, '');
  line = line.replace(/^[/!:.>-]+(?=[a-z])/i, '');
  for (let again = true; again; ) {
    const shorter = line.replace(POLITE_FRONT, '').replace(POLITE_END, '');
    again = shorter !== line && shorter !== '';
    if (again) line = shorter;
  }
  const [command = '', ...piped] = splitPipes(line);
  const cut = piped.map(readPipe);
  return {
    line: withoutRedirections(command).trim(),
    filter: cut.find((one) => one.filter !== null)?.filter ?? null,
    tail: cut.find((one) => one.tail !== null)?.tail ?? null,
    left: cut.flatMap((one) => one.left ?? []),
  };
}

function unquoted(line: string): string {
  const match = /^(["'])(.*)\1[.!?]*$/s.exec(line);
  return match && !(match[2] ?? '').includes(match[1] ?? '"') ? (match[2] ?? '').trim() : line;
}

/** Splits at `|`, `;` and `&&` outside of quotes. */
function splitPipes(line: string): readonly string[] {
  const parts: string[] = [''];
  let open: string | null = null;
  for (const char of line.replaceAll('&&', ';')) {
    if (open === null && /["']/.test(char) && /(?:^|[\s=])$/.test(parts.at(-1) ?? '')) open = char;
    else if (char === open) open = null;
    if (open === null && /[|;]/.test(char)) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts;
}

interface Pipe {
  readonly filter: string | null;
  readonly tail: number | null;
  readonly left: string | null;
}

function readPipe(part: string): Pipe {
  const words = part.trim().split(/\s+/);
  const left = { filter: null, tail: null, left: part.trim() === '' ? null : `| ${part.trim()}` };
  if (/^(?:e|f|z)?grep$|^rg$|^findstr$|^sls$|^select-string$/i.test(words[0] ?? '')) {
    const flags = words.slice(1).filter((word) => /^-/.test(word));
    const text = part
      .trim()
      .replace(/^\S+\s*/, '')
      .replaceAll(/(?:^|\s)-{1,2}[\w-]+(?:[ =]\d+)?(?=\s|$)/g, ' ')
      .trim()
      .replace(/^(["'])(.*)\1$/, '$2');
    const inverted = flags.some((flag) => /^-[a-z]*v/.test(flag) || flag === '--invert-match');
    return inverted || text === '' || /[\\^$*+?()[\]{}|]/.test(text) ? left : { filter: text, tail: null, left: null };
  }
  const tail = /^tail\s+(?:-n\s*|-|--lines=)(\d+)$/.exec(part.trim());
  if (tail) return { filter: null, tail: Number(tail[1]), left: null };
  // A pager changes nothing of what is shown.
  return /^(?:less|more|cat|most)$/.test(part.trim()) ? { ...left, left: null } : left;
}

function withoutRedirections(command: string): string {
  return command.replaceAll(/(?:^|\s)\d?>{1,2}&?\s*(?:\d|[\w./~-]+)(?=\s|$)/g, ' ').replace(/\s&$/, '');
}

/** Without the marks that end a sentence; a lone `?` stays. */
export function withoutEnd(line: string): string {
  const shorter = line.replace(/(?<![\s.,;:!?…。！？、؟⁇‽])[\s.,;:!?…。！？、؟⁇‽]+$/u, '');
  return shorter === '' ? line : shorter;
}

/** Without the marks behind a word: `checkout?`. The lookbehind keeps it linear for a word of nothing but marks. */
export function withoutMarks(word: string): string {
  return word.replace(/(?<![.,;:!?])[.,;:!?]+$/, '');
}

/** Whether a line asks: a question mark of any script at its end, or a verb that only asks in front. */
export function isQuestion(raw: string): boolean {
  const end = raw.slice(-200).trimEnd();
  const said = end.replace(POLITE_END, (polite) => (polite.includes('?') ? '?' : ''));
  return QUESTION_MARK.test(said) || ASKS.test(raw);
}
/** The marks of Latin, full width, Arabic, Greek, Armenian, Ethiopic and Vai, with what may close a sentence behind them. */
const QUESTION_MARK = /[?\uff1f\u061f\u037e\u055e\u1367\ua60f\u203d\u2047-\u2049][\s.!…"'”’)\]]*$/u;
const ASKS =
  /^\s*["'/]*(?:(?:hey|hi|hello|ok|okay|so)[\s,]+)*(?:is|isn'?t|was|wasn'?t|were|did|didn'?t|are|aren'?t|has|have)\s/i;
