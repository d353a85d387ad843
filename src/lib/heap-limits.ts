/** How much memory the server's thread may take. */
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

/** However much memory there is, no more of it waits for large values. */
const MAX_WAITING_BYTES = 128 * MB;

/**
 * How much memory of large values that are gone may wait for the next ones.
 * @param maxMemoryBytes the option `maxmemory`, which counts keys and values only; 0: no limit
 * @param heapLimitBytes what this thread's heap and its Buffers may take
 */
export function waitingMemory(maxMemoryBytes: number, heapLimitBytes: number): number {
  const maxBytes = maxMemoryBytes > 0 ? maxMemoryBytes / 8 : Infinity;
  return Math.min(MAX_WAITING_BYTES, heapLimitBytes / 16, maxBytes);
}

/** What must stay free of a limit for the server to go on. */
export function heapReserve(maxBytes: number): number {
  return Math.min(maxBytes / 2, Math.max(16 * MB, maxBytes / 16));
}
