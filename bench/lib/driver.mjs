// @ts-check
/**
 * The load that redis-benchmark cannot make: each key of a range once, a full SCAN, one FLUSHALL.
 * It runs in a worker thread, so that whoever measures in the main thread is not held up by it.
 */
import { connect } from 'node:net';
import { constants, setPriority } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import Parser from 'redis-parser';

/**
 * @typedef {{ kind: 'fill', prefix: string, keys: number, value: string }} Fill
 *   sets `prefix` + 12 digits, from 0 up to `keys`, as redis-benchmark names its keys
 * @typedef {{ kind: 'scan', count: number }} Scan answers how many keys came
 * @typedef {{ kind: 'flush' }} Flush
 * @typedef {Fill | Scan | Flush} Task
 */

const DEPTH = 100;

/**
 * Runs one task against a port and answers with its figure: requests sent or keys seen.
 *
 * @param {number} port
 * @param {Task} task
 * @returns {Promise<number>}
 */
export function drive(port, task) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { port, task } });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the driver ended without a result')));
  });
}

/**
 * Sends each request text when the replies to all before it have come; `reply` sees the last one.
 *
 * @param {number} port
 * @param {() => { text: string, replies: number } | undefined} next
 * @param {(reply: unknown) => void} [onReply]
 * @returns {Promise<void>}
 */
function converse(port, next, onReply = () => undefined) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let awaited = 0;
    const send = () => {
      const request = next();
      if (request === undefined) {
        socket.destroy();
        resolve();
        return;
      }
      awaited = request.replies;
      socket.write(request.text, 'latin1');
    };
    const parser = new Parser({
      returnReply(reply) {
        onReply(reply);
        awaited -= 1;
      },
      returnError: reject,
      returnFatalError: reject,
    });
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed the connection')));
    socket.on('data', (chunk) => {
      parser.execute(chunk);
      if (awaited === 0) send();
    });
  });
}

/** @param {string[]} words */
function encode(...words) {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

/**
 * @param {number} port
 * @param {Fill} task
 */
async function fill(port, { prefix, keys, value }) {
  let at = 0;
  await converse(port, () => {
    if (at === keys) return undefined;
    const replies = Math.min(DEPTH, keys - at);
    let text = '';
    for (const end = at + replies; at < end; at++) {
      text += encode('SET', prefix + String(at).padStart(12, '0'), value);
    }
    return { text, replies };
  });
  return keys;
}

/**
 * @param {number} port
 * @param {Scan} task
 */
async function scan(port, { count }) {
  /** @type {string | undefined} */
  let cursor = '0';
  let keys = 0;
  await converse(
    port,
    () => {
      if (cursor === undefined) return undefined;
      return { text: encode('SCAN', cursor, 'COUNT', String(count)), replies: 1 };
    },
    (reply) => {
      const [next, page] = /** @type {[string, string[]]} */ (reply);
      cursor = next === '0' ? undefined : next;
      keys += page.length;
    },
  );
  return keys;
}

/** @param {number} port */
async function flush(port) {
  let sent = 0;
  await converse(port, () => (sent++ === 0 ? { text: encode('FLUSHALL'), replies: 1 } : undefined));
  return 1;
}

/**
 * @param {number} port
 * @param {Task} task
 */
function run(port, task) {
  switch (task.kind) {
    case 'fill':
      return fill(port, task);
    case 'scan':
      return scan(port, task);
    case 'flush':
      return flush(port);
  }
}

if (!isMainThread) {
  // A thread inherits the priority of the one that starts it, and the probe's is high.
  setPriority(constants.priority.PRIORITY_NORMAL);
  const { port, task } = /** @type {{ port: number, task: Task }} */ (workerData);
  parentPort?.postMessage(await run(port, task));
}
