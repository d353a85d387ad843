/** AUTH and HELLO on servers with a password: goredis against redis-server. */
import { version } from '../../src/index';
import { connectRaw, encodeRequest, type RawClient } from '../support/raw-client';
import { bothServers } from '../support/both-servers';

const PASSWORD = 'bacon';
let clients: RawClient[] = [];

const servers = bothServers(['--requirepass', PASSWORD], { requirepass: PASSWORD });

afterEach(() => {
  for (const client of clients) client.destroy();
  clients = [];
});

async function connect(port: number): Promise<RawClient> {
  const client = await connectRaw(port);
  clients.push(client);
  return client;
}

async function answers(port: number, script: readonly string[]): Promise<string[]> {
  const client = await connect(port);
  const replies: string[] = [];
  for (const line of script) {
    replies.push((await client.command(...line.split(' '))).toString('latin1'));
  }
  return replies;
}

const wrongPass = '-WRONGPASS invalid username-password pair or user is disabled.\r\n';
const noAuth = '-NOAUTH Authentication required.\r\n';

describe('a server with a password', () => {
  test.each<[string, string[]]>([
    ['answers nothing before AUTH', ['GET a', 'PING', 'COMMAND', 'MULTI', 'CLIENT ID', 'WATCH a']],
    ['takes the password', ['AUTH bacon', 'GET a']],
    ['takes it with the name of the only user', ['AUTH default bacon', 'GET a']],
    ['takes it in HELLO', ['HELLO 4 AUTH default bacon', 'GET a', 'HELLO 2 AUTH default x']],
    ['knows no other user', ['AUTH x bacon', 'AUTH Default bacon', 'AUTH default BACON', 'GET a']],
    ['wants one or two words', ['AUTH', 'AUTH a b c', 'AUTH default bacon x', 'GET a']],
    [
      'stays open to who came in before',
      ['AUTH bacon', 'AUTH default x', 'GET a', 'AUTH x bacon', 'GET a'],
    ],
    ['checks name and arity first', ['nosuch a', 'GET', 'CLIENT nosuch', 'CLIENT ID x', 'OBJECT']],
    ['is closed again after RESET', ['AUTH bacon', 'SET set 1', 'RESET', 'GET set', 'RESET']],
    [
      'refuses HELLO without a password',
      ['HELLO', 'HELLO 2', 'HELLO 3 SETNAME x', 'HELLO 3 x', 'HELLO 9'],
    ],
    [
      'stops HELLO at the first wrong password',
      ['HELLO 3 AUTH default x AUTH default bacon', 'GET a'],
    ],
    [
      'keeps the protocol where HELLO fails',
      ['HELLO 3', 'HELLO 3 AUTH default x', 'AUTH bacon', 'GET nosuch'],
    ],
    [
      'keeps a name that a failing HELLO has set',
      ['HELLO 3 SETNAME x AUTH default x', 'AUTH bacon', 'CLIENT GETNAME'],
    ],
    ['takes the password of a HELLO that goes on wrong', ['HELLO 3 AUTH default bacon x', 'GET a']],
    ['refuses EXEC before AUTH in words of its own', ['EXEC', 'EXEC x']],
    [
      'lets AUTH and HELLO be queued',
      ['AUTH bacon', 'MULTI', 'AUTH default x', 'HELLO 2 AUTH default x', 'EXEC', 'GET a'],
    ],
    ['lets QUIT through', ['QUIT']],
  ])('%s', async (_title, script) => {
    expect(await answers(servers.goredis.port, script)).toEqual(
      await answers(servers.redis.port, script),
    );
  });

  it('answers a wrong password without a user name as the first Redis did', async () => {
    expect(
      await answers(servers.goredis.port, ['AUTH cabbage', 'GET bacon', 'AUTH bacon', 'GET a']),
    ).toEqual(['-ERR invalid password\r\n', noAuth, '+OK\r\n', '$-1\r\n']);
  });

  it('does not take a password with a byte more or less', async () => {
    const client = await connect(servers.goredis.port);
    for (const password of ['', 'bacon\0', 'baco', 'bacon ', Buffer.alloc(10_000, 'b')]) {
      expect((await client.command('AUTH', password)).toString()).toBe('-ERR invalid password\r\n');
      expect((await client.command('AUTH', 'default', password)).toString()).toBe(wrongPass);
    }
  });
});

describe('a password that is set, taken away and set again', () => {
  /** Steps `<connection> <command>`; a connection is made at its first step. */
  async function story(port: number, steps: readonly string[]): Promise<string[]> {
    const open = new Map<string, RawClient>();
    const replies: string[] = [];
    for (const step of steps) {
      const [name = '', ...words] = step.split(' ');
      const client = open.get(name) ?? (await connect(port));
      open.set(name, client);
      // `*11` stands for a PING with ten arguments: more than a stranger may announce.
      if (words[0] === '*11') {
        client.send(encodeRequest(['PING', ...'0123456789']));
        replies.push((await client.readReply()).toString('latin1'));
      } else {
        const args = words.map((word) => (word === "''" ? '' : word));
        replies.push((await client.command(...args)).toString('latin1'));
      }
    }
    return replies;
  }

  const set = 'admin CONFIG SET requirepass bacon';
  const unset = "admin CONFIG SET requirepass ''";
  const enter = 'admin AUTH bacon';

  test.each<[string, string[]]>([
    [
      'opens to those who could not come in',
      [enter, 'a GET x', unset, 'a GET x', 'a SET x 1', set],
    ],
    [
      'closes again to those who never came in',
      [enter, 'a GET x', unset, 'a GET x', set, 'a GET x', 'a MULTI', 'a EXEC'],
    ],
    [
      'stays open to those who connected while there was none',
      [enter, unset, 'a GET x', set, 'a GET x', unset, set, 'a GET x', 'b GET x'],
    ],
    [
      'stays open to those who connected while there was none and had asked nothing',
      [enter, unset, 'a PING', 'b CLIENT NOTHING', set, 'a GET x', 'b GET x'],
    ],
    [
      'stays open to those who have authenticated',
      [enter, 'a AUTH bacon', unset, 'a GET x', set, 'a GET x'],
    ],
    [
      'stays open when it becomes another one',
      [
        enter,
        'a AUTH bacon',
        'admin CONFIG SET requirepass eggs',
        'a GET x',
        'b AUTH default bacon',
        set,
      ],
    ],
    [
      'takes any password of the user while there is none',
      [enter, 'a GET x', unset, 'a AUTH default any', set, 'a GET x'],
    ],
    [
      'takes no lone password while there is none',
      [enter, 'a GET x', unset, 'a AUTH bacon', set, 'a GET x'],
    ],
    [
      'is wanted by HELLO of those who never came in, also while there is none',
      [enter, 'a GET x', unset, 'a HELLO 3', 'a HELLO', 'a GET x', 'a HELLO 2 AUTH default no x'],
    ],
    [
      'lets RESET come in while there is none',
      [enter, 'a GET x', unset, 'a RESET', set, 'a GET x', 'a RESET', 'a GET x'],
    ],
    [
      'is asked for by RESET when it was set in between',
      [enter, unset, 'a GET x', set, 'a GET x', 'a RESET', 'a GET x'],
    ],
    ['limits no requests while there is none', [enter, 'a GET x', unset, 'a *11', set, 'a *11']],
    [
      'limits no requests of those who connected while there was none',
      [enter, unset, 'a GET x', set, 'a *11'],
    ],
    ['lets MULTI go on', [enter, unset, 'a MULTI', set, 'a GET x', 'a EXEC']],
    [
      'closes in the middle of MULTI to those who never came in',
      [enter, 'a GET x', unset, 'a MULTI', 'a GET x', set, 'a GET x', unset, 'a EXEC', set],
    ],
    [
      'is not what makes a connection the user of CLIENT KILL',
      [enter, 'a GET x', 'admin CLIENT KILL USER default SKIPME yes'],
    ],
  ])('%s', async (_title, steps) => {
    const run = async (port: number): Promise<string[]> => {
      const replies = await story(port, steps);
      await story(port, ['b AUTH bacon', 'b CONFIG SET requirepass bacon', 'b DEL x']);
      return replies;
    };
    expect(await run(servers.goredis.port)).toEqual(await run(servers.redis.port));
  });
});

describe('HELLO', () => {
  /** Redis's reply with another connection's id, and goredis's own field at the end. */
  function asGoredis(reply: string, id: string): string {
    const counted = reply.replace(/^(\*14|%7)\r\n/, (head) =>
      head === '%7\r\n' ? '%8\r\n' : '*16\r\n',
    );
    const own = `$15\r\ngoredis_version\r\n$${version.length}\r\n${version}\r\n`;
    return counted.replace(/(\$2\r\nid\r\n):\d+/, `$1:${id}`) + own;
  }

  test.each([
    ['HELLO 3 AUTH default bacon'],
    ['hello 2 auth default bacon setname x'],
    ['HELLO 3 SETNAME x AUTH default bacon'],
    ['HELLO 3 AUTH default bacon SETNAME x SETNAME y'],
  ])('%s describes the server as Redis does, and its own version', async (line) => {
    const script = [line, 'CLIENT GETNAME', 'GET nosuch', 'HELLO', 'HELLO 2', 'GET nosuch'];
    const [ours, theirs] = [
      await answers(servers.goredis.port, script),
      await answers(servers.redis.port, script),
    ];
    const id = /\r\nid\r\n:(\d+)/.exec(ours[0]!)?.[1] ?? 'no id';
    const hellos = new Set([0, 3, 4]);
    const expected = theirs.map((reply, i) => (hellos.has(i) ? asGoredis(reply, id) : reply));
    expect(ours).toEqual(expected);
    expect((await answers(servers.goredis.port, ['AUTH bacon', 'CLIENT ID']))[1]).not.toBe(
      `:${id}\r\n`,
    );
  });

  it('inside a transaction changes the form of the replies behind it', async () => {
    const script = [
      'AUTH bacon',
      'MULTI',
      'GET nosuch',
      'HELLO 3',
      'GET nosuch',
      'EXEC',
      'GET nosuch',
    ];
    const [ours, theirs] = [
      await answers(servers.goredis.port, script),
      await answers(servers.redis.port, script),
    ];
    const [start, end] = ['*3\r\n$-1\r\n', '_\r\n'];
    for (const replies of [ours, theirs]) {
      expect(replies[5]).toMatch(new RegExp(`^${start.replace(/[*$]/g, '\\$&')}%`));
      expect(replies[5]!.endsWith(end)).toBe(true);
      expect(replies[6]).toBe(end);
    }
  });
});

describe('CLIENT SETINFO', () => {
  it('takes what Redis 7.2 takes', async () => {
    const script = [
      'AUTH bacon',
      'CLIENT SETINFO LIB-NAME ioredis',
      'client setinfo lib-ver 1.2.3',
      'CLIENT SETINFO lib-name redis-py(x_v1)',
      'CLIENT SETINFO nosuch x',
      'CLIENT SETINFO',
      'CLIENT SETINFO lib-name',
      'CLIENT SETINFO lib-name a b',
    ];
    expect(await answers(servers.goredis.port, script)).toEqual([
      '+OK\r\n',
      '+OK\r\n',
      '+OK\r\n',
      '+OK\r\n',
      "-ERR Unrecognized option 'nosuch'\r\n",
      "-ERR wrong number of arguments for 'client|setinfo' command\r\n",
      "-ERR wrong number of arguments for 'client|setinfo' command\r\n",
      "-ERR wrong number of arguments for 'client|setinfo' command\r\n",
    ]);
    const client = await connect(servers.goredis.port);
    await client.command('AUTH', 'bacon');
    for (const bad of ['a b', 'a\n', '\x80', '\0']) {
      expect((await client.command('CLIENT', 'SETINFO', 'Lib-Name', bad)).toString()).toBe(
        '-ERR Lib-Name cannot contain spaces, newlines or special characters.\r\n',
      );
    }
    expect((await client.command('CLIENT', 'SETINFO', 'lib-ver', '')).toString()).toBe('+OK\r\n');
  });

  it('is remembered with the connection', async () => {
    const client = await connect(servers.goredis.port);
    await client.command('AUTH', 'bacon');
    const id = Number((await client.command('CLIENT', 'ID')).toString().slice(1));
    const session = [...servers.goredis.server.sessions].find((candidate) => candidate.id === id);
    await client.command('CLIENT', 'SETINFO', 'LIB-NAME', 'ioredis');
    await client.command('CLIENT', 'SETINFO', 'lib-ver', '1.2.3');
    expect(session).toMatchObject({ libName: 'ioredis', libVersion: '1.2.3' });
    await client.command('CLIENT', 'SETINFO', 'lib-ver', '');
    expect(session).toMatchObject({ libName: 'ioredis', libVersion: '' });
  });
});
