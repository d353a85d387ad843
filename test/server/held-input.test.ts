import { Duplex } from 'node:stream';
import { assembleServer } from '../../src/assemble';
import { turns } from '../support/until';

/** A socket whose kernel takes one write at a time, when told to. */
class Manual extends Duplex {
  done: (() => void)[] = [];
  out: Buffer[] = [];
  constructor() {
    super({ allowHalfOpen: true });
  }
  override _read(): void {}
  override _write(chunk: Buffer, _e: BufferEncoding, cb: () => void): void {
    this.out.push(Buffer.from(chunk));
    this.done.push(cb);
  }
  takeOne(): void {
    this.done.shift()!();
  }
}

it('requests held back when the client ends its side are all answered', async () => {
  const server = assembleServer();
  const s = new Manual();
  server.handle(s);
  const big = 'x'.repeat(600_000);
  s.push(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$600000\r\n${big}\r\nGET k\r\n`);
  await turns(5); // +OK and 600 KB wait in the stream: not held
  s.push('GET k\r\n');
  await turns(5); // 1.2 MB wait
  s.push('PING\r\nPING\r\nPING\r\n'); // held back
  await turns(5);
  while (s.writableLength >= 1 << 20) {
    s.takeOne();
    await turns(2);
  } // less than 1 MB now, but no 'drain' yet
  expect(s.writableLength).toBeGreaterThan(0);
  s.push(null); // the client has said its last
  await turns(5);
  for (let i = 0; i < 20; i++) {
    if (s.done.length) s.takeOne();
    await turns(2);
  }
  const text = Buffer.concat(s.out).toString('latin1');
  expect(text.split('+PONG').length - 1).toBe(3);
  await server.close();
});
