import { LARGE_BYTES, type Bytes } from '../lib/bytes';
import type { CommandName, CommandNames } from './command-names';

const noArguments: Bytes[] = [];

/** A request while its arguments arrive: which command it is, and which argument is a key. */
export class RequestBuilder<T> {
  argv: Bytes[] = noArguments;
  command: T | undefined = undefined;
  /** The command that the connection was done with when it became idle. */
  lastCommand: T | undefined = undefined;
  /** Position of the next argument that is a key; -1 when none follows. */
  nextKey = -1;
  private lastKey = -1;
  private keyStep = 0;

  constructor(private readonly names: CommandNames<T>) {}

  clear(): void {
    this.argv = noArguments;
    if (this.command === undefined) return;
    this.lastCommand = this.command;
    this.command = undefined;
  }

  /** Begins a request of `argc` arguments with its name. */
  setName(bytes: Buffer, start: number, end: number, argc: number): void {
    const entry = this.names.find(bytes, start, end);
    if (entry !== undefined) {
      this.setCommand(entry.spelling, entry, argc);
    } else {
      const text = bytes.latin1Slice(start, end);
      this.setCommand(text, this.names.get(text), argc);
    }
  }

  setCommand(name: Bytes, entry: CommandName<T> | undefined, argc: number): void {
    this.argv = newArguments(name, argc);
    if (entry === undefined) {
      this.command = undefined;
      this.nextKey = -1;
      return;
    }
    this.command = entry.command;
    this.keyStep = entry.keyStep;
    this.lastKey = entry.keyLast < 0 ? argc + entry.keyLast : entry.keyLast;
    this.nextKey = entry.keyStep > 0 && entry.keyFirst <= this.lastKey ? entry.keyFirst : -1;
  }

  /** Adds argument `index`; in order. */
  place(index: number, argument: Bytes): void {
    if (index === this.nextKey) {
      this.nextKey = index < this.lastKey ? index + this.keyStep : -1;
    }
    if (index < this.argv.length) this.argv[index] = argument;
    else this.argv.push(argument);
  }

  /** A whole request: the words of an inline command. */
  setWords(words: readonly string[]): void {
    this.command = this.names.get(words[0]!)?.command;
    this.argv = words.map((word) =>
      word.length < LARGE_BYTES ? word : Buffer.from(word, 'latin1'),
    );
  }
}

/** Of the right size at once for most requests; an announced large one grows as it arrives. */
function newArguments(name: Bytes, argc: number): Bytes[] {
  if (argc === 2) return [name, ''];
  if (argc === 3) return [name, '', ''];
  return [name];
}
