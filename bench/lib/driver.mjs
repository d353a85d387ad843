// @ts-check
/**
 * The load that redis-benchmark cannot make: each key of a range once, a full SCAN, one FLUSHALL.
 * It runs in a worker thread, so that whoever measures in the main thread is not held up by it.
 */
import { connect } from 'node:net';
import { constants, setPriority } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import Parser from 'redis-parser';
import { zipf } from './zipf.mjs';

/**
 * @typedef {{ kind: 'fill', prefix: string, keys: number, value: string }} Fill
 *   sets `prefix` + 12 digits, from 0 up to `keys`, as redis-benchmark names its keys
 * @typedef {{ kind: 'read', prefix: string, keys: number }} Read gets the same keys
 * @typedef {{ kind: 'scan', count: number }} Scan answers how many keys came
 * @typedef {{ kind: 'flush' }} Flush
 * @typedef {{ kind: 'churn', seconds: number, value: string, fields: number }} Churn
 *   sets a new key with each request for so long, to the value or to a hash with so many fields of
 *   it; answers how many
 * @typedef {{ kind: 'cache', requests: number, keys: number, skew: number, seed: number,
 *   value: string, ttl: 'none' | 'all' }} Cache
 *   uses the server as a cache: gets keys drawn by Zipf's law, and sets those that are missing;
 *   with ttl 'all' with a deadline between one and two hours off, drawn by the key; answers how
 *   many of the second half were there
 * @typedef {Fill | Read | Scan | Flush | Churn | Cache} Task
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
function fill(port, { prefix, keys, value }) {
  return overKeys(port, keys, prefix, (key) => encode('SET', key, value));
}

/**
 * @param {number} port
 * @param {Read} task
 */
function read(port, { prefix, keys }) {
  return overKeys(port, keys, prefix, (key) => encode('GET', key));
}

/**
 * @param {number} port
 * @param {number} keys
 * @param {string} prefix
 * @param {(key: string) => string} request
 */
async function overKeys(port, keys, prefix, request) {
  let at = 0;
  await converse(port, () => {
    if (at === keys) return undefined;
    const replies = Math.min(DEPTH, keys - at);
    let text = '';
    for (const end = at + replies; at < end; at++) {
      text += request(prefix + String(at).padStart(12, '0'));
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
 * @param {Churn} task
 */
async function churn(port, { seconds, value, fields }) {
  const endMs = performance.now() + seconds * 1000;
  const replies = Math.max(1, Math.min(DEPTH, Math.floor(1e6 / value.length)));
  const hash = Array.from({ length: fields }, (_, i) => [`field:${i}`, value]).flat();
  let at = 0;
  await converse(port, () => {
    if (performance.now() > endMs) return undefined;
    let text = '';
    for (const end = at + replies; at < end; at++) {
      const key = `key:${String(at).padStart(12, '0')}`;
      text += fields > 0 ? encode('HSET', key, ...hash) : encode('SET', key, value);
    }
    return { text, replies };
  });
  return at;
}

/**
 * @param {number} port
 * @param {Cache} task
 */
async function cache(port, { requests, keys, skew, seed, value, ttl }) {
  const draw = zipf(keys, skew, seed);
  /** @type {number[]} */
  let asked = [];
  /** @type {number[]} */
  let missing = [];
  let answered = 0;
  let setting = false;
  let done = 0;
  let hits = 0;
  await converse(
    port,
    () => {
      setting = missing.length > 0;
      if (setting) {
        const text = missing.map((rank) => {
          const deadline = ttl === 'all' ? ['EX', String(3600 + ((rank * 7919) % 3600))] : [];
          return encode('SET', `key:${rank}`, value, ...deadline);
        });
        missing = [];
        return { text: text.join(''), replies: text.length };
      }
      if (done >= requests) return undefined;
      asked = Array.from({ length: Math.min(DEPTH, requests - done) }, draw);
      answered = 0;
      return {
        text: asked.map((rank) => encode('GET', `key:${rank}`)).join(''),
        replies: asked.length,
      };
    },
    (reply) => {
      if (setting) return;
      const rank = asked[answered++] ?? 0;
      if (reply !== null && done > requests / 2) hits++;
      if (reply === null && !missing.includes(rank)) missing.push(rank);
      done++;
    },
  );
  return hits;
}

/**
 * @param {number} port
 * @param {Task} task
 */
function run(port, task) {
  switch (task.kind) {
    case 'read':
      return read(port, task);
    case 'fill':
      return fill(port, task);
    case 'scan':
      return scan(port, task);
    case 'flush':
      return flush(port);
    case 'churn':
      return churn(port, task);
    case 'cache':
      return cache(port, task);
  }
}

if (!isMainThread) {
  // A thread inherits the priority of the one that starts it, and the probe's is high.
  setPriority(constants.priority.PRIORITY_NORMAL);
  const { port, task } = /** @type {{ port: number, task: Task }} */ (workerData);
  parentPort?.postMessage(await run(port, task));
}
