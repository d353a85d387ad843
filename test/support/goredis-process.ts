/** goredis as people start it: `node bin/goredis.js` in a process of its own. Needs `npm run build`. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const BIN = join(__dirname, '../../bin/goredis.js');
const READY = /Ready to accept connections on \S+:(\d+)/;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly env?: Record<string, string>;
  readonly stdin?: string;
  /** Another program file, such as a copy elsewhere. */
  readonly bin?: string;
}

export class GoredisProcess {
  stdout = '';
  stderr = '';
  readonly exited: Promise<Exit>;
  readonly child: ChildProcess;
  private readonly onExit = (): void => void this.child.kill('SIGKILL');

  constructor(args: readonly string[], { env = {}, stdin = '', bin = BIN }: StartOptions = {}) {
    const inherited = Object.entries(process.env).filter(
      ([name]) => !name.startsWith('GOREDIS_') && name !== 'REQUIREPASS',
    );
    this.child = spawn(process.execPath, [bin, ...args], {
      env: { ...Object.fromEntries(inherited), ...env },
    });
    this.child.stdin?.end(stdin);
    this.child.stdout?.on('data', (text: Buffer) => (this.stdout += text.toString()));
    this.child.stderr?.on('data', (text: Buffer) => (this.stderr += text.toString()));
    // No server may survive the tests.
    process.once('exit', this.onExit);
    this.exited = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        process.removeListener('exit', this.onExit);
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** The port of the ready line. Rejects if the process ends before. */
  ready(): Promise<number> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const match = READY.exec(this.stdout);
        if (match) resolve(Number(match[1]));
      };
      this.child.stdout?.on('data', look);
      look();
      void this.exited.then((exit) => reject(new Error(`ended: ${JSON.stringify(exit)}`)));
    });
  }

  kill(signal: NodeJS.Signals): Promise<Exit> {
    this.child.kill(signal);
    return this.exited;
  }
}
