/** A page holds blocks of one size class. */
export const PAGE_UNITS = 4096;
export const PAGE_BYTES = PAGE_UNITS * 16;

/** Fields of a page's entry in `pages`. */
export const PAGE_FIELDS = 8;
export const SIZE_CLASS = 0;
/** Blocks in use. */
export const LIVE = 1;
/** The first free block, as its unit in the page + 1; 0: none. Its first word names the next. */
export const FREE_BLOCK = 2;
/** Units of the page that were never given out begin here. */
export const FRESH_UNIT = 3;
/** Neighbours in the list of pages of a class that have room, as page number + 1; 0: none. */
export const PREVIOUS = 4;
export const NEXT = 5;

/** One piece of an arena's memory, outside V8's heap, seen as bytes, words and doubles. */
export class Segment {
  readonly bytes: Buffer;
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  /** What each page is used for. */
  readonly pages: Int32Array;
  /** Pages from here on were never used. */
  freshPage = 0;
  /** A list of pages that were used and are empty: page + 1, next in NEXT. */
  freePage = 0;
  usedPages = 0;

  constructor(readonly pageCount: number) {
    // Zeroed, hence taken from the system only as far as it is touched.
    const memory = new ArrayBuffer(pageCount * PAGE_BYTES);
    this.bytes = Buffer.from(memory);
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
    this.pages = new Int32Array(pageCount * PAGE_FIELDS);
  }

  get hasRoom(): boolean {
    return this.freePage !== 0 || this.freshPage < this.pageCount;
  }

  /** An empty page; there must be room. */
  takePage(): number {
    this.usedPages++;
    if (this.freePage === 0) return this.freshPage++;
    const page = this.freePage - 1;
    this.freePage = this.pages[page * PAGE_FIELDS + NEXT]!;
    return page;
  }

  releasePage(page: number): void {
    this.usedPages--;
    this.pages[page * PAGE_FIELDS + NEXT] = this.freePage;
    this.freePage = page + 1;
  }
}

/** Stands where there is no segment. */
export const NO_SEGMENT = new Segment(0);
