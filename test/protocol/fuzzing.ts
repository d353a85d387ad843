import type { Random } from '../../src/lib/random';

const words = ['PING', 'ping', 'a', '', 'x y', '\r\n', '"', "'", '\\x41', 'v'.repeat(40)];
const scraps = [
  '*',
  '$',
  '\r\n',
  '\n',
  '\r',
  '\0',
  '-1',
  '0',
  '1',
  '3',
  '"',
  "'",
  '\\',
  ' ',
  ':',
  '$3\r\n',
  '*1\r\n',
  '*0\r\n',
  '99999999999',
  '\xff',
];

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)]!;
}

function request(random: Random): string {
  const args = ['PING'];
  while (random.below(2) === 0) args.push(pick(random, words));
  if (random.below(3) === 0) return `${args.join(' ')}${pick(random, ['\n', '\r\n'])}`;
  return `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;
}

/** Some requests with a few mistakes in them, at most a few hundred bytes. */
export function brokenStream(random: Random): Buffer {
  let stream = Array.from({ length: 1 + random.below(4) }, () => request(random)).join('');
  for (let mistakes = random.below(4); mistakes > 0; mistakes--) {
    const at = random.below(stream.length + 1);
    const gap = random.below(3);
    stream =
      stream.slice(0, at) +
      (random.below(3) > 0 ? pick(random, scraps) : '') +
      stream.slice(at + gap);
  }
  return Buffer.from(stream, 'latin1');
}
