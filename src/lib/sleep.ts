/** Stops the thread, and with it everything that it serves. Nothing for no or a negative time. */
export function sleepMs(ms: number): void {
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
