// @ts-check
import { drive } from './driver.mjs';
import { residentBytes } from './processes.mjs';
import { progress, table, thousands } from './report.mjs';
import { delay, startServer } from './servers.mjs';

/**
 * Resident memory of each server, empty and with `keys` keys.
 *
 * @param {readonly import('./servers.mjs').Program[]} programs
 * @param {{ keys: number, valueBytes: number }} options
 * @returns {Promise<string>}
 */
export async function compareMemory(programs, { keys, valueBytes }) {
  const rows = [];
  for (const program of programs) {
    const server = await startServer(program);
    const empty = await settled(server.pid);
    progress(`${program.name}: ${thousands(keys)} keys`);
    const value = 'x'.repeat(valueBytes);
    await drive(server.port, { kind: 'fill', prefix: 'key:', keys, value });
    const full = await settled(server.pid);
    const { peak } = residentBytes(server.pid);
    await server.stop();
    const perKey = String(Math.round((full - empty) / keys));
    rows.push([program.name, megabytes(empty), megabytes(full), perKey, megabytes(peak)]);
  }
  return table(
    ['server', 'empty, MB', `${thousands(keys)} keys, MB`, 'bytes a key', 'peak, MB'],
    rows,
  );
}

/**
 * Resident memory once it has stopped falling: garbage is collected and returned with some delay.
 *
 * @param {number} pid
 */
export async function settled(pid) {
  let lowest = residentBytes(pid).now;
  for (let quiet = 0, tries = 0; quiet < 5 && tries < 60; tries++) {
    await delay(500);
    const { now } = residentBytes(pid);
    quiet = now < lowest * 0.99 ? 0 : quiet + 1;
    lowest = Math.min(lowest, now);
  }
  return residentBytes(pid).now;
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return (bytes / 1e6).toFixed(0);
}
