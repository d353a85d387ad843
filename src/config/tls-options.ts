/** Options on TLS. */
import { option } from './option';
import { integer, oneOf, path, text, yesNo } from './types';

const INT_MAX = 2 ** 31 - 1;

export const tlsOptions = {
  tlsPort: option('tls-port', integer({ min: 0, max: 65535 }), {
    default: '0',
    live: true,
    help: 'TCP port to speak TLS on, on every address of `bind`; 0: none. With it, `port 0` is no port without TLS.',
  }),
  tlsCertFile: option('tls-cert-file', path(), {
    default: '',
    live: true,
    volatile: true,
    help: 'The certificate of the server, with its chain, in PEM form. Setting it again reads it again.',
  }),
  tlsKeyFile: option('tls-key-file', path(), {
    default: '',
    live: true,
    volatile: true,
    help: 'The private key of the certificate, in PEM form.',
  }),
  tlsKeyPass: option('tls-key-file-pass', text(), {
    default: '',
    live: true,
    help: 'The passphrase of the private key.',
  }),
  tlsCaFile: option('tls-ca-cert-file', path(), {
    default: '',
    live: true,
    volatile: true,
    help: 'The certificates of the authorities whose clients are let in, in PEM form.',
  }),
  tlsCaDir: option('tls-ca-cert-dir', path(), {
    default: '',
    live: true,
    volatile: true,
    help: 'A directory of such certificates.',
  }),
  tlsAuthClients: option('tls-auth-clients', oneOf(['no', 'yes', 'optional']), {
    default: 'yes',
    live: true,
    help: 'Whether clients must show a certificate of these authorities. `optional`: one that is shown must be valid.',
  }),
  tlsProtocols: option('tls-protocols', text(), {
    default: '',
    live: true,
    help: 'The versions to speak: words of `TLSv1`, `TLSv1.1`, `TLSv1.2`, `TLSv1.3`. Empty: the last two.',
  }),
  tlsCiphers: option('tls-ciphers', text(), {
    default: '',
    live: true,
    help: 'Ciphers up to TLSv1.2, in the words of OpenSSL. Empty: the usual ones.',
  }),
  tlsCipherSuites: option('tls-ciphersuites', text(), {
    default: '',
    live: true,
    help: 'Ciphers of TLSv1.3. Empty: the usual ones.',
  }),
  tlsPreferServerCiphers: option('tls-prefer-server-ciphers', yesNo(), {
    default: 'no',
    live: true,
    help: 'Whether the order of the ciphers here counts more than the order of the client.',
  }),
  tlsSessionCaching: option('tls-session-caching', yesNo(), {
    default: 'yes',
    live: true,
    help: 'Whether clients may resume sessions.',
  }),
  tlsSessionSeconds: option('tls-session-cache-timeout', integer({ min: 0, max: INT_MAX }), {
    default: '300',
    live: true,
    unit: 'seconds',
    help: 'How long a session may be resumed.',
  }),
  tlsDhFile: option('tls-dh-params-file', path(), {
    default: '',
    live: true,
    volatile: true,
    help: 'Parameters for Diffie-Hellman, in PEM form. Empty: well-known ones.',
  }),
};

/** Those that every listener for TLS takes over when CONFIG SET changes them. */
export const liveTlsOptions = [
  ...([
    'tlsCertFile',
    'tlsKeyFile',
    'tlsKeyPass',
    'tlsCaFile',
    'tlsCaDir',
    'tlsProtocols',
  ] as const),
  ...(['tlsCiphers', 'tlsCipherSuites', 'tlsPreferServerCiphers', 'tlsSessionCaching'] as const),
  ...(['tlsSessionSeconds', 'tlsDhFile'] as const),
] as const;
