/**
 * How much memory values take: estimates that follow how V8 lays objects out on a 64-bit machine
 * (references of 8 bytes, everything rounded up to 8).
 */
import type { Bytes } from '../lib/bytes';
import type { Value } from './value';

/** Header of a string: shape, hash, length. */
const STRING_BYTES = 16;
/** A Buffer, its ArrayBuffer, and what keeps track of the bytes behind it, outside the heap. */
const BUFFER_BYTES = 320;

/** A record in the memory store: its header (40), and its places in a table and in the order of creation. */
const RECORD_BYTES = 60;
/** A place in the tree of deadlines. */
const DEADLINE_BYTES = 24;
/** Strings from here on are objects of their own; shorter ones lie in the record. */
const MAX_INLINE_BYTES = 4095;

/**
 * The memory of a collection, whose elements are not looked at each time: the collection counts
 * from the first question on.
 */
export interface MeasuredValue {
  /**
   * What a store has counted for this value, which must be subtracted when it changes or goes. Only
   * the store uses it.
   */
  countedBytes: number;
  /** Bytes of memory. The first call may look at every element, and from then on each change is counted. */
  memoryBytes(): number;
  /** The same, estimated from the first elements: `samples` of them, 0 is all. Leaves no trace. */
  sampledMemoryBytes(samples: number): number;
}

/** A string of that many bytes. Those of one byte and the empty one exist once. */
export function textMemory(length: number): number {
  return length < 2 ? 0 : STRING_BYTES + ((length + 7) & ~7);
}

export function bufferMemory(capacity: number): number {
  return BUFFER_BYTES + capacity;
}

export function bytesMemory(bytes: Bytes): number {
  return typeof bytes === 'string' ? textMemory(bytes.length) : bufferMemory(bytes.length);
}

/** What `measure` says of the first `samples` items (0: of all), extrapolated to `count` of them. */
export function sampledMemory<T>(
  items: Iterable<T>,
  count: number,
  samples: number,
  measure: (item: T) => number,
): number {
  let bytes = 0;
  let seen = 0;
  for (const item of items) {
    bytes += measure(item);
    if (++seen === samples) break;
  }
  return seen === 0 ? 0 : Math.round((bytes * count) / seen);
}

/** A number or string. In a record it takes its bytes and no more. */
export function primitiveMemory(value: string | number): number {
  if (typeof value === 'number') return 8;
  return value.length <= MAX_INLINE_BYTES ? value.length : textMemory(value.length);
}

/** A value, collections by sampling. */
export function valueMemory(value: Value, samples: number): number {
  return typeof value === 'object' ? value.sampledMemoryBytes(samples) : primitiveMemory(value);
}

/** A key with all that the memory store keeps for it, but its value. */
export function keyMemory(key: string, hasDeadline: boolean): number {
  return RECORD_BYTES + key.length + (hasDeadline ? DEADLINE_BYTES : 0);
}
