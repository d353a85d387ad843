/**
 * The log, in Redis's form: `pid:role day month year time level message`, a line a message. Whoever
 * logs takes a Logger. Never log passwords or what a client sent as a value.
 */
import { appendFileSync, writeSync } from 'node:fs';
import type { Clock } from './clock';

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning';

export interface Logger {
  debug(message: string): void;
  verbose(message: string): void;
  notice(message: string): void;
  warning(message: string): void;
}

const LEVELS = {
  debug: { rank: 0, sign: '.' },
  verbose: { rank: 1, sign: '-' },
  notice: { rank: 2, sign: '*' },
  warning: { rank: 3, sign: '#' },
} as const;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export class LineLogger implements Logger {
  /** @param level the least important level to write; may be changed */
  constructor(
    public level: LogLevel,
    private readonly write: (line: string) => void,
    private readonly clock: Clock,
    private readonly pid = process.pid,
  ) {}

  debug(message: string): void {
    this.log('debug', message);
  }

  verbose(message: string): void {
    this.log('verbose', message);
  }

  notice(message: string): void {
    this.log('notice', message);
  }

  warning(message: string): void {
    this.log('warning', message);
  }

  private log(level: LogLevel, message: string): void {
    if (LEVELS[level].rank < LEVELS[this.level].rank) return;
    const time = localTime(new Date(this.clock.nowMs()));
    this.write(`${this.pid}:M ${time} ${LEVELS[level].sign} ${message}\n`);
  }
}

/**
 * Where the lines go.
 * @param file empty for standard output
 */
export function logWriter(file: string): (line: string) => void {
  if (file === '') return (line) => writeNow(1, line);
  return (line) => {
    try {
      // Opened for each line, as in Redis, so that a rotated log is begun anew.
      appendFileSync(file, line);
    } catch {
      // A full disk or a directory that is gone is no reason to stop serving.
    }
  };
}

/** How long a reader of standard output that does not read may hold the server. */
const MAX_WAIT_MS = 1000;
const WAIT_STEP_MS = 5;

/**
 * Writes before it returns, so that nothing is lost when the process ends right after; in a worker
 * thread `process.stdout` would only pass the text on. A reader that is gone is ignored.
 */
export function writeNow(fd: number, text: string): void {
  let rest = Buffer.from(text);
  for (let waitedMs = 0; rest.length > 0;) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      const full = (error as NodeJS.ErrnoException).code === 'EAGAIN';
      if (!full || waitedMs >= MAX_WAIT_MS) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_STEP_MS);
      waitedMs += WAIT_STEP_MS;
    }
  }
}

const two = (number: number): string => String(number).padStart(2, '0');

function localTime(date: Date): string {
  const day = `${two(date.getDate())} ${MONTHS[date.getMonth()] ?? ''} ${date.getFullYear()}`;
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Writes nothing. */
export const silentLogger: Logger = {
  debug: () => undefined,
  verbose: () => undefined,
  notice: () => undefined,
  warning: () => undefined,
};
