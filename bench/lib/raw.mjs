// @ts-check
import { connect } from 'node:net';
import Parser from 'redis-parser';

/**
 * A connection that counts replies and hands messages over. Requests are text in one piece; replies
 * come in order.
 *
 * @param {number} port
 * @param {(message: readonly unknown[]) => void} [onMessage] gets arrays that begin with a word of pub/sub
 * @param {(error: Error) => void} [onError] gets errors, which count as replies; without it they end the process
 * @param {(reply: unknown) => void} [onReply] gets the others
 */
export async function open(port, onMessage, onError, onReply) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  let replies = 0;
  let awaited = Infinity;
  /** @type {(value?: unknown) => void} */
  let done = () => {};
  /** @param {unknown} reply */
  const take = (reply) => {
    if (Array.isArray(reply) && onMessage !== undefined && /message$/.test(String(reply[0]))) {
      onMessage(reply);
      return;
    }
    onReply?.(reply);
    if (++replies === awaited) done();
  };
  const parser = new Parser({
    returnReply: take,
    returnError: (error) => {
      if (onError === undefined) throw error;
      onError(error);
      take(undefined);
    },
  });
  socket.on('data', (chunk) => parser.execute(chunk));
  return {
    /**
     * Sends requests and waits for so many replies.
     *
     * @param {string} bytes
     * @param {number} count
     */
    async send(bytes, count) {
      const received = new Promise((resolve) => (done = resolve));
      awaited = replies + count;
      socket.write(bytes);
      await received;
    },
    close: () => socket.destroy(),
  };
}

/** @typedef {Awaited<ReturnType<typeof open>>} Connection */

/**
 * Sends a request for each number from 0, 1,000 at a time.
 *
 * @param {Connection} connection
 * @param {number} count
 * @param {(i: number) => readonly (string | number)[]} request
 */
export async function sendAll(connection, count, request) {
  for (let from = 0; from < count; from += 1000) {
    const to = Math.min(count, from + 1000);
    let bytes = '';
    for (let i = from; i < to; i++) bytes += encode(request(i));
    await connection.send(bytes, to - from);
  }
}

/** @param {readonly (string | number)[]} words ASCII */
export function encode(words) {
  const args = words.map((word) => `$${String(word).length}\r\n${word}\r\n`);
  return `*${words.length}\r\n${args.join('')}`;
}
