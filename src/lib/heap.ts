/** V8's heap: what it holds, and when it is collected. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What V8 has taken from the system for this thread's heap and its Buffers. */
export function committedBytes(): number {
  const { total_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

/** What this thread's heap and its Buffers hold, garbage included. */
export function heldBytes(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

/** What this thread's heap may grow to. */
export function heapLimitBytes(): number {
  return getHeapStatistics().heap_size_limit;
}

/**
 * After how much growth V8 begins a full collection, in percent of what the last one has left, for
 * all threads of the process. V8 itself lets a heap grow to several times that. 0: as V8 likes.
 */
export function setHeapGrowth(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
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
