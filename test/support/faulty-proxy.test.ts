import { once } from 'node:events';
import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seeded } from '../../src/lib/random';
import { FaultyProxy, PASS, faults, type Fate } from './faulty-proxy';
import { until } from './until';

let server: Server;
let proxy: FaultyProxy;
let arrived: string[];
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

beforeEach(async () => {
  arrived = [];
  server = createServer((req, res) => {
    arrived.push(req.url!);
    res.end(`answer to ${req.url}`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await FaultyProxy.start((server.address() as AddressInfo).port);
});
afterEach(async () => {
  await proxy.stop();
  server.closeAllConnections();
  server.close();
});

/** The answer, or why there is none. */
function ask(path: string): Promise<string> {
  return new Promise((resolve) => {
    const asked = request({ port: proxy.port, host: '127.0.0.1', path, agent }, (res) => {
      let text = '';
      res.on('data', (chunk: Buffer) => (text += chunk.toString()));
      res.on('end', () => resolve(text));
    });
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    asked.end();
  });
}

function next(fate: Fate): void {
  proxy.fate = () => {
    proxy.fate = () => PASS;
    return fate;
  };
}

it('passes requests on over connections that are kept', async () => {
  expect(await ask('/1')).toBe('answer to /1');
  expect(await ask('/2')).toBe('answer to /2');
  expect(proxy.met).toEqual(new Map([['pass', 2]]));
});

it('cuts a request before it is passed on', async () => {
  await ask('/1');
  next({ kind: 'cut' });
  expect(await ask('/2')).toBe('ECONNRESET');
  expect(await ask('/3')).toBe('answer to /3');
  expect(arrived).toEqual(['/1', '/3']);
});

it('drops the response to a request that was passed on', async () => {
  await ask('/1');
  next({ kind: 'drop-response' });
  expect(await ask('/2')).toBe('ECONNRESET');
  expect(arrived).toEqual(['/1', '/2']);
});

it('passes a request on when its sender has long gone', async () => {
  next({ kind: 'late', ms: 50 });
  expect(await ask('/1')).toBe('ECONNRESET');
  expect(await ask('/2')).toBe('answer to /2');
  expect(arrived).toEqual(['/2']);
  await until(() => arrived.length === 2);
  expect(arrived).toEqual(['/2', '/1']);
});

it.each(['delay-request', 'delay-response'] as const)(
  '%s: the answer comes later',
  async (kind) => {
    next({ kind, ms: 50 });
    const startMs = performance.now();
    expect(await ask('/1')).toBe('answer to /1');
    expect(performance.now() - startMs).toBeGreaterThan(45);
  },
);

it('draws every fate', () => {
  const draw = faults(seeded(1), 50, 100);
  const kinds = Array.from({ length: 200 }, () => draw().kind);
  expect([...new Set(kinds)].sort()).toEqual([
    'cut',
    'delay-request',
    'delay-response',
    'drop-response',
    'late',
    'pass',
  ]);
});
