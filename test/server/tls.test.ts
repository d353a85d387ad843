/** TLS: who gets in, what is said to start with, and new certificates while running. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { Redis } from 'ioredis';
import type { Settings } from '../../src/config';
import { assembleServer } from '../../src/assemble';
import { makeCertificates, type Certificates } from '../support/certificates';
import { startGoredis, type Goredis } from '../support/goredis';
import { connectRaw } from '../support/raw-client';
import { readToEnd } from '../support/read-stream';
import { freePort } from '../support/redis-server';

let files: Certificates;
beforeAll(() => {
  files = makeCertificates();
  files.issue('client');
});
afterAll(() => files.remove());

let goredis: Goredis | undefined;
afterEach(async () => {
  await goredis?.stop();
  goredis = undefined;
});

/** A server that speaks only TLS, and its port. */
async function start(settings: Partial<Settings> = {}): Promise<number> {
  const tlsPort = await freePort();
  goredis = await startGoredis({
    tlsPort,
    tlsCertFile: files.path('server.crt'),
    tlsKeyFile: files.path('server.key'),
    tlsCaFile: files.path('ca.crt'),
    ...settings,
  });
  return tlsPort;
}

const authority = (): ConnectionOptions => ({ ca: readFileSync(files.path('ca.crt')) });
const client = (name = 'client'): ConnectionOptions => ({
  ...authority(),
  cert: readFileSync(files.path(`${name}.crt`)),
  key: readFileSync(files.path(`${name}.key`)),
});

async function shakeHands(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', ...options });
  await once(socket, 'secureConnect');
  return socket;
}

/** The answer to a PING, or `refused`. */
async function ping(port: number, options: ConnectionOptions): Promise<string> {
  try {
    const socket = await shakeHands(port, options);
    socket.on('error', () => undefined);
    socket.end('PING\r\n');
    return String(await readToEnd(socket)) || 'refused';
  } catch {
    return 'refused';
  }
}

async function cli(port: number, ...args: string[]): Promise<string> {
  const child = spawn('redis-cli', ['-h', '127.0.0.1', '-p', String(port), '--tls', ...args]);
  const output = await readToEnd(child.stdout);
  return String(output);
}

it('redis-cli --tls with a certificate is served', async () => {
  const port = await start();
  const own = ['--cert', files.path('client.crt'), '--key', files.path('client.key')];
  const args = ['--cacert', files.path('ca.crt'), ...own];
  expect(await cli(port, ...args, 'SET', 'k', 'x'.repeat(100_000))).toBe('OK\n');
  expect(await cli(port, ...args, 'GET', 'k')).toBe(`${'x'.repeat(100_000)}\n`);
});

it('ioredis over TLS pipelines, and gets large values whole', async () => {
  const port = await start();
  const redis = new Redis({ port, host: '127.0.0.1', tls: client() });
  const value = Buffer.alloc(3_000_000, 'abcdefg');
  await redis.set('k', value);
  const replies = await Promise.all(Array.from({ length: 5000 }, () => redis.incr('n')));
  expect(replies[4999]).toBe(5000);
  const values = await Promise.all([1, 2, 3].map(() => redis.getBuffer('k')));
  expect(values.every((found) => found?.equals(value))).toBe(true);
  redis.disconnect();
});

describe('tls-auth-clients', () => {
  let stranger: Certificates;
  beforeAll(() => {
    stranger = makeCertificates();
    copyFileSync(stranger.path('server.crt'), files.path('stranger.crt'));
    copyFileSync(stranger.path('server.key'), files.path('stranger.key'));
  });
  afterAll(() => stranger.remove());

  it.each([
    ['yes', 'refused', 'refused', '+PONG\r\n'],
    ['optional', '+PONG\r\n', 'refused', '+PONG\r\n'],
    ['no', '+PONG\r\n', '+PONG\r\n', '+PONG\r\n'],
  ] as const)('%s: no certificate, a strange one, a good one', async (tlsAuthClients, ...want) => {
    const port = await start({ tlsAuthClients });
    const clients = [authority(), client('stranger'), client()];
    const answers: string[] = [];
    for (const options of clients) answers.push(await ping(port, options));
    expect(answers).toEqual(want);
  });
});

it('tls-port and tls-auth-clients change while it runs', async () => {
  const plain = await freePort();
  const port = await start({ port: plain, tlsPort: 0, tlsKeyFile: '' });
  const near = await connectRaw(plain);
  const set = async (...pairs: string[]): Promise<string> =>
    String(await near.command('CONFIG', 'SET', ...pairs));
  const refused = 'Unable to update TLS configuration. Check server logs.';
  expect(await set('tls-port', String(port))).toBe(
    `-ERR CONFIG SET failed (possibly related to argument 'tls-port') - ${refused}\r\n`,
  );
  const key = ['tls-key-file', files.path('server.key')];
  expect(await set('tls-port', String(port), ...key)).toBe('+OK\r\n');
  expect([await ping(port, client()), await ping(port, authority())]).toEqual([
    '+PONG\r\n',
    'refused',
  ]);
  const stays = await shakeHands(port, client());
  expect(await set('tls-auth-clients', 'no')).toBe('+OK\r\n');
  expect(await ping(port, authority())).toBe('+PONG\r\n');
  expect(await set('tls-port', '0')).toBe('+OK\r\n');
  expect(await ping(port, client())).toBe('refused');
  stays.end('PING\r\n');
  expect(String(await readToEnd(stays))).toBe('+PONG\r\n');
  near.destroy();
});

it('takes authorities from a directory, and a key with a passphrase', async () => {
  const locked = files.path('locked.key');
  const key = ['-in', files.path('server.key'), '-out', locked, '-passout', 'pass:bacon'];
  execFileSync('openssl', ['ec', '-aes128', ...key], { stdio: 'ignore' });
  const port = await start({
    tlsCaFile: '',
    tlsCaDir: files.folder,
    tlsKeyFile: locked,
    tlsKeyPass: 'bacon',
  });
  expect(await ping(port, client())).toBe('+PONG\r\n');
});

it('tls-protocols are the versions that are spoken', async () => {
  const port = await start({ tlsProtocols: 'TLSv1.2' });
  const socket = await shakeHands(port, client());
  expect(socket.getProtocol()).toBe('TLSv1.2');
  socket.destroy();
  expect(await ping(port, { ...client(), minVersion: 'TLSv1.3' })).toBe('refused');
});

it('with tls-port there is no port without TLS unless it is named', async () => {
  const port = await start();
  expect(goredis!.port).toBe(0);
  const socket = connectPlain(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('PING\r\n');
  expect(String(await readToEnd(socket))).not.toContain('PONG');
  await goredis!.stop();

  const plain = await freePort();
  await start({ port: plain });
  const near = await connectRaw(plain);
  expect(String(await near.command('PING'))).toBe('+PONG\r\n');
  near.destroy();
});

it('takes a new certificate while running, and keeps the old one if the new one is wrong', async () => {
  const port = await start();
  const socket = await shakeHands(port, client());
  const redis = await connectRaw(socket);
  expect(socket.getPeerCertificate().subject.CN).toBe('server');
  files.issue('renewed');
  const reply = await redis.command(
    ...['CONFIG', 'SET', 'tls-cert-file', files.path('renewed.crt')],
    ...['tls-key-file', files.path('renewed.key')],
  );
  expect(String(reply)).toBe('+OK\r\n');
  expect(String(await redis.command('CONFIG', 'SET', 'tls-cert-file', '/nosuch'))).toBe(
    "-ERR CONFIG SET failed (possibly related to argument 'tls-cert-file') - Unable to update TLS configuration. Check server logs.\r\n",
  );
  const later = await shakeHands(port, client());
  expect(later.getPeerCertificate().subject.CN).toBe('renewed');
  later.destroy();
  redis.destroy();
});

it('a client that does not shake hands does not keep the server from closing', async () => {
  const port = await start();
  const socket = connectPlain(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const other = await shakeHands(port, client());
  other.destroy();
  const closed = once(socket, 'close');
  await goredis!.stop();
  await closed;
});

describe('a start with options that do not fit together is one clear error', () => {
  /** Files with these texts. */
  function wrong(texts: Partial<Record<'tlsCaFile' | 'tlsDhFile', string>>): Partial<Settings> {
    const settings: Partial<Settings> = { tlsCertFile: files.path('server.crt') };
    for (const [name, text] of Object.entries(texts)) {
      const path = files.path(`wrong-${name}`);
      writeFileSync(path, text);
      Object.assign(settings, { [name]: path });
    }
    return settings;
  }

  it.each<[string, () => Partial<Settings>, string | RegExp]>([
    ['no certificate', () => ({}), 'TLS: tls-cert-file is not set'],
    [
      'no authority',
      () => ({ tlsAuthClients: 'yes', tlsCaFile: '' }),
      'TLS: tls-ca-cert-file or tls-ca-cert-dir must be set, or tls-auth-clients must be no',
    ],
    ['no such file', () => ({ tlsCertFile: '/nosuch' }), /^TLS: tls-cert-file: ENOENT/],
    [
      'a wrong version',
      () => ({ tlsCertFile: files.path('server.crt'), tlsProtocols: 'SSLv3' }),
      'TLS: tls-protocols: words of TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3 are expected',
    ],
    [
      'a key of another certificate',
      () => ({ tlsCertFile: files.path('server.crt'), tlsKeyFile: files.path('client.key') }),
      /^TLS: certificate, key or ciphers: /,
    ],
    [
      'a file of authorities without any',
      () => wrong({ tlsCaFile: 'text' }),
      'TLS: tls-ca-cert-file: no certificate found',
    ],
    [
      'an authority that is broken',
      () => wrong({ tlsCaFile: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' }),
      /^TLS: tls-ca-cert-file: error:/,
    ],
    [
      'a file of DH parameters without any',
      () => wrong({ tlsDhFile: 'text' }),
      'TLS: tls-dh-params-file: no DH parameters found',
    ],
    [
      'suites of TLS 1.3 that are none',
      () => ({ tlsCertFile: files.path('server.crt'), tlsCipherSuites: 'ECDHE-RSA-AES256-SHA' }),
      'TLS: tls-ciphersuites: suites of TLS 1.3 are expected',
    ],
  ])('%s', async (_, settings, message) => {
    const tlsPort = await freePort();
    const base = { tlsKeyFile: files.path('server.key'), tlsCaFile: files.path('ca.crt') };
    const config = { tlsPort, port: 0, bind: ['127.0.0.1'], ...base, ...settings() };
    await expect(assembleServer({ config }).listen()).rejects.toThrow(message);
  });
});
