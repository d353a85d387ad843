/** Items that another program has written and nobody can read: whoever wants other keys gets them. */
import { FollowedStore } from '../../src/stores/cached/followed-store';
import { itemKey } from '../../src/stores/dynamodb/item-key';
import { FakeDynamo } from '../support/fake-dynamodb/fake-dynamodb';
import { TABLE } from '../support/fake-dynamodb/fake-store';
import { startGoredis, type Goredis } from '../support/goredis';
import { goredisOn } from '../support/on-dynamodb';
import { connectRaw, type RawClient } from '../support/raw-client';

const ERROR = /^-ERR store: /;
const isError = expect.stringMatching(ERROR) as string;

const withoutVersion = { t: { S: 's' }, d: { B: Buffer.of(0x10, 0x61) } };
const unknownKind = (size: number) => ({
  t: { S: 's' },
  v: { N: String(2 ** 52) },
  d: { B: Buffer.alloc(size, 0x77) },
});

describe.each(['dynamodb', 'cached'] as const)('store %s: beside an item', (name) => {
  let fake: FakeDynamo;
  let goredis: Goredis;
  let client: RawClient;
  let another: RawClient;
  beforeEach(async () => {
    fake = await FakeDynamo.start();
    goredis = await startGoredis(
      goredisOn(fake.endpoint, { store: name, streamCallsPerSecond: 200 }),
    );
    const { store } = goredis.server.engine;
    if (name === 'cached' && store instanceof FollowedStore) await store.follower.caughtUp();
    client = await connectRaw(goredis.port);
    another = await connectRaw(goredis.port);
    await client.command('MSET', 'good', '1', 'other', '2');
  });
  afterEach(async () => {
    client.destroy();
    another.destroy();
    await goredis.stop();
    await fake.stop();
  });

  const ask = async (...requests: string[]): Promise<string[]> => {
    client.send(requests.map((request) => `${request}\r\n`).join(''));
    return (await client.readReplies(requests.length)).map(String);
  };

  describe.each([
    ['without a version', withoutVersion],
    ['of an unknown kind', unknownKind(10)],
    ['of an unknown kind, so large that the cache decodes it later', unknownKind(10_000)],
  ])('%s', (_title, item) => {
    beforeEach(() => {
      fake.otherProgram(TABLE).putItem({ ...itemKey({ db: 0, key: 'bad' }), ...item });
    });

    it('reads of one turn are answered each by itself', async () => {
      expect(await ask('GET bad', 'GET new', 'MGET bad good', 'EXISTS gone')).toEqual([
        isError,
        '$-1\r\n',
        isError,
        ':0\r\n',
      ]);
    });

    it('writes of one turn are done each by itself', async () => {
      expect(await ask('INCR bad', 'INCR new', 'APPEND bad x', 'INCR other')).toEqual([
        isError,
        ':1\r\n',
        isError,
        ':3\r\n',
      ]);
    });

    it('a command of several keys does nothing, and another of its batch is done', async () => {
      const two = [ask('DEL other bad'), another.command('INCR', 'other')] as const;
      expect([...(await two[0]), String(await two[1])]).toEqual([isError, ':3\r\n']);
      expect(await ask('GET other')).toEqual(['$1\r\n3\r\n']);
    });

    it('a transaction has the error in the place of the command', async () => {
      const replies = await ask('MULTI', 'SET other 5', 'GET bad', 'INCR good', 'EXEC');
      expect(replies.at(-1)).toMatch(/^\*3\r\n\+OK\r\n-ERR store: [^\r]*\r\n:2\r\n$/);
      expect(await ask('MGET other good')).toEqual(['*2\r\n$1\r\n5\r\n$1\r\n2\r\n']);
    });

    it('but does nothing when a command of it would have done half', async () => {
      const replies = await ask('MULTI', 'INCR good', 'MSET other 5 bad 5', 'EXEC');
      expect(replies.at(-1)).toMatch(ERROR);
      expect(await ask('MGET other good')).toEqual(['*2\r\n$1\r\n2\r\n$1\r\n1\r\n']);
    });

    it('the key is right again when it is written anew', async () => {
      expect(await ask('SET bad 1', 'INCR bad', 'MGET bad good')).toEqual([
        '+OK\r\n',
        ':2\r\n',
        '*2\r\n$1\r\n2\r\n$1\r\n1\r\n',
      ]);
    });
  });
});
