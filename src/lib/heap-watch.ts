/**
 * A clean end when the memory of the server's thread is full.
 *
 * V8 kills the whole process, with pages of text, when one large object (a growing table, a long
 * array) does not fit below its limit; only many small ones end in an error that can be caught. So
 * the server stops a little before the limit: a full collection whose survivors leave less than a
 * reserve is the sign. Near its limit V8 collects each time half of what is left has been filled, so
 * objects of half the reserve still fit meanwhile.
 */
import { PerformanceObserver, constants, type PerformanceEntry } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { heapReserve } from './heap-limits';

/**
 * Calls `full` once, when a full collection of this thread's heap has left less than the reserve
 * free, counting Buffers too.
 * @param spareBytes what of the Buffers is kept only because there has been room
 * @returns a function that ends the watch
 */
export function watchHeap(
  maxBytes: number,
  full: () => void,
  spareBytes: () => number,
): () => void {
  const enoughBytes = maxBytes - heapReserve(maxBytes);
  const stop = onFullCollection(() => {
    const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
    if (heap + external - spareBytes() <= enoughBytes) return;
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

function isFullCollection(entry: PerformanceEntry): boolean {
  // Typed in later versions of @types/node only.
  const { detail } = entry as PerformanceEntry & { detail: { kind: number } };
  return detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}
