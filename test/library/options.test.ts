import { createServer, manualClock, type ServerOptions } from '../../src/index';
import { configByName } from '../../src/config';
import { allOptions } from '../../src/config/options';

describe('options by name', () => {
  it('are the directives in camel case, with typed values', () => {
    const config = configByName({
      port: 0,
      bind: ['127.0.0.1', '-::1'],
      protectedMode: false,
      clientQueryBufferLimit: 2 << 20,
      tlsAuthClients: 'optional',
      unixsocketperm: 0o700,
      save: [900, 1],
      clientOutputBufferLimit: {
        normal: { hardBytes: 1, softBytes: 2, softSeconds: 3 },
        replica: { hardBytes: 0, softBytes: 0, softSeconds: 0 },
        pubsub: { hardBytes: 4, softBytes: 5, softSeconds: 6 },
      },
      timeout: undefined,
    });
    expect(Object.fromEntries(config.changes())).toEqual({
      port: '0',
      'protected-mode': 'no',
      'client-query-buffer-limit': '2097152',
      'tls-auth-clients': 'optional',
      unixsocketperm: '700',
      save: '900 1',
      'client-output-buffer-limit': 'normal 1 2 3 slave 0 0 0 pubsub 4 5 6',
    });
  });

  it('may be text as redis.conf has it', () => {
    const config = configByName({
      port: '7000',
      bind: '127.0.0.1 "::1"',
      protectedMode: 'no',
      clientQueryBufferLimit: '2mb',
      unixsocketperm: '700',
      save: '',
      clientOutputBufferLimit: 'pubsub 1kb 2kb 3',
    });
    expect([config.port, config.bind, config.protectedMode, config.maxQueryBytes]).toEqual([
      7000,
      ['127.0.0.1', '::1'],
      false,
      2 << 20,
    ]);
    expect(config.unixSocketPermissions).toBe(0o700);
    expect(config.outputLimits.pubsub).toEqual({
      hardBytes: 1024,
      softBytes: 2048,
      softSeconds: 3,
    });
  });

  it('take text as UTF-8', () => {
    expect(configByName({ requirepass: 'Käse' }).password).toBe('KÃ¤se');
    expect(configByName({ unixsocket: '/tmp/Käse' }).unixSocket).toBe('/tmp/Käse');
  });

  it('reach every row of the table', () => {
    const name = (directive: string): string =>
      directive.replace(/-./g, (two) => two[1]!.toUpperCase());
    const rows = allOptions.map((row) => [name(row.directive), row.default] as const);
    expect(configByName(Object.fromEntries(rows)).changes()).toEqual([]);
  });

  test.each<[string, object, string]>([
    ['an unknown name', { prot: 1 }, "unknown option 'prot'"],
    ["a directive's own name", { 'tcp-backlog': 1 }, "unknown option 'tcp-backlog'"],
    ['a name of Object.prototype', { toString: 1 }, "unknown option 'toString'"],
    [
      'a number out of range',
      { port: 65536 },
      "option 'port': argument must be between 0 and 65535 inclusive",
    ],
    ['a fraction', { port: 1.5 }, "option 'port': argument couldn't be parsed into an integer"],
    ['NaN', { port: NaN }, "option 'port': argument couldn't be parsed into an integer"],
    ['a boolean for a number', { port: true }, "option 'port': must be a number or a string"],
    [
      'a number for a boolean',
      { protectedMode: 1 },
      "option 'protectedMode': must be a boolean or a string",
    ],
    ['a number for a list', { bind: 1 }, "option 'bind': must be a list or a string"],
    ['a number for text', { requirepass: 1 }, "option 'requirepass': must be a string"],
    ['null', { port: null }, "option 'port': must be a number or a string"],
    [
      'another word',
      { tlsAuthClients: 'perhaps' },
      "option 'tlsAuthClients': argument(s) must be one of the following: no, yes, optional",
    ],
    [
      'half an object',
      { clientOutputBufferLimit: {} },
      "option 'clientOutputBufferLimit': must have every field of its type",
    ],
    ['unbalanced quotes', { bind: '"a' }, "option 'bind': unbalanced quotes"],
    [
      'a store that there is not',
      { store: 'disk' },
      "option 'store': argument(s) must be one of the following: memory, dynamodb, cached",
    ],
    ['a store that is none', { store: {} }, "option 'store': has no method 'open'"],
    ['a store that is null', { store: null }, "option 'store': has no method 'open'"],
    [
      'a clock that is none',
      { clock: { nowMs: Date.now } },
      "option 'clock': has no method 'monotonicMs'",
    ],
    ['a number for a source of chance', { random: 7 }, "option 'random': has no method 'next'"],
    ['a log that is none', { log: {} }, "option 'log': has no method 'debug'"],
    [
      'what is about the process',
      { maxHeap: '1gb' },
      "option 'maxHeap' is for `goredis` as a process",
    ],
    ['a list', [], 'createServer takes an object of options'],
    ['null in place of all', null as unknown as object, 'createServer takes an object of options'],
  ])('refuse %s', (_title, options, message) => {
    expect(() => createServer(options as ServerOptions)).toThrow(new TypeError(message));
  });
});

describe('a manual clock', () => {
  it('advances by milliseconds and by durations', () => {
    const clock = manualClock(1000);
    for (const by of [1, '1ms', '1.5s', '20s', '2m', '1h', '1d', 0] as const) clock.advance(by);
    expect(clock.nowMs()).toBe(1000 + 2 + 1500 + 20_000 + 120_000 + 3_600_000 + 86_400_000);
  });

  it('stands still by itself', () => {
    expect(manualClock().nowMs()).toBe(1_700_000_000_000);
  });

  it('runs what falls due on the way in order, each at its own time', () => {
    const clock = manualClock(0);
    const seen: (readonly [string, number])[] = [];
    const note = (name: string) => (): void => void seen.push([name, clock.nowMs()]);
    clock.after(30, note('c'));
    clock.after(10, note('a'));
    clock.after(10, () => {
      note('b')();
      clock.after(5, note('inner'));
    });
    clock.after(31, note('late'));
    clock.after(20, note('cancelled'))();
    clock.advance(30);
    expect(seen).toEqual([
      ['a', 10],
      ['b', 10],
      ['inner', 15],
      ['c', 30],
    ]);
  });

  test.each([-1, 0.5, NaN, Infinity, '20', '20 s', '-1s', '0.0001s', 's', undefined, null, {}])(
    'refuses to advance by %p',
    (by) => {
      expect(() => manualClock().advance(by as number)).toThrow(TypeError);
    },
  );

  it('never goes back, also when what runs on the way advances it', () => {
    const clock = manualClock(0);
    clock.after(5, () => clock.advance(20));
    clock.advance(10);
    expect(clock.nowMs()).toBe(25);
  });

  it('refuses to start at what is no time', () => {
    expect(() => manualClock(NaN)).toThrow(TypeError);
    expect(() => manualClock('now' as unknown as number)).toThrow(TypeError);
  });
});
