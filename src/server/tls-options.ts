/**
 * What node:tls must know for the options on TLS.
 * Source: tlsConfigure, createSSLContext in tls.c of Redis 7.0
 */
import { X509Certificate, constants } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_CIPHERS, createSecureContext, getCiphers, type TlsOptions } from 'node:tls';
import type { Config } from '../config';

/** By the words of `tls-protocols`: what switches the version off. */
const VERSIONS = new Map([
  ['tlsv1', constants.SSL_OP_NO_TLSv1],
  ['tlsv1.1', constants.SSL_OP_NO_TLSv1_1],
  ['tlsv1.2', constants.SSL_OP_NO_TLSv1_2],
  ['tlsv1.3', constants.SSL_OP_NO_TLSv1_3],
]);
const USUAL_VERSIONS = 'tlsv1.2 tlsv1.3';
const CERTIFICATES = /-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----[^-]*-----END \1-----/g;
const DH_PARAMETERS = /-----BEGIN (X9\.42 DH|DH) PARAMETERS-----[^-]*-----END \1 PARAMETERS-----/;

/**
 * Reads the files and checks that all of it fits together.
 * @throws Error with one line that names the option
 */
export function tlsOptions(config: Config): TlsOptions {
  try {
    return checkedOptions(config);
  } catch (error) {
    throw new Error(`TLS: ${(error as Error).message}`, { cause: error });
  }
}

function checkedOptions(config: Config): TlsOptions {
  const { tlsAuthClients } = config;
  const authorities = authoritiesOf(config);
  if (tlsAuthClients !== 'no' && authorities.length === 0) {
    throw new Error(
      'tls-ca-cert-file or tls-ca-cert-dir must be set, or tls-auth-clients must be no',
    );
  }
  const options: TlsOptions = {
    cert: read('tls-cert-file', config.tlsCertFile),
    key: read('tls-key-file', config.tlsKeyFile),
    ca: authorities,
    requestCert: tlsAuthClients !== 'no',
    // With `optional` the listener decides: a client may show none, but not a wrong one.
    rejectUnauthorized: tlsAuthClients === 'yes',
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.3',
    secureOptions: secureOptions(config),
    honorCipherOrder: config.tlsPreferServerCiphers,
    sessionTimeout: config.tlsSessionSeconds,
    sessionIdContext: 'goredis',
  };
  if (config.tlsKeyPass !== '') options.passphrase = config.tlsKeyPass;
  if (config.tlsDhFile !== '') options.dhparam = readDhParameters(config.tlsDhFile);
  const ciphers = cipherNames(config);
  if (ciphers !== undefined) options.ciphers = ciphers;
  try {
    createSecureContext(options);
  } catch (error) {
    throw new Error(`certificate, key or ciphers: ${(error as Error).message}`, { cause: error });
  }
  return options;
}

function read(directive: string, path: string): Buffer {
  if (path === '') throw new Error(`${directive} is not set`);
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`${directive}: ${(error as Error).message}`, { cause: error });
  }
}

/** Node would pass over what it cannot read: nobody would get in, and nobody would know why. */
function readAuthorities(path: string): Buffer {
  const file = read('tls-ca-cert-file', path);
  const certificates = file.toString('latin1').match(CERTIFICATES);
  if (certificates === null) throw new Error('tls-ca-cert-file: no certificate found');
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch (error) {
    throw new Error(`tls-ca-cert-file: ${(error as Error).message}`, { cause: error });
  }
  return file;
}

/** Node would go on without what it cannot read. */
function readDhParameters(path: string): Buffer {
  const file = read('tls-dh-params-file', path);
  if (!DH_PARAMETERS.test(file.toString('latin1'))) {
    throw new Error('tls-dh-params-file: no DH parameters found');
  }
  return file;
}

function authoritiesOf({ tlsCaFile, tlsCaDir }: Config): Buffer[] {
  const found = tlsCaFile === '' ? [] : [readAuthorities(tlsCaFile)];
  if (tlsCaDir === '') return found;
  let names: string[];
  try {
    names = readdirSync(tlsCaDir, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => entry.name);
  } catch (error) {
    throw new Error(`tls-ca-cert-dir: ${(error as Error).message}`, { cause: error });
  }
  const files = names.map((name) => read('tls-ca-cert-dir', join(tlsCaDir, name)));
  return [...found, ...files.filter((file) => file.includes('-----BEGIN CERTIFICATE-----'))];
}

function secureOptions({ tlsProtocols, tlsSessionCaching }: Config): number {
  const words = (tlsProtocols || USUAL_VERSIONS).toLowerCase().split(/ +/).filter(Boolean);
  if (words.length === 0 || words.some((word) => !VERSIONS.has(word))) {
    throw new Error('tls-protocols: words of TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3 are expected');
  }
  let options = constants.SSL_OP_NO_COMPRESSION | constants.SSL_OP_NO_RENEGOTIATION;
  if (!tlsSessionCaching) options |= constants.SSL_OP_NO_TICKET;
  for (const [word, off] of VERSIONS) if (!words.includes(word)) options |= off;
  return options;
}

/** Node has one list for both, and takes what is no suite of TLS 1.3 for an older cipher. */
function cipherNames({ tlsCiphers, tlsCipherSuites }: Config): string | undefined {
  if (tlsCiphers === '' && tlsCipherSuites === '') return undefined;
  const known = getCiphers();
  for (const name of tlsCipherSuites.split(':').filter(Boolean)) {
    if (!name.startsWith('TLS_') || !known.includes(name.toLowerCase())) {
      throw new Error('tls-ciphersuites: suites of TLS 1.3 are expected');
    }
  }
  const usual = DEFAULT_CIPHERS.split(':');
  const suites = tlsCipherSuites || usual.filter((name) => name.startsWith('TLS_')).join(':');
  const others = tlsCiphers || usual.filter((name) => !name.startsWith('TLS_')).join(':');
  return `${suites}:${others}`;
}
