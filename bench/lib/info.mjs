// @ts-check
import { connect } from 'node:net';

/**
 * The fields of a section of INFO.
 *
 * @param {number} port
 * @param {string} section
 * @returns {Promise<Map<string, string>>}
 */
export function info(port, section) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(`INFO ${section}\r\n`));
    let text = '';
    socket.once('error', reject);
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
      const [head, length] = /^\$(\d+)\r\n/.exec(text) ?? [];
      if (head === undefined || text.length < head.length + Number(length) + 2) return;
      socket.destroy();
      const lines = text.matchAll(/^(\w+):(.*)\r$/gm);
      resolve(new Map([...lines].map(([, name = '', value = '']) => [name, value])));
    });
  });
}

/**
 * How many calls of a command the server has answered.
 *
 * @param {number} port
 * @param {string} command
 */
export async function callsOf(port, command) {
  const stat = (await info(port, 'commandstats')).get(`cmdstat_${command.toLowerCase()}`) ?? '';
  return Number(/calls=(\d+)/.exec(stat)?.[1] ?? 0);
}
