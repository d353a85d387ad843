import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The oracle: a real redis-server 7 on a free port, without persistence, in an own temporary
 * folder. Debian's redis-tools holds it as `redis-check-rdb`: the same binary, which looks at the
 * name it was started under.
 */
export interface RedisServer {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;
const POLL_MS = 20;

function which(name: string): string | undefined {
  try {
    return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

let binary: string | undefined;

/** The path of a binary that is redis-server 7 when it is started under that name. */
export function findRedisServer(): string {
  if (binary !== undefined) return binary;
  const candidates = [which('redis-server'), which('redis-check-rdb')];
  for (const path of candidates) {
    if (path === undefined) continue;
    const real = realpathSync(path);
    const { stdout } = spawnSync(real, ['--version'], { argv0: 'redis-server', encoding: 'utf8' });
    if (/v=7\./.test(stdout)) return (binary = real);
  }
  throw new Error('redis-server 7 is missing: install it, or redis-tools on Debian and Ubuntu');
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/**
 * Starts redis-server and waits until it answers PING (an error such as NOAUTH is an answer too).
 * `args` are further options in command line form: `['--requirepass', 'bacon']`; `file` a configuration file,
 * over which they go.
 */
export async function startRedisServer(args: string[] = [], file?: string): Promise<RedisServer> {
  const path = findRedisServer();
  const dir = mkdtempSync(join(tmpdir(), 'goredis-oracle-'));
  const program = join(dir, 'redis-server');
  symlinkSync(path, program);
  // Another process may take the free port first; redis-server then exits and we try another.
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const child = spawn(
      program,
      [
        ...(file === undefined ? [] : [file]),
        ...['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
        ...['--dir', dir],
        ...args,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const server = new Oracle(child, port, dir);
    if (await server.ready()) return server;
    await server.kill();
    if (attempt === 3) {
      rmSync(dir, { recursive: true, force: true });
      throw new Error(`redis-server does not start:\n${server.log}`);
    }
  }
}

class Oracle implements RedisServer {
  log = '';
  private exited = false;
  private readonly gone: Promise<void>;
  private readonly watcher: ChildProcess;

  constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    private readonly dir: string,
  ) {
    const collect = (text: Buffer): void => {
      this.log = (this.log + text.toString('latin1')).slice(-10_000);
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    this.gone = new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', (error) => {
        this.log += error.message;
        resolve();
      });
    });
    void this.gone.then(() => (this.exited = true));
    this.watcher = watchOver(child.pid ?? 0, dir);
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  async ready(): Promise<boolean> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!this.exited && Date.now() < deadline) {
      // The answer must come from this child, not from whoever took its port.
      if (this.log.includes('Ready to accept connections') && (await answers(this.port))) {
        return true;
      }
      await Promise.race([this.gone, new Promise((resolve) => setTimeout(resolve, POLL_MS))]);
    }
    return false;
  }

  async kill(): Promise<void> {
    // Before the process id can belong to somebody else.
    this.watcher.kill('SIGKILL');
    if (!this.exited) this.child.kill('SIGKILL');
    await this.gone;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/**
 * Stops redis-server and removes its folder when this process ends in whatever way, `kill -9`
 * included: the watcher's standard input is a pipe that closes with us.
 */
function watchOver(pid: number, dir: string): ChildProcess {
  const script = 'cat >/dev/null; [ "$0" -gt 0 ] && kill -9 "$0"; rm -rf "$1"';
  const watcher = spawn('sh', ['-c', script, String(pid), dir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.unref();
  (watcher.stdin as Socket).unref();
  return watcher;
}

/** Whether something speaks the Redis protocol on the port. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (reply: Buffer) => {
      socket.destroy();
      resolve(reply[0] === 0x2b || reply[0] === 0x2d);
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
