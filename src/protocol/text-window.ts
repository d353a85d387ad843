/** From this length on V8's `substring` returns a slice of its parent instead of a copy. */
export const SLICE_MIN_LENGTH = 13;

const FIRST_WINDOW_BYTES = 1024;
const WINDOW_BYTES = 4096;
/** With fewer bytes behind an argument, a window would hardly serve a second one. */
const WORTH_A_WINDOW_BYTES = 16;
/** A window pays if it serves an argument at least every so many bytes. */
const WORTH_A_CUT_BYTES = 400;

/**
 * Cuts strings out of a chunk of bytes. A call of `latin1Slice` takes as long as parsing the rest
 * of a short command. So a part of the chunk, the window, is turned into one string, and others are
 * cut out of it with `substring`, which is several times cheaper. Strings of SLICE_MIN_LENGTH and
 * more keep the window's string alive.
 */
export class TextWindow {
  /** Chunk bytes [start, end). */
  private text = '';
  private start = 0;
  private end = 0;
  /** How many strings were cut out of this window. */
  private cuts = 0;

  /** Before another chunk. */
  close(): void {
    this.text = '';
    this.start = 0;
    this.end = 0;
  }

  /** Bytes [start, end) of the chunk, whose data ends at `chunkEnd`. */
  cut(chunk: Buffer, start: number, end: number, chunkEnd: number): string {
    if (start < this.start || end > this.end) {
      if (!this.move(chunk, start, end, chunkEnd)) return chunk.latin1Slice(start, end);
    }
    this.cuts++;
    return this.text.substring(start - this.start, end - this.start);
  }

  /**
   * Moves the window to `start`, unless it would not pay: too little follows, or what follows is
   * mostly large values, as the last window of this chunk shows.
   */
  private move(chunk: Buffer, start: number, end: number, chunkEnd: number): boolean {
    if (chunkEnd - end < WORTH_A_WINDOW_BYTES) return false;
    if (this.end - this.start > this.cuts * WORTH_A_CUT_BYTES) return false;
    const size = this.end === 0 ? FIRST_WINDOW_BYTES : WINDOW_BYTES;
    this.cuts = 0;
    this.start = start;
    this.end = Math.max(end, Math.min(start + size, chunkEnd));
    this.text = chunk.latin1Slice(start, this.end);
    return true;
  }
}
