/** Certificates for tests, made by openssl in a temporary folder. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificates {
  readonly folder: string;
  /** The path of a file: `ca.crt`, `server.key`, ... */
  path(name: string): string;
  /** Makes a key and a certificate of the authority: `name.key`, `name.crt`. */
  issue(name: string): void;
  remove(): void;
}

/** An authority (`ca`), and a server (`server`) at localhost and 127.0.0.1 that it vouches for. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'goredis-certificates-'));
  const path = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const make = (name: string, ...args: string[]): void =>
    openssl(
      ...['req', '-x509', '-days', '2', '-subj', `/CN=${name}`, ...newKey],
      ...['-keyout', path(`${name}.key`), '-out', path(`${name}.crt`), ...args],
    );
  const issue = (name: string): void =>
    make(
      name,
      ...['-CA', path('ca.crt'), '-CAkey', path('ca.key')],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
      ...['-addext', 'basicConstraints=critical,CA:FALSE'],
    );
  make('ca');
  issue('server');
  return { folder, path, issue, remove: () => rmSync(folder, { recursive: true }) };
}
