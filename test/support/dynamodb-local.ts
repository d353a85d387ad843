/**
 * DynamoDB Local in a process of its own, with streams. Needs Java 17.
 *
 * Its streams know one thing that DynamoDB's do not: it numbers the changes of all tables together,
 * and refuses an iterator of a shard that was empty, as trimmed, when another table was written
 * before the shard's first record. So a test that follows a stream has a process of its own.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { dynamoLocalCommand } from './find-java.cjs';
import { freePort } from './redis-server';

export interface DynamoLocal {
  readonly endpoint: string;
  readonly port: number;
  stop(): Promise<void>;
}

export interface DynamoLocalOptions {
  /** By default a free one. */
  readonly port?: number;
  /** Where it keeps its data; by default they go with the process. */
  readonly folder?: string;
}

export async function startDynamoLocal(options: DynamoLocalOptions = {}): Promise<DynamoLocal> {
  const port = options.port ?? (await freePort());
  const { file, args, cwd } = dynamoLocalCommand(port, options.folder);
  const child = spawn(file, args, { cwd, stdio: 'ignore' });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const exited = once(child, 'exit');
  await accepts(port, child);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    stop: async () => {
      process.removeListener('exit', kill);
      kill();
      await exited;
    },
  };
}

async function accepts(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`DynamoDB Local ended (${child.exitCode})`);
    const socket = connect(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
