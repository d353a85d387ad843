// @ts-check
import { setPriority } from 'node:os';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Processor time of a process so far, in nanoseconds, summed over its threads. schedstat counts
 * nanoseconds where stat counts ticks of 10 ms; a thread that ended is no longer counted.
 *
 * @param {number} pid
 */
export function processorNs(pid) {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => {
      const stats = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8');
      return Number(stats.split(' ')[0]);
    })
    .reduce((sum, each) => sum + each, 0);
}

/**
 * Resident memory of a process in bytes, now and at its highest.
 *
 * @param {number} pid
 */
export function residentBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  /** @param {string} field */
  const bytes = (field) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}

/**
 * Lets the probe run before the driver where two cores are shared by three: a wait that is the
 * scheduler's is not the server's. On Linux it holds for the calling thread; it needs root.
 *
 * @param {number} priority
 */
export function prefer(priority) {
  try {
    setPriority(priority);
  } catch {
    // Without the right to it the last column says what it costs.
  }
}
