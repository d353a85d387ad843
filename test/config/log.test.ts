import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../src/lib/clock';
import { LineLogger, logWriter, silentLogger, writeNow } from '../../src/lib/log';

function logAll(log: LineLogger): void {
  log.debug('d');
  log.verbose('v');
  log.notice('n');
  log.warning('w');
}

describe('the log', () => {
  // Local time, as in Redis; taken apart here by another way than in the code.
  const at = new Date(2026, 0, 2, 3, 4, 5, 6);

  it('has the form of Redis', () => {
    const lines: string[] = [];
    const log = new LineLogger(
      'debug',
      (line) => lines.push(line),
      new ManualClock(at.getTime()),
      7,
    );
    logAll(log);
    expect(lines).toEqual(
      ['. d', '- v', '* n', '# w'].map((end) => `7:M 02 Jan 2026 03:04:05.006 ${end}\n`),
    );
  });

  test.each([
    ['debug', 'dvnw'],
    ['verbose', 'vnw'],
    ['notice', 'nw'],
    ['warning', 'w'],
  ] as const)('at %s writes %s', (level, written) => {
    let text = '';
    const log = new LineLogger('warning', (line) => (text += line.at(-2) ?? ''), new ManualClock());
    log.level = level;
    logAll(log);
    expect(text).toBe(written);
  });

  it('goes on in a new file when its file is moved away', () => {
    const directory = mkdtempSync(join(tmpdir(), 'goredis-log-'));
    const file = join(directory, 'log');
    const write = logWriter(file);
    write('one\n');
    write('two\n');
    renameSync(file, `${file}.1`);
    write('three\n');
    expect(readFileSync(`${file}.1`, 'utf8')).toBe('one\ntwo\n');
    expect(readFileSync(file, 'utf8')).toBe('three\n');
    rmSync(directory, { recursive: true });
    // The directory is gone, the server goes on.
    write('four\n');
  });

  it('ignores a reader that is gone', () => {
    writeNow(-1, 'text');
  });

  it('can be silent', () => {
    silentLogger.warning('nobody hears this');
  });
});
