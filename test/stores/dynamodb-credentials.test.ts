/**
 * Where credentials and region come from, as the request that arrives shows it. Every service that
 * may be asked for them is a fake on the loopback address; DynamoDB is one, too, at 0.0.0.0, which is
 * this machine but not the loopback address, where other rules hold.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GoredisProcess, type Exit } from '../support/goredis-process';

const EXPIRES = '2099-01-01T00:00:00Z';

/** By method and path; anything else is 404. */
const answers = new Map<string, string>();
let fakes: Server;
let fakesAt: string;
let dynamo: Server;
let dynamoPort: number;
/** `Authorization` of the requests that DynamoDB got. */
const signed: string[] = [];
let home: string;

beforeAll(async () => {
  fakes = createServer((request, response) => {
    const answer = answers.get(`${request.method} ${request.url?.split('?')[0]}`);
    response.statusCode = answer === undefined ? 404 : 200;
    request.resume().on('end', () => response.end(answer));
  }).listen(0, '127.0.0.1');
  dynamo = createServer((request, response) => {
    signed.push(request.headers.authorization ?? '');
    response.statusCode = 400;
    const body = { __type: 'com.amazon.coral.service#AccessDeniedException', Message: 'no' };
    request.resume().on('end', () => response.end(JSON.stringify(body)));
  }).listen(0, '0.0.0.0');
  await Promise.all([once(fakes, 'listening'), once(dynamo, 'listening')]);
  fakesAt = `http://127.0.0.1:${(fakes.address() as AddressInfo).port}`;
  dynamoPort = (dynamo.address() as AddressInfo).port;
});

afterAll(() => {
  fakes.close();
  dynamo.close();
});

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'goredis-home-'));
  answers.clear();
  signed.length = 0;
});

afterEach(() => rmSync(home, { recursive: true }));

function write(path: string, text: string): string {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** goredis with nothing in its environment but `env`, until it ends, because nobody answers it. */
function run(env: Record<string, string>, ...args: string[]): Promise<Exit> {
  const nothing = Object.keys(process.env).filter((name) => name.startsWith('AWS_'));
  const goredis = new GoredisProcess(
    ['--store', 'dynamodb', '--port', '0', '--loglevel', 'warning', ...args],
    {
      env: {
        ...Object.fromEntries(nothing.map((name) => [name, ''])),
        HOME: home,
        AWS_EC2_METADATA_SERVICE_ENDPOINT: fakesAt,
        AWS_ENDPOINT_URL_STS: fakesAt,
        AWS_ENDPOINT_URL_SSO: fakesAt,
        AWS_ENDPOINT_URL_SSO_OIDC: fakesAt,
        ...env,
      },
    },
  );
  return goredis.exited;
}

/** Key and region that the first request is signed with. */
async function signer(env: Record<string, string>, host = '0.0.0.0', ...args: string[]) {
  const endpoint = `http://${host}:${dynamoPort}`;
  const exit = await run(env, '--dynamodb-endpoint', endpoint, ...args);
  expect(exit).toEqual({
    code: 1,
    signal: null,
    stdout: '',
    stderr: `goredis: DynamoDB at ${endpoint}: AccessDeniedException: no\n`,
  });
  const [, key, region] =
    /Credential=([^/]+)\/\d+\/([^/]+)\/dynamodb\//.exec(signed[0] ?? '') ?? [];
  return `${key} ${region}`;
}

const SSO_START = 'https://example.invalid/start';
const SSO_PROFILE = `[default]
sso_start_url = ${SSO_START}
sso_region = us-east-1
sso_account_id = 1
sso_role_name = role
`;

const keys = (key: string): string =>
  `aws_access_key_id = ${key}\naws_secret_access_key = secret\n`;

const sources: readonly (readonly [name: string, prepare: () => Record<string, string>])[] = [
  ['environment', () => ({ AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' })],
  [
    'shared credentials file',
    () => {
      write('.aws/credentials', `[default]\n${keys('key')}`);
      return {};
    },
  ],
  [
    'profile',
    () => {
      write('.aws/config', `[default]\n${keys('other')}[profile mine]\n${keys('key')}`);
      return { AWS_PROFILE: 'mine' };
    },
  ],
  [
    'SSO',
    () => {
      write('.aws/config', SSO_PROFILE);
      const name = createHash('sha1').update(SSO_START).digest('hex');
      write(
        `.aws/sso/cache/${name}.json`,
        JSON.stringify({ accessToken: 'token', expiresAt: EXPIRES, startUrl: SSO_START }),
      );
      const roleCredentials = {
        accessKeyId: 'key',
        secretAccessKey: 'secret',
        sessionToken: 'session',
        expiration: Date.parse(EXPIRES),
      };
      answers.set('GET /federation/credentials', JSON.stringify({ roleCredentials }));
      return {};
    },
  ],
  [
    'credential process',
    () => {
      const credentials = { Version: 1, AccessKeyId: 'key', SecretAccessKey: 'secret' };
      const file = write('credentials.json', JSON.stringify(credentials));
      write('.aws/config', `[default]\ncredential_process = cat ${file}\n`);
      return {};
    },
  ],
  [
    'web identity',
    () => {
      answers.set(
        'POST /',
        `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>key</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken><Expiration>${EXPIRES}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
      );
      return {
        AWS_WEB_IDENTITY_TOKEN_FILE: write('token', 'token'),
        AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/role',
      };
    },
  ],
  [
    'container',
    () => {
      answers.set('GET /container', JSON.stringify(metadata));
      return { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${fakesAt}/container` };
    },
  ],
  [
    'instance metadata',
    () => {
      const path = '/latest/meta-data/iam/security-credentials/';
      answers.set('PUT /latest/api/token', 'token');
      answers.set(`GET ${path}`, 'role');
      answers.set(`GET ${path}role`, JSON.stringify({ Code: 'Success', ...metadata }));
      return {};
    },
  ],
];

const metadata = {
  AccessKeyId: 'key',
  SecretAccessKey: 'secret',
  Token: 'session',
  Expiration: EXPIRES,
};

it.each(sources)('credentials come from: %s', async (_name, prepare) => {
  expect(await signer({ ...prepare(), AWS_REGION: 'eu-west-1' })).toBe('key eu-west-1');
});

it('the region comes from the option, the environment, a profile', async () => {
  write('.aws/config', `[default]\nregion = eu-west-3\n${keys('key')}`);
  const option = ['--dynamodb-region', 'eu-west-1'];
  expect(await signer({ AWS_REGION: 'eu-west-2' }, '0.0.0.0', ...option)).toBe('key eu-west-1');
  signed.length = 0;
  expect(await signer({ AWS_REGION: 'eu-west-2' })).toBe('key eu-west-2');
  signed.length = 0;
  expect(await signer({})).toBe('key eu-west-3');
});

describe('on a loopback address', () => {
  it.each(['127.0.0.1', 'localhost'])(
    '%s: both are made up if nothing names them',
    async (host) => {
      write('.aws/credentials', `[default]\n${keys('secretkey')}`);
      expect(await signer({}, host)).toBe('goredis us-east-1');
    },
  );

  it('both are what the environment names', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 's', AWS_REGION: 'eu-west-1' };
    expect(await signer(env, '127.0.0.1')).toBe('key eu-west-1');
  });
});

const failure = (line: string): Exit => ({
  code: 1,
  signal: null,
  stdout: '',
  stderr: `goredis: ${line}\n`,
});
const TRIED =
  '(tried: environment, shared files and profiles, SSO, process, web identity, container and instance metadata)';

it('without credentials the start fails with one line that says what was tried', async () => {
  expect(await run({ AWS_REGION: 'eu-west-1' })).toEqual(
    failure(
      `DynamoDB: no credentials: CredentialsProviderError: Could not load credentials from any providers ${TRIED}`,
    ),
  );
});

it('what is wrong with the source that is configured is told', async () => {
  write('.aws/config', SSO_PROFILE);
  expect(await run({ AWS_REGION: 'eu-west-1' })).toEqual(
    failure(
      `DynamoDB: no credentials: CredentialsProviderError: The SSO session associated with this profile is invalid. To refresh this SSO session run aws sso login with the corresponding profile. ${TRIED}`,
    ),
  );
});

it('without a region the start fails with one line', async () => {
  expect(await run({ AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' })).toEqual(
    failure(
      'DynamoDB: no region: set dynamodb-region, AWS_REGION, or the region of a profile in ~/.aws/config',
    ),
  );
});
