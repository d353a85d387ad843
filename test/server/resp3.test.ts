import { connectRaw, type RawClient } from '../support/raw-client';
import { bothServers } from '../support/both-servers';

const servers = bothServers();

/** Sends lines one after another; `HELLO`, whose reply names the connection, shows its kind only. */
async function transcript(client: RawClient, lines: string): Promise<string[]> {
  const seen: string[] = [];
  for (const line of lines.split(',')) {
    client.sendLine(line);
    const reply = (await client.readReply()).toString('latin1');
    seen.push(line.startsWith('HELLO') && /^[*%]/.test(reply) ? reply[0]! : reply);
  }
  return seen;
}

describe('HELLO', () => {
  const script =
    'HSET h f v,HELLO 3,HGETALL h,HGETALL nosuch,GET nosuch,LPOP nosuch 2,MGET nosuch,' +
    'WATCH h,HSET h g w,MULTI,GET h,EXEC,MULTI,GET nosuch,HGETALL h,EXEC,SET k v GET,' +
    'HELLO 2,HGETALL h,GET nosuch,LPOP nosuch 2,HELLO,HELLO 3,HELLO,HELLO 4,GET nosuch,' +
    'MULTI,GET nosuch,EXEC,RESET,GET nosuch,HGETALL h,DEL h k';

  it('changes the form of all that follows, until the next one or RESET, as in Redis', async () => {
    const theirs = await connectRaw(servers.redis.port);
    const ours = await connectRaw(servers.goredis.port);
    const expected = await transcript(theirs, script);
    const actual = await transcript(ours, script);
    expect(actual).toEqual(expected);
    expect(actual[2]).toBe('%1\r\n$1\r\nf\r\n$1\r\nv\r\n');
    expect(actual[4]).toBe('_\r\n');
    theirs.destroy();
    ours.destroy();
  });

  it('leaves other connections as they are', async () => {
    const one = await connectRaw(servers.goredis.port);
    const two = await connectRaw(servers.goredis.port);
    await one.command('HELLO', '3');
    expect(String(await one.command('GET', 'nosuch'))).toBe('_\r\n');
    expect(String(await two.command('GET', 'nosuch'))).toBe('$-1\r\n');
    one.destroy();
    two.destroy();
  });
});
