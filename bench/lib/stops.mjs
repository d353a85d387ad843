// @ts-check
import { connect } from 'node:net';
import { constants } from 'node:os';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { drive } from './driver.mjs';
import { prefer } from './processes.mjs';
import { progress, table, thousands } from './report.mjs';
import { delay, startServer } from './servers.mjs';

/**
 * The longest time that a client waited for its PONG while another one filled the server, scanned
 * it and emptied it. The last column is how long the measuring process was itself held up: a stop
 * of that length says nothing about the server.
 *
 * @param {readonly import('./servers.mjs').Program[]} programs
 * @param {{ keys: number, valueBytes: number, scanCount: number }} options
 * @returns {Promise<string>}
 */
export async function compareStops(programs, { keys, valueBytes, scanCount }) {
  const rows = [];
  for (const program of programs) {
    const server = await startServer(program);
    const value = 'x'.repeat(valueBytes);
    /** @type {[string, () => Promise<unknown>][]} */
    const phases = [
      ['idle, 2 s', () => delay(2000)],
      [
        `fill with ${thousands(keys)} keys`,
        () => drive(server.port, { kind: 'fill', prefix: 'key:', keys, value }),
      ],
      [
        `SCAN of all, COUNT ${scanCount}`,
        async () => {
          const seen = await drive(server.port, { kind: 'scan', count: scanCount });
          progress(`${program.name}: SCAN returned ${thousands(seen)} keys`);
        },
      ],
      [
        'FLUSHALL and 2 s after it',
        async () => {
          await drive(server.port, { kind: 'flush' });
          await delay(2000);
        },
      ],
    ];
    for (const [title, work] of phases) {
      progress(`${program.name}: ${title}`);
      const { longestMs, over10, over50, seconds, selfMs } = await probe(server.port, work);
      rows.push([
        program.name,
        title,
        seconds.toFixed(1),
        longestMs.toFixed(1),
        String(over10),
        String(over50),
        selfMs.toFixed(1),
      ]);
    }
    await server.stop();
  }
  return table(
    ['server', 'phase', 's', 'longest stop, ms', 'over 10 ms', 'over 50 ms', 'probe, ms'],
    rows,
  );
}

/**
 * Sends PING every millisecond, one at a time, while `work` goes on.
 *
 * @param {number} port
 * @param {() => Promise<unknown>} work
 */
async function probe(port, work) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const own = monitorEventLoopDelay({ resolution: 1 });
  own.enable();
  prefer(constants.priority.PRIORITY_HIGHEST);
  const started = performance.now();
  let sentAt = 0;
  let longestMs = 0;
  let over10 = 0;
  let over50 = 0;
  let working = true;
  const ended = new Promise((resolve, reject) => {
    const send = () => {
      if (!working) {
        resolve(undefined);
        return;
      }
      sentAt = performance.now();
      socket.write('PING\r\n');
    };
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed the probe')));
    socket.on('data', () => {
      const waitedMs = performance.now() - sentAt;
      longestMs = Math.max(longestMs, waitedMs);
      if (waitedMs > 10) over10 += 1;
      if (waitedMs > 50) over50 += 1;
      setTimeout(send, 1);
    });
    send();
  });
  await Promise.race([work(), ended]);
  working = false;
  await ended;
  const seconds = (performance.now() - started) / 1000;
  own.disable();
  prefer(constants.priority.PRIORITY_NORMAL);
  socket.destroy();
  return { longestMs, over10, over50, seconds, selfMs: own.max / 1e6 };
}
