/**
 * How much memory the server's thread may take, and a clean end when that is full.
 *
 * V8 kills the whole process, with pages of text, when one large object (a growing table, a long
 * array) does not fit below its limit; only many small ones end in an error that can be caught. So
 * the server stops a little before the limit: a full collection whose survivors leave less than a
 * reserve is the sign. Near its limit V8 collects each time half of what is left has been filled, so
 * objects of half the reserve still fit meanwhile.
 */
import { PerformanceObserver, constants, type PerformanceEntry } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MB = 1024 * 1024;

/** Code, stacks, socket buffers and the main thread, beside what the heap holds. */
const PROCESS_BYTES = 64 * MB;

/**
 * A collection of the young generation stops the server for as long as it takes to copy what
 * survives, and of keys and values that are being filled in all survives: with 64 MB up to 80 ms,
 * with 16 MB up to 25 ms, at the same rate of SET (`bench/longest-stop.mjs`).
 */
const MAX_SEMI_SPACE_MB = 16;

/** V8's young generation is two semi-spaces and as much again for large young objects. */
const SEMI_SPACES = 3;

export interface HeapLimits {
  /** What keys and values may take in all. */
  readonly maxBytes: number;
  /** For `resourceLimits` of the worker thread. */
  readonly maxOldGenerationSizeMb: number;
  readonly maxYoungGenerationSizeMb: number;
}

/**
 * @param maxHeapBytes the option `max-heap`; 0: nine tenths of the memory, less what else is needed
 * @param machineBytes os.totalmem()
 * @param constrainedBytes process.constrainedMemory(): 0 or absurdly much where nothing constrains
 */
export function heapLimits(
  maxHeapBytes: number,
  machineBytes: number,
  constrainedBytes: number,
): HeapLimits {
  const memoryBytes =
    constrainedBytes > 0 ? Math.min(machineBytes, constrainedBytes) : machineBytes;
  // A young generation that is large beside the old one makes V8 collect all the time long before
  // the limit (measured at 400 MB: eleven full collections over the last quarter instead of four).
  const roomBytes = Math.min(memoryBytes, maxHeapBytes > 0 ? maxHeapBytes : Infinity) / 8;
  let semiSpaceMb = MAX_SEMI_SPACE_MB;
  while (semiSpaceMb > 1 && semiSpaceMb * SEMI_SPACES * MB > roomBytes) semiSpaceMb /= 2;
  const youngMb = semiSpaceMb * SEMI_SPACES;
  const spareBytes = memoryBytes * 0.9 - PROCESS_BYTES - youngMb * MB;
  const maxBytes = maxHeapBytes > 0 ? maxHeapBytes : Math.max(PROCESS_BYTES, spareBytes);
  return {
    maxBytes,
    maxOldGenerationSizeMb: Math.max(1, Math.floor(maxBytes / MB)),
    maxYoungGenerationSizeMb: youngMb,
  };
}

/** What must stay free of a limit for the server to go on. */
export function heapReserve(maxBytes: number): number {
  return Math.min(maxBytes / 2, Math.max(16 * MB, maxBytes / 16));
}

/**
 * Calls `full` once, when a full collection of this thread's heap has left less than the reserve
 * free, counting Buffers too.
 * @returns a function that ends the watch
 */
export function watchHeap(maxBytes: number, full: () => void): () => void {
  const enoughBytes = maxBytes - heapReserve(maxBytes);
  const stop = onFullCollection(() => {
    const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
    if (heap + external <= enoughBytes) return;
    stop();
    full();
  });
  return stop;
}

/**
 * Calls `run` soon after each full collection of this thread's heap.
 * @returns a function that ends it
 */
export function onFullCollection(run: () => void): () => void {
  const observer = new PerformanceObserver((list) => {
    if (list.getEntries().some(isFullCollection)) run();
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => observer.disconnect();
}

/** What V8 has taken from the system for this thread's heap and its Buffers. */
export function committedBytes(): number {
  const { total_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

/**
 * After how much growth V8 begins a full collection, in percent of what the last one has left, for
 * all threads of the process. V8 itself lets a heap grow to several times that. 0: as V8 likes.
 */
export function setHeapGrowth(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}

function isFullCollection(entry: PerformanceEntry): boolean {
  // Typed in later versions of @types/node only.
  const { detail } = entry as PerformanceEntry & { detail: { kind: number } };
  return detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}

let gc: (() => void) | undefined;

/** Collects all garbage now. The server stands still meanwhile. */
export function collectGarbage(): void {
  if (gc === undefined) {
    // The function exists in contexts that are made while the flag is set.
    setFlagsFromString('--expose-gc');
    gc = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
  }
  gc();
}
