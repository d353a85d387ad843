/**
 * Requests out of a stream of bytes: RESP arrays of bulk strings, or inline commands.
 *
 * The stream may be cut anywhere. A request that lies in one chunk, nearly all of them, takes the
 * fast way: `readArguments` walks over the chunk once. What a chunk's end cuts through, a line or
 * an argument, is carried over in a copy and completed byte for byte with the next chunk, so no
 * byte is looked at twice and the work is linear however the stream is cut.
 *
 * Turning bytes into strings is what costs. Short arguments are cut out of a window of text; so
 * are keys, though a long one keeps the window alive: whoever keeps a key keeps a copy (see Argv).
 * Other arguments get a string of their own, large ones a Buffer.
 *
 * Errors, limits and oddities are Redis's: a byte 0 in a line hides what follows it, any byte may
 * stand for the `\n` behind a `\r`, and the line break behind a bulk is not looked at.
 * Source: processInlineBuffer and processMultibulkBuffer in networking.c of Redis 7.0
 */
import { rememberHash } from '../lib/key-hash';
import { LARGE_BYTES, type Bytes } from '../lib/bytes';
import type { LargeMemory } from '../lib/large-memory';
import { Carry } from './carry';
import type { CommandNames } from './command-names';
import { argumentCount, bulkLength } from './headers';
import { inlineWords } from './inline';
import { LargeBulk } from './large-bulk';
import { protocolError, type Limits } from './limits';
import { RequestBuilder } from './request-builder';
import { SLICE_MIN_LENGTH, TextWindow } from './text-window';

/** What `next` found. */
export const MORE = 0;
export const REQUEST = 1;
export const ERROR = 2;
export type ParserStatus = typeof MORE | typeof REQUEST | typeof ERROR;

const STAR = 0x2a;
const DOLLAR = 0x24;
const CR = 0x0d;
const LF = 0x0a;
const ZERO = 0x30;

const none: Buffer = Buffer.alloc(0);

export class RequestParser<T> {
  /** Until it must be authenticated for more, a request may have 10 arguments, an argument 16 KB. */
  trusted = true;

  /**
   * After ERROR, the whole reply to send before the connection is closed. Empty when the client
   * exceeded its query buffer: then Redis closes without a word.
   */
  error = '';
  private readonly request: RequestBuilder<T>;
  private chunk: Buffer = none;
  private at = 0;
  private end = 0;
  /** Whether the chunk is ours, so that nobody overwrites it. */
  private owned = false;
  /** What was fed while the chunk was not yet parsed to its end. */
  private readonly backlog = new Carry();
  private failed = false;
  private readonly window = new TextWindow();
  /** Arguments of the current request that are still missing; 0 between requests. */
  private missing = 0;
  /** How many of argv are read. */
  private count = 0;
  /** Length of the argument being read; -1 while its header is not read. */
  private bulkLength = -1;
  private large: LargeBulk | undefined = undefined;

  /** The beginning of a line or of an argument which the end of a chunk cut off. */
  private readonly carry = new Carry();
  /** A byte 0 was seen in the carried line: its end will never be found. */
  private lineHidden = false;

  constructor(
    names: CommandNames<T>,
    private readonly limits: Limits,
    private readonly largeMemory?: LargeMemory,
  ) {
    this.request = new RequestBuilder(names);
  }

  /** The request, after REQUEST. A fresh array each time, so it may be kept. */
  get argv(): Bytes[] {
    return this.request.argv;
  }

  /** The command of the request; undefined when its name is not known. */
  get command(): T | undefined {
    return this.request.command;
  }

  /** The command of the request, or, while there is none, of the last one that had one. */
  get lastCommand(): T | undefined {
    return this.request.command ?? this.request.lastCommand;
  }

  /**
   * Takes bytes [start, end) of `chunk`. They must stay as they are until `next` has returned MORE
   * or `keep` was called.
   */
  feed(chunk: Buffer, start: number, end: number): void {
    if (this.failed || start === end) return;
    if (this.at < this.end) {
      this.backlog.append(chunk, start, end);
    } else {
      this.setChunk(chunk, start, end, false);
    }
  }

  /** Copies what is not parsed yet, for a session that stops before MORE. */
  keep(): void {
    if (this.at === this.end || this.owned) return;
    const rest = Buffer.from(this.chunk.subarray(this.at, this.end));
    this.setChunk(rest, 0, rest.length, true);
  }

  /** How many bytes were fed that are not part of a request or of a whole argument yet. */
  get bytesPending(): number {
    const unparsed = this.end - this.at + this.backlog.length;
    return unparsed + this.carry.length + (this.large?.received ?? 0);
  }

  /** Whether a session that has stopped taking requests holds more than the query buffer may. */
  get overLimit(): boolean {
    return this.bytesPending > this.limits.maxQueryBufferBytes;
  }

  /**
   * Reads the next request: `argv` and `command` are set after REQUEST, `error` after ERROR, which
   * is final. After MORE all that was fed is used up.
   */
  next(): ParserStatus {
    for (;;) {
      if (this.at === this.end && !this.nextChunk()) return this.failed ? ERROR : MORE;
      let status: ParserStatus;
      if (this.large !== undefined) status = this.continueLarge(this.large);
      else if (this.carry.length > 0) status = this.continueCarried();
      else if (this.missing > 0) status = this.readArguments();
      else if (this.chunk[this.at] === STAR) status = this.readCount();
      else status = this.readLine(LF);
      if (status !== MORE) return status;
    }
  }

  private setChunk(chunk: Buffer, start: number, end: number, owned: boolean): void {
    this.chunk = chunk;
    this.owned = owned;
    this.at = start;
    this.end = end;
    this.window.close();
  }

  private nextChunk(): boolean {
    const { length } = this.backlog;
    // An idle connection holds on to nothing.
    if (this.missing === 0) this.request.clear();
    this.setChunk(length > 0 ? this.backlog.giveAway() : none, 0, length, true);
    return length > 0;
  }

  /** `*<count>\r\n`, at the beginning of a request. */
  private readCount(): ParserStatus {
    const { chunk, at, end } = this;
    // Nearly all requests have a count of one digit.
    const digit = at + 3 < end ? chunk[at + 1]! - ZERO : -1;
    if (digit > 0 && digit <= 9 && chunk[at + 2] === CR) {
      this.at = at + 4;
      this.beginRequest(digit);
      return this.at < end ? this.readArguments() : MORE;
    }
    return this.readLine(CR);
  }

  private beginRequest(count: number): void {
    this.missing = count;
    this.count = 0;
  }

  /** Arguments out of the chunk, until the request is whole or the chunk is at its end. */
  private readArguments(): ParserStatus {
    if (this.bulkLength >= 0) return this.readBulk();
    const { chunk, end, request, window } = this;
    let { at, count, missing } = this;
    while (missing > 0) {
      // `$<length>\r\n` of up to four digits; all else, errors too, goes the general way.
      let length = -1;
      let i = at + 2;
      if (at + 3 < end && chunk[at] === DOLLAR) {
        length = chunk[at + 1]! - ZERO;
        if (length > 0 && length <= 9) {
          const stop = at + 5 < end ? at + 5 : end;
          for (; i < stop; i++) {
            const digit = chunk[i]! - ZERO;
            if (digit < 0 || digit > 9) break;
            length = length * 10 + digit;
          }
        } else if (length !== 0) {
          length = -1;
        }
        if (i + 1 >= end || chunk[i] !== CR) length = -1;
      }
      if (length < 0 || length >= LARGE_BYTES) {
        this.at = at;
        this.count = count;
        this.missing = missing;
        return this.readLine(CR);
      }
      const start = i + 2;
      const stop = start + length;
      if (stop + 2 > end) {
        this.at = start;
        this.count = count;
        this.missing = missing;
        this.bulkLength = length;
        return start < end ? this.readBulk() : MORE;
      }
      if (count === 0) {
        request.setName(chunk, start, stop, missing);
      } else if (count === request.nextKey) {
        const key = window.cut(chunk, start, stop, end);
        rememberHash(key, chunk, start, stop);
        request.place(count, key);
      } else if (length < SLICE_MIN_LENGTH) {
        request.place(count, window.cut(chunk, start, stop, end));
      } else {
        request.place(count, chunk.latin1Slice(start, stop));
      }
      count++;
      missing--;
      at = stop + 2;
    }
    this.at = at;
    this.missing = 0;
    return REQUEST;
  }

  /** An argument whose length is known, as far as it is in the chunk. */
  private readBulk(): ParserStatus {
    const { chunk, at, end, bulkLength } = this;
    if (bulkLength >= LARGE_BYTES) {
      this.large = new LargeBulk(bulkLength, this.largeMemory);
      return this.continueLarge(this.large);
    }
    if (at + bulkLength + 2 > end) {
      this.carry.reserve(bulkLength + 2);
      return this.take(end);
    }
    this.at = at + bulkLength + 2;
    return this.addArgument(chunk, at);
  }

  /** Adds the argument of `bulkLength` bytes that starts at `start`. */
  private addArgument(bytes: Buffer, start: number): ParserStatus {
    const end = start + this.bulkLength;
    if (this.count === 0) this.request.setName(bytes, start, end, this.missing);
    else this.request.place(this.count, bytes.latin1Slice(start, end));
    return this.endArgument();
  }

  private endArgument(): ParserStatus {
    this.bulkLength = -1;
    this.count++;
    return --this.missing === 0 ? REQUEST : MORE;
  }

  private continueLarge(large: LargeBulk): ParserStatus {
    const stop = Math.min(this.end, this.at + large.missing);
    large.push(this.chunk, this.at, stop);
    this.at = stop;
    if (large.received > this.limits.maxQueryBufferBytes) return this.fail('');
    if (large.missing > 0) return MORE;
    this.large = undefined;
    const argument = large.take();
    if (this.count === 0) this.request.setCommand(argument, undefined, this.missing);
    else this.request.place(this.count, argument);
    return this.endArgument();
  }

  /** A line up to `terminator`: LF for an inline command, CR and any byte for a header. */
  private readLine(terminator: number): ParserStatus {
    const { at } = this;
    const found = this.findTerminator(terminator);
    if (found === -1) return this.takePartOfLine(terminator);
    const next = terminator === CR ? found + 2 : found + 1;
    if (next > this.end) return this.take(this.end);
    this.at = next;
    return this.parseLine(this.chunk, at, found);
  }

  /** Completes the line or the argument that the end of the last chunk cut off. */
  private continueCarried(): ParserStatus {
    const { carry } = this;
    if (this.bulkLength >= 0) {
      const whole = this.bulkLength + 2;
      this.take(Math.min(this.end, this.at + whole - carry.length));
      return carry.length < whole ? MORE : this.addArgument(carry.release(), 0);
    }
    const terminator = this.missing > 0 || carry.first === STAR ? CR : LF;
    if (terminator === CR && carry.last === CR && !this.lineHidden) {
      // Only the byte behind the CR is missing.
      this.at++;
    } else {
      const found = this.findTerminator(terminator);
      if (found === -1) return this.takePartOfLine(terminator);
      this.take(found + 1);
      if (terminator === CR) {
        if (this.at === this.end) return MORE;
        this.at++;
      }
    }
    const end = carry.length - 1;
    return this.parseLine(carry.release(), 0, end);
  }

  /** What to do with the line of bytes [start, end), which has lost its terminator. */
  private parseLine(bytes: Buffer, start: number, end: number): ParserStatus {
    const { limits, trusted } = this;
    if (this.missing > 0) {
      const length = bulkLength(bytes, start, end, limits, trusted);
      if (typeof length === 'string') return this.fail(length);
      this.bulkLength = length;
      return MORE;
    }
    if (bytes[start] === STAR) {
      const count = argumentCount(bytes, start, end, limits, trusted);
      if (typeof count === 'string') return this.fail(count);
      // `*0` and `*-1` ask for nothing and get no answer.
      if (count > 0) this.beginRequest(count);
      return MORE;
    }
    const words = inlineWords(bytes, start, end);
    if (words === undefined) return this.fail(protocolError('unbalanced quotes in request'));
    if (words.length === 0) return MORE;
    this.request.setWords(words);
    return REQUEST;
  }

  /** A line whose terminator is not in the chunk: the rest of the chunk is its beginning. */
  private takePartOfLine(terminator: number): ParserStatus {
    if (this.carry.length + this.end - this.at <= this.limits.maxInlineBytes) {
      return this.take(this.end);
    }
    if (terminator === LF) return this.fail(protocolError('too big inline request'));
    const what = this.missing > 0 ? 'bulk' : 'mbulk';
    return this.fail(protocolError(`too big ${what} count string`));
  }

  private fail(error: string): ParserStatus {
    this.failed = true;
    this.error = error;
    this.request.clear();
    this.missing = 0;
    this.large = undefined;
    this.carry.release();
    this.backlog.giveAway();
    this.setChunk(none, 0, 0, true);
    return ERROR;
  }

  /**
   * Position of `terminator` in the chunk, -1 when it is not there or too far away from the line's
   * beginning, which may be carried.
   */
  private findTerminator(terminator: number): number {
    if (this.lineHidden) return -1;
    const { chunk, at } = this;
    const stop = Math.min(this.end, at + this.limits.maxInlineBytes + 1 - this.carry.length);
    for (let i = at; i < stop; i++) {
      const byte = chunk[i];
      if (byte === terminator) return i;
      if (byte === 0) {
        this.lineHidden = true;
        return -1;
      }
    }
    return -1;
  }

  /** Carries chunk bytes up to `stop` over to the next chunk. */
  private take(stop: number): ParserStatus {
    this.carry.append(this.chunk, this.at, stop);
    this.at = stop;
    return MORE;
  }
}
