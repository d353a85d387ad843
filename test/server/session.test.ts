import { encodeRequest, RawClient } from '../support/raw-client';
import { readBytes, readToEnd } from '../support/read-stream';
import { until } from '../support/until';
import { transports, type OpenServer } from './transports';

describe.each(transports)('a session over %s', (_name, open) => {
  let opened: OpenServer;
  beforeEach(async () => (opened = await open()));
  afterEach(() => opened.stop());

  /** All that is answered to `bytes` until the server closes; the client stays open till then. */
  async function answerUntilClose(bytes: string | Buffer): Promise<string> {
    const stream = await opened.connect();
    stream.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    return (await readToEnd(stream)).toString('latin1');
  }

  const pipeline =
    'SET a 1\r\n' +
    '*3\r\n$6\r\nAPPEND\r\n$1\r\na\r\n$4\r\n\x00\xff\r\n\r\n' +
    '\r\n' +
    'GET a\n' +
    '*1\r\n$4\r\nPING\r\n' +
    'NOSUCH x\r\n' +
    'INCR a\r\n' +
    '*2\r\n$3\r\nDEL\r\n$1\r\na\r\n' +
    'GET a\r\n';
  const answer =
    '+OK\r\n' +
    ':5\r\n' +
    '$5\r\n1\x00\xff\r\n\r\n' +
    '+PONG\r\n' +
    "-ERR unknown command 'NOSUCH', with args beginning with: 'x' \r\n" +
    '-ERR value is not an integer or out of range\r\n' +
    ':1\r\n' +
    '$-1\r\n';

  it('answers a pipeline in the order of its requests', async () => {
    expect(await answerUntilClose(pipeline + 'QUIT\r\n')).toBe(answer + '+OK\r\n');
  });

  it('answers alike when the bytes come one by one', async () => {
    const stream = await opened.connect();
    const reading = readBytes(stream, answer.length);
    for (const byte of Buffer.from(pipeline, 'latin1')) {
      await new Promise((sent) => stream.write(Buffer.of(byte), sent));
    }
    expect((await reading).toString('latin1')).toBe(answer);
    stream.destroy();
  });

  it('answers 100,000 requests of one write', async () => {
    const stream = await opened.connect();
    const count = 100_000;
    let expected = '';
    for (let i = 1; i <= count; i++) expected += `:${i}\r\n`;
    stream.write(Buffer.alloc(count * 22, encodeRequest(['INCR', 'n'])).subarray(0, count * 21));
    expect(encodeRequest(['INCR', 'n'])).toHaveLength(21);
    expect((await readBytes(stream, expected.length)).toString('latin1') === expected).toBe(true);
    stream.destroy();
  });

  it('answers all requests of a client that has already said its last', async () => {
    const stream = await opened.connect();
    const value = 'v'.repeat(5000);
    stream.write(encodeRequest(['SET', 'k', value]));
    for (let i = 0; i < 2000; i++) stream.write('GET k\r\n');
    stream.end('INCR n\r\n');
    const expected = `+OK\r\n${`$5000\r\n${value}\r\n`.repeat(2000)}:1\r\n`;
    expect((await readToEnd(stream)).toString('latin1') === expected).toBe(true);
    await until(() => opened.server.sessions.size === 0);
  });

  it('runs nothing behind QUIT', async () => {
    expect(await answerUntilClose('SET a 1\r\nQUIT\r\nSET a 2\r\n')).toBe('+OK\r\n+OK\r\n');
    expect(await answerUntilClose('GET a\r\nQUIT now please\r\n')).toBe('$1\r\n1\r\n+OK\r\n');
    expect(await answerUntilClose('MULTI\r\nSET a 3\r\nQUIT\r\n')).toBe(
      '+OK\r\n+QUEUED\r\n+OK\r\n',
    );
    expect(await answerUntilClose('GET a\r\nQUIT\r\n')).toBe('$1\r\n1\r\n+OK\r\n');
  });

  it('closes after a protocol error, behind the replies to what came before', async () => {
    expect(await answerUntilClose('SET a 1\r\n*1\r\n!bad\r\nSET a 2\r\n')).toBe(
      "+OK\r\n-ERR Protocol error: expected '$', got '!'\r\n",
    );
    expect(await answerUntilClose('GET a\r\n*x\r\n')).toBe(
      '$1\r\n1\r\n-ERR Protocol error: invalid multibulk length\r\n',
    );
  });

  it('forgets everything at RESET', async () => {
    const client = new RawClient(await opened.connect());
    const script =
      'SET k zero,SELECT 3,CLIENT SETNAME me,WATCH k,MULTI,SET k 3,RESET,' +
      'GET k,CLIENT GETNAME,EXEC,GET nosuch';
    for (const line of script.split(',')) client.sendLine(line);
    expect((await client.readReplies(11)).join('')).toBe(
      '+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+QUEUED\r\n+RESET\r\n' +
        '$4\r\nzero\r\n$-1\r\n-ERR EXEC without MULTI\r\n$-1\r\n',
    );
    await client.command('HELLO', '3');
    client.send('GET nosuch\r\nRESET\r\nGET nosuch\r\n');
    expect((await client.readReplies(3)).join('')).toBe('_\r\n+RESET\r\n$-1\r\n');
    await client.end();
  });

  it('ends when the client is gone in the middle of its pipeline', async () => {
    const leaving = await opened.connect();
    leaving.on('error', () => undefined);
    const staying = new RawClient(await opened.connect());
    await staying.command('SET', 'k', 'v'.repeat(100_000));
    const requests = 'GET k\r\n'.repeat(10_000) + '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100000\r\nhalf';
    leaving.write(requests);
    await until(() => opened.server.engine.stats.calls.total > 5);
    leaving.destroy();
    await until(() => opened.server.sessions.size === 1);
    expect(String(await staying.command('STRLEN', 'k'))).toBe(':100000\r\n');
    await staying.end();
  });
});
