/** `npm run dynamodb`. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connectRaw } from '../support/raw-client';
import { GoredisProcess } from '../support/goredis-process';
import { freePort } from '../support/redis-server';

const SCRIPT = join(__dirname, '../../tools/dynamodb.mjs');

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill();
});

function start(port: number, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [SCRIPT, '--port', String(port)], {
    env: { ...process.env, ...env },
  });
  started.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => (output.stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output.stderr += text.toString()));
  return { child, output };
}

it('starts DynamoDB Local, prints a goredis command that works, and ends both at Ctrl-C', async () => {
  const port = await freePort();
  const { child, output } = start(port);
  while (!output.stdout.includes('Ctrl-C')) await once(child.stdout, 'data');
  const [line = ''] = /^ {2}node bin\/goredis\.js .*$/m.exec(output.stdout) ?? [];
  const goredis = new GoredisProcess([...line.trim().split(' ').slice(2), '--port', '0']);
  const client = await connectRaw(await goredis.ready());
  expect((await client.command('SET', 'key', 'value')).toString()).toBe('+OK\r\n');
  client.destroy();
  await goredis.kill('SIGKILL');

  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(output.stderr).toBe('');
  // Nothing holds the port any more.
  const next = createServer().listen(port);
  await once(next, 'listening');
  next.close();
});

it('without Java 17 says in one line what to install', async () => {
  const { child, output } = start(await freePort(), { PATH: '/nowhere', JAVA_HOME: '' });
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(output).toEqual({
    stdout: '',
    stderr:
      'dynamodb: Java 17 or newer is missing: install it (Debian, Ubuntu: openjdk-17-jre-headless is enough), or set JAVA_HOME\n',
  });
});

it('on a port in use says so in one line', async () => {
  const other = createServer().listen(0);
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const { child, output } = start(port);
  expect(await once(child, 'close')).toEqual([1, null]);
  other.close();
  expect(output).toEqual({
    stdout: '',
    stderr: `dynamodb: port ${port}: something listens there already\n`,
  });
});
