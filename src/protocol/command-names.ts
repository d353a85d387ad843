/**
 * Finds a command by the bytes of its name in the read buffer: a hash over them leads into an
 * open-addressed table, without cutting out a string, changing its case or asking a Map. The table
 * holds the spellings that clients use, all upper and all lower case; any other (`GeT`) is looked
 * up by `get`, which is slower.
 */

/** Positions of keys in argv: `last` counts from the end when negative. */
export interface ArgumentPositions {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** What the parser needs to know of a command while it reads its arguments. */
export interface CommandName<T> {
  /** As the client wrote it. */
  readonly spelling: string;
  readonly command: T;
  /** Where the keys are; `step` is 0 for commands without keys. */
  readonly keyFirst: number;
  readonly keyLast: number;
  readonly keyStep: number;
}

export class CommandNames<T> {
  private readonly byLowerName = new Map<string, CommandName<T>>();
  private table: (CommandName<T> | undefined)[] = [undefined];
  private mask = 0;
  private count = 0;

  /** `keys` are arguments which whoever runs the command only looks up, or copies to keep. */
  add(name: string, command: T, keys?: ArgumentPositions): void {
    const lower = name.toLowerCase();
    const upper = name.toUpperCase();
    const entry = (spelling: string): CommandName<T> => ({
      spelling,
      command,
      keyFirst: keys?.first ?? 0,
      keyLast: keys?.last ?? 0,
      keyStep: keys?.step ?? 0,
    });
    const lowerEntry = entry(lower);
    this.byLowerName.set(lower, lowerEntry);
    this.insert(lowerEntry);
    if (upper !== lower) this.insert(entry(upper));
  }

  /** By the bytes of a name, if it is all upper or all lower case. */
  find(bytes: Uint8Array, start: number, end: number): CommandName<T> | undefined {
    let hash = end - start;
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
    for (let slot = spread(hash) & this.mask; ; slot = (slot + 1) & this.mask) {
      const entry = this.table[slot];
      if (entry === undefined || matches(entry.spelling, bytes, start, end)) return entry;
    }
  }

  /** By a name in any case. The entry's `spelling` is not the one asked for then. */
  get(name: string): CommandName<T> | undefined {
    return this.byLowerName.get(name.toLowerCase());
  }

  private insert(entry: CommandName<T>): void {
    // At most a quarter full, so that most names are found at once.
    if ((this.count + 1) * 4 > this.table.length) {
      const entries = this.table.filter((old) => old !== undefined);
      this.table = new Array<undefined>(this.table.length * 4).fill(undefined);
      this.mask = this.table.length - 1;
      for (const old of entries) this.place(old);
    }
    if (this.place(entry)) this.count++;
  }

  /** False when it replaced an entry of the same spelling. */
  private place(entry: CommandName<T>): boolean {
    const { spelling } = entry;
    let hash = spelling.length;
    for (let i = 0; i < spelling.length; i++) {
      hash = (Math.imul(hash, 31) + spelling.charCodeAt(i)) | 0;
    }
    let slot = spread(hash) & this.mask;
    while (this.table[slot] !== undefined && this.table[slot]!.spelling !== spelling) {
      slot = (slot + 1) & this.mask;
    }
    const isNew = this.table[slot] === undefined;
    this.table[slot] = entry;
    return isNew;
  }
}

function spread(hash: number): number {
  return hash ^ (hash >>> 15);
}

function matches(spelling: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (spelling.length !== end - start) return false;
  for (let i = 0; i < spelling.length; i++) {
    if (spelling.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}
