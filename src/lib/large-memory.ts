/**
 * The memory of large values that are gone, kept for the next ones.
 *
 * What is allocated anew comes from the system a page at a time, each as it is first touched, and a
 * value of 100 MB has 25,000. What is dropped goes back when V8 collects garbage, on the thread of
 * the server (5 to 15 ms for 100 MB), and V8 begins a full collection for every 64 MB or so of new
 * Buffers. Memory that is used again costs nothing of that.
 *
 * A value gives its memory up only when nobody can look at it any more. That is decided between
 * commands, not while one runs: RENAME takes a value out of one record and puts it into another.
 */
import type { Clock } from './clock';

/** Smaller ones are not worth it: the allocator keeps memory for those itself. */
export const REUSED_BYTES = 64 * 1024;
const MAX_BUFFERS = 64;
/** A value of `n` bytes may get memory of up to this many times `n`. */
const MAX_SLACK = 1.25;
/** Nobody has wanted any for so long: then it goes. */
const UNUSED_MS = 10_000;

/** A value that may have memory to give up. */
export interface Leaving {
  /** Gives its memory to `heir`, and is empty then, unless somebody still needs it. */
  giveUp(heir: LargeMemory): void;
}

export class LargeMemory {
  /** The oldest first. */
  private free: Buffer[] = [];
  private freeBytes = 0;
  private readonly leaving: Leaving[] = [];
  private usedAtMs = 0;
  private cancel: (() => void) | undefined;

  /** @param maxBytes how much may be kept; asked each time */
  constructor(
    private readonly clock: Clock,
    private readonly maxBytes: () => number,
  ) {}

  /** Bytes that are kept. */
  get bytes(): number {
    return this.freeBytes;
  }

  /** `bytes` bytes with anything in them; undefined if there is nothing of about that size. */
  take(bytes: number): Buffer | undefined {
    for (let at = this.free.length - 1; at >= 0; at--) {
      const { length } = this.free[at]!;
      if (length < bytes || length > bytes * MAX_SLACK) continue;
      const [found] = this.free.splice(at, 1);
      this.freeBytes -= length;
      this.usedAtMs = this.clock.monotonicMs();
      return found!.subarray(0, bytes);
    }
    return undefined;
  }

  /** A value has left its record. It is asked for its memory when the command has ended. */
  leaves(value: Leaving): void {
    if (this.leaving.length === 0) {
      queueMicrotask(() => {
        for (const left of this.leaving.splice(0)) left.giveUp(this);
      });
    }
    this.leaving.push(value);
  }

  /** Takes the memory of `buffer`, which nobody may look at any more. */
  give(buffer: Buffer): void {
    // A part of something else is not what was allocated.
    if (buffer.byteOffset !== 0) return;
    const whole = Buffer.from(buffer.buffer);
    if (whole.length < REUSED_BYTES) return;
    this.free.push(whole);
    this.freeBytes += whole.length;
    const maxBytes = this.maxBytes();
    while (this.freeBytes > maxBytes || this.free.length > MAX_BUFFERS) {
      this.freeBytes -= this.free.shift()!.length;
    }
    this.usedAtMs = this.clock.monotonicMs();
    if (this.free.length > 0) this.cancel ??= this.clock.after(UNUSED_MS, () => this.dropUnused());
  }

  /** Leaves all of it to the garbage collector. */
  clear(): void {
    this.cancel?.();
    this.cancel = undefined;
    this.free = [];
    this.freeBytes = 0;
  }

  private dropUnused(): void {
    this.cancel = undefined;
    const unusedMs = this.clock.monotonicMs() - this.usedAtMs;
    if (unusedMs >= UNUSED_MS) this.clear();
    else this.cancel = this.clock.after(UNUSED_MS - unusedMs, () => this.dropUnused());
  }
}
