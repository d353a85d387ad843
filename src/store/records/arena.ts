/**
 * Memory for many small blocks, outside V8's heap: the collector neither visits nor moves them, so
 * filling in tens of millions of records stops nobody, and a block costs what it holds.
 *
 * Memory comes in segments of up to 32 MB, which are cut into pages of 64 KB; a page holds blocks
 * of one size class (as in jemalloc and memcached). A page whose blocks are all free can serve any
 * class again, and a segment whose pages are all free is given back.
 *
 * A block is named by a number of 32 bits (it may be negative): its segment, and the unit of 16
 * bytes in it where it begins. 0 is no block. So an arena holds up to 64 GB.
 */
import {
  FREE_BLOCK,
  FRESH_UNIT,
  LIVE,
  NEXT,
  NO_SEGMENT,
  PAGE_BYTES,
  PAGE_FIELDS,
  PAGE_UNITS,
  PREVIOUS,
  Segment,
  SIZE_CLASS,
} from './segment';
import { CLASS_UNITS, classOf, UNIT_BYTES } from './size-classes';

/** The number of a block; 0: none. Valid until the block is freed. */
export type Ref = number;

/** A ref is a segment, then so many bits of a unit in it. */
export const SEGMENT_SHIFT = 21;
export const UNIT_MASK = (1 << SEGMENT_SHIFT) - 1;
const MAX_SEGMENTS = 1 << (32 - SEGMENT_SHIFT);

const PAGE_SHIFT = 12;
/** A page's number is a segment, then so many bits of a page in it. */
const PAGE_BITS = SEGMENT_SHIFT - PAGE_SHIFT;
const PAGE_MASK = (1 << PAGE_BITS) - 1;
/** The first segment has so many pages, each next one twice as many, up to 512: 32 MB. */
const FIRST_PAGES = 2;

export class Arena {
  /** Segments by number. Those that were given back are NO_SEGMENT. */
  readonly segments: Segment[] = [];
  /** By class: a page with room, as number + 1; 0: none. */
  private readonly withRoom = new Int32Array(CLASS_UNITS.length);
  private units = 0;
  private pages = 0;
  private emptySegments = 0;

  /** Bytes of all blocks. */
  get blockBytes(): number {
    return this.units * UNIT_BYTES;
  }

  /** Bytes of all pages in use: blocks, and free places between them. */
  get pageBytes(): number {
    return this.pages * PAGE_BYTES;
  }

  /**
   * A block of at least so many units; what is in it is undefined.
   * @throws RangeError if the system gives no memory, or the arena is full
   */
  allocate(units: number): Ref {
    const sizeClass = classOf(units);
    let page = this.withRoom[sizeClass]! - 1;
    if (page < 0) page = this.newPage(sizeClass);
    const segment = this.segments[page >>> PAGE_BITS]!;
    const { pages } = segment;
    const entry = (page & PAGE_MASK) * PAGE_FIELDS;
    const size = CLASS_UNITS[sizeClass]!;
    const first = (page & PAGE_MASK) << PAGE_SHIFT;
    let unit = pages[entry + FREE_BLOCK]! - 1;
    if (unit >= 0) {
      pages[entry + FREE_BLOCK] = segment.words[(first + unit) << 2]!;
    } else {
      unit = pages[entry + FRESH_UNIT]!;
      pages[entry + FRESH_UNIT] = unit + size;
    }
    pages[entry + LIVE]!++;
    if (pages[entry + FREE_BLOCK] === 0 && pages[entry + FRESH_UNIT]! + size > PAGE_UNITS) {
      this.unlink(page, sizeClass);
    }
    this.units += size;
    return ((page << PAGE_SHIFT) + unit) | 0;
  }

  free(ref: Ref): void {
    const page = ref >>> PAGE_SHIFT;
    const segment = this.segments[page >>> PAGE_BITS]!;
    const { pages } = segment;
    const entry = (page & PAGE_MASK) * PAGE_FIELDS;
    const sizeClass = pages[entry + SIZE_CLASS]!;
    const size = CLASS_UNITS[sizeClass]!;
    const wasFull =
      pages[entry + FREE_BLOCK] === 0 && pages[entry + FRESH_UNIT]! + size > PAGE_UNITS;
    segment.words[(ref & UNIT_MASK) << 2] = pages[entry + FREE_BLOCK]!;
    pages[entry + FREE_BLOCK] = (ref & (PAGE_UNITS - 1)) + 1;
    this.units -= size;
    if (wasFull) this.link(page, sizeClass);
    if (--pages[entry + LIVE]! > 0) return;
    // The last page of a class stays: what is freed and allocated in turn must not cost a page.
    if (pages[entry + PREVIOUS] === 0 && pages[entry + NEXT] === 0) return;
    this.unlink(page, sizeClass);
    this.releasePage(page);
  }

  /** The class of a block's size. */
  sizeClass(ref: Ref): number {
    const entry = ((ref >>> PAGE_SHIFT) & PAGE_MASK) * PAGE_FIELDS;
    return this.segments[ref >>> SEGMENT_SHIFT]!.pages[entry + SIZE_CLASS]!;
  }

  private newPage(sizeClass: number): number {
    let number = this.segments.findIndex((segment) => segment.hasRoom);
    if (number === -1) number = this.newSegment();
    const segment = this.segments[number]!;
    if (segment.usedPages === 0) this.emptySegments--;
    const inSegment = segment.takePage();
    const page = (number << PAGE_BITS) | inSegment;
    const entry = inSegment * PAGE_FIELDS;
    segment.pages[entry + SIZE_CLASS] = sizeClass;
    segment.pages[entry + LIVE] = 0;
    segment.pages[entry + FREE_BLOCK] = 0;
    // Ref 0 is no block.
    segment.pages[entry + FRESH_UNIT] = page === 0 ? 1 : 0;
    this.pages++;
    this.link(page, sizeClass);
    return page;
  }

  private newSegment(): number {
    let number = this.segments.indexOf(NO_SEGMENT);
    if (number === -1) number = this.segments.length;
    if (number === MAX_SEGMENTS) throw new RangeError('an arena holds at most 64 GB');
    this.segments[number] = new Segment(
      Math.min(FIRST_PAGES << Math.min(number, 20), 1 << PAGE_BITS),
    );
    this.emptySegments++;
    return number;
  }

  private releasePage(page: number): void {
    const number = page >>> PAGE_BITS;
    const segment = this.segments[number]!;
    segment.releasePage(page & PAGE_MASK);
    this.pages--;
    if (segment.usedPages > 0) return;
    // One empty segment stays, for the same reason.
    if (this.emptySegments > 0) this.segments[number] = NO_SEGMENT;
    else this.emptySegments++;
  }

  /** Enters a page in the list of those of its class that have room. */
  private link(page: number, sizeClass: number): void {
    const head = this.withRoom[sizeClass]!;
    this.setNeighbour(page, PREVIOUS, 0);
    this.setNeighbour(page, NEXT, head);
    if (head !== 0) this.setNeighbour(head - 1, PREVIOUS, page + 1);
    this.withRoom[sizeClass] = page + 1;
  }

  private unlink(page: number, sizeClass: number): void {
    const { pages } = this.segments[page >>> PAGE_BITS]!;
    const entry = (page & PAGE_MASK) * PAGE_FIELDS;
    const previous = pages[entry + PREVIOUS]!;
    const next = pages[entry + NEXT]!;
    if (previous === 0) this.withRoom[sizeClass] = next;
    else this.setNeighbour(previous - 1, NEXT, next);
    if (next !== 0) this.setNeighbour(next - 1, PREVIOUS, previous);
  }

  private setNeighbour(page: number, side: number, neighbour: number): void {
    const { pages } = this.segments[page >>> PAGE_BITS]!;
    pages[(page & PAGE_MASK) * PAGE_FIELDS + side] = neighbour;
  }
}
