import { ResponderError } from '../errors.ts';
import { SAYS_SEV1, saysResolved } from './severityWords.ts';

/** Alerts that are decided about in one transaction. */
export const SLICE_ALERTS = 500;
/** Largest slice, and largest envelope (the delivery without its alerts), in bytes of JSON. */
const SLICE_BYTES = 1024 * 1024;
/** Largest alert, in bytes of JSON; a larger one is rejected. */
export const ALERT_BYTES = SLICE_BYTES;
/** Most alerts of one delivery; Alertmanager's `max_alerts` keeps far below. */
const MOST_ALERTS = 250_000;
/** Bytes kept of an alert that is too large, for the report about it. */
const HEAD_BYTES = 4 * 1024;
/** Bytes scanned before the event loop is yielded. */
const TURN_BYTES = 512 * 1024;

/** A large delivery, split without being parsed as a whole: its envelope, and its alerts in slices. */
export interface SplitDelivery {
  /** The delivery without its alerts, as JSON. */
  readonly envelope: string;
  readonly alertCount: number;
  /**
   * Slices as JSON, each to be read by `readSlice`. Those that say they are sev1 come first, so that they do not wait for the
   * others, then all others that fire, so that an incident is not quiet in between. May be gone through more than once.
   */
  readonly slices: Iterable<string>;
}

/** One slice: alerts as they were sent, with their positions in the delivery. */
export interface Slice {
  readonly alerts: readonly unknown[];
  readonly indexes: readonly number[];
}

/** The placeholder in a slice for an alert that is larger than a slice may be. */
interface TooLarge {
  readonly $tooLarge: number;
  readonly head: string;
}

export function readSlice(text: string): Slice {
  return JSON.parse(text); // our own `slices` wrote it
}

/** Size and beginning of an alert that was left out as too large; null for an alert that is present. */
export function tooLarge(raw: unknown): { readonly bytes: number; readonly head: string } | null {
  if (typeof raw !== 'object' || raw === null || !('$tooLarge' in raw) || !('head' in raw)) return null;
  return { bytes: Number(raw.$tooLarge), head: String(raw.head) };
}

/**
 * Takes a delivery apart. Its bytes are gone through once and its alerts parsed a slice at a time, so that it never costs much
 * more memory than itself, whatever is in it. Yields whenever others should have their turn.
 * @throws ResponderError bad_input naming what is not JSON or too large; the rest of the envelope is not judged here
 */
export function* splitDelivery(bytes: Buffer): Generator<void, SplitDelivery> {
  const scan = new Scan(bytes);
  const { from, to, grave, firing, resolved } = yield* scan.delivery();
  const lists = [grave, firing, resolved];
  const places = lists.flat();
  const around = bytes.length - (to - from);
  if (around > SLICE_BYTES)
    throw new ResponderError('bad_input', `${around} bytes around its alerts, ${SLICE_BYTES} are allowed`);
  const envelope = `${bytes.toString('utf8', 0, from)}[]${bytes.toString('utf8', to)}`;
  const slices = { [Symbol.iterator]: () => slicesOf(bytes, lists) };
  for (const slice of slices) {
    checkSlice(slice, bytes, places);
    yield;
  }
  return { envelope, alertCount: places.length, slices };
}

/** The position of an alert: its index in the list, and its range of bytes. */
interface Place {
  readonly index: number;
  readonly from: number;
  readonly to: number;
}

function* slicesOf(bytes: Buffer, lists: readonly (readonly Place[])[]): Generator<string> {
  for (const list of lists) {
    let slice: Place[] = [];
    let size = 0;
    for (const place of list) {
      const length = place.to - place.from > ALERT_BYTES ? HEAD_BYTES : place.to - place.from;
      if (slice.length === SLICE_ALERTS || (slice.length > 0 && size + length > SLICE_BYTES)) {
        yield textOf(bytes, slice);
        slice = [];
        size = 0;
      }
      slice.push(place);
      size += length;
    }
    if (slice.length > 0) yield textOf(bytes, slice);
  }
}

function textOf(bytes: Buffer, places: readonly Place[]): string {
  const indexes = places.map(({ index }) => index).join(',');
  return `{"indexes":[${indexes}],"alerts":[${places.map((place) => alertText(bytes, place)).join(',')}]}`;
}

function alertText(bytes: Buffer, { from, to }: Place): string {
  if (to - from <= ALERT_BYTES) return bytes.toString('utf8', from, to);
  const instead: TooLarge = { $tooLarge: to - from, head: bytes.toString('utf8', from, from + HEAD_BYTES) };
  return JSON.stringify(instead);
}

/** @throws ResponderError bad_input naming the alert that is not JSON */
function checkSlice(text: string, bytes: Buffer, places: readonly Place[]): void {
  try {
    readSlice(text);
  } catch {
    for (const place of places)
      try {
        JSON.parse(alertText(bytes, place));
      } catch (error) {
        throw new ResponderError('bad_input', `the body is not JSON: alerts[${place.index}]: ${String(error)}`);
      }
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

interface Found {
  /** The list of alerts, brackets included. */
  readonly from: number;
  readonly to: number;
  /** Firing alerts whose labels say sev1. */
  readonly grave: readonly Place[];
  /** All others that fire. */
  readonly firing: readonly Place[];
  readonly resolved: readonly Place[];
}

/** A scanner that finds where JSON values begin and end; their content is validated by `JSON.parse`. */
class Scan {
  readonly #bytes: Buffer;
  #at = 0;
  #turn = TURN_BYTES;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  *delivery(): Generator<void, Found> {
    let found: Found | null = null;
    this.#space();
    this.#expect(OPEN_OBJECT);
    this.#space();
    while (this.#bytes[this.#at] !== CLOSE_OBJECT) {
      const name = this.#name();
      if (name !== 'alerts' || this.#bytes[this.#at] !== OPEN_LIST) this.#value();
      else if (found === null) found = yield* this.#alerts();
      else throw new ResponderError('bad_input', 'alerts: the key appears twice');
      if (!this.#next(CLOSE_OBJECT)) break;
    }
    this.#expect(CLOSE_OBJECT);
    if (found !== null) return found;
    throw new ResponderError('bad_input', 'alerts: missing; a list of alerts is expected', {
      hint: 'Send the JSON of an Alertmanager webhook receiver, version 4 or newer.',
    });
  }

  *#alerts(): Generator<void, Found> {
    const from = this.#at;
    const grave: Place[] = [];
    const firing: Place[] = [];
    const resolved: Place[] = [];
    this.#at += 1;
    this.#space();
    for (let index = 0; this.#bytes[this.#at] !== CLOSE_LIST; index += 1) {
      if (index >= MOST_ALERTS)
        throw new ResponderError('bad_input', `more than ${MOST_ALERTS} alerts: set max_alerts in the receiver`);
      const begin = this.#at;
      this.#value();
      const place = { index, from: begin, to: this.#at };
      const text = this.#bytes.toString('latin1', begin, Math.min(this.#at, begin + ALERT_BYTES));
      (saysResolved(text) ? resolved : SAYS_SEV1.test(text) ? grave : firing).push(place);
      if (this.#at > this.#turn) {
        this.#turn = this.#at + TURN_BYTES;
        yield;
      }
      if (!this.#next(CLOSE_LIST)) break;
    }
    this.#expect(CLOSE_LIST);
    return { from, to: this.#at, grave, firing, resolved };
  }

  /** A name and its colon; left before the value. */
  #name(): string {
    const begin = this.#at;
    if (this.#bytes[begin] !== QUOTE) this.#fail();
    this.#string();
    const text = this.#bytes.toString('utf8', begin, Math.min(this.#at, begin + 1_000));
    this.#space();
    this.#expect(COLON);
    this.#space();
    // With escapes in it, it is a name all the same.
    return text.includes('\\') ? String(JSON.parse(text)) : text.slice(1, -1);
  }

  /** After a value: true when another follows, false before the end. */
  #next(end: number): boolean {
    this.#space();
    if (this.#bytes[this.#at] === end) return false;
    this.#expect(COMMA);
    this.#space();
    if (this.#bytes[this.#at] === end) this.#fail();
    return true;
  }

  #value(): void {
    const bytes = this.#bytes;
    const first = bytes[this.#at];
    if (first === QUOTE) {
      this.#string();
      return;
    }
    if (first === OPEN_OBJECT || first === OPEN_LIST) {
      let depth = 0;
      while (this.#at < bytes.length) {
        const byte = bytes[this.#at];
        if (byte === QUOTE) {
          this.#string();
          continue;
        }
        if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth += 1;
        else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth -= 1;
        this.#at += 1;
        if (depth === 0) return;
      }
      this.#fail();
    }
    const begin = this.#at;
    while (this.#at < bytes.length && !isEnd(bytes[this.#at])) this.#at += 1;
    if (this.#at === begin) this.#fail();
  }

  #string(): void {
    const bytes = this.#bytes;
    for (let at = this.#at + 1; at < bytes.length; at += 1) {
      if (bytes[at] === BACKSLASH) at += 1;
      else if (bytes[at] === QUOTE) {
        this.#at = at + 1;
        return;
      }
    }
    this.#at = bytes.length;
    this.#fail();
  }

  #space(): void {
    while (isSpace(this.#bytes[this.#at])) this.#at += 1;
  }

  #expect(byte: number): void {
    if (this.#bytes[this.#at] !== byte) this.#fail();
    this.#at += 1;
  }

  #fail(): never {
    const what = this.#at >= this.#bytes.length ? 'it ends unexpectedly' : `unexpected character at byte ${this.#at}`;
    throw new ResponderError('bad_input', `the body is not JSON: ${what}`);
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isEnd(byte: number | undefined): boolean {
  return byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT || isSpace(byte);
}
