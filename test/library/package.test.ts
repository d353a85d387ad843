/** What `npm pack` makes, installed into an empty project. Needs `npm run build`, and no network. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { version } from '../../src/index';

const root = join(__dirname, '../..');
let project: string;
let packed: string[];

function run(command: string, ...args: string[]): string {
  // npm's own variables say what project it runs in, which is another one here.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS|GOREDIS_)/i.test(name)),
  );
  const offline = {
    npm_config_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
  };
  return execFileSync(command, args, {
    cwd: project,
    env: { ...env, ...offline },
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

/** Packages to install beside goredis, from the folders where they are here: all of its dependencies, and types. */
function localPackages(): string[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  const needed = Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== '' && dev !== true)
    .map(([path]) => path);
  const types = ['node_modules/@types/node', 'node_modules/undici-types'];
  return [...new Set([...needed, ...types])].map((path) => realpathSync(join(root, path)));
}

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'goredis-package-'));
  const [pack] = JSON.parse(
    run('npm', 'pack', root, '--ignore-scripts', '--json', '--pack-destination', project),
  ) as { filename: string; files: { path: string }[] }[];
  packed = pack!.files.map(({ path }) => path);
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  const packages = [`./${pack!.filename}`, ...localPackages()];
  run('npm', 'install', '--ignore-scripts', '--install-links', ...packages);
}, 120_000);
afterAll(() => rmSync(project, { recursive: true }));

/** What a program loads when it is needed. */
const later = [
  'engine-staged-engine',
  'server-metrics-endpoint',
  'server-tls-listener',
  'stores-cached',
];

it('holds the program, the types that one can reach, and nothing else', () => {
  const types = new Set(['dist/index.d.ts']);
  for (const path of types) {
    const imports = /(?:from |import\()['"](\.[^'"]*)['"]/g;
    for (const [, name] of readFileSync(join(root, path), 'utf8').matchAll(imports)) {
      const module = join(dirname(path), name!);
      types.add([`${module}.d.ts`, `${module}/index.d.ts`].find((file) => packed.includes(file))!);
    }
  }
  expect(packed.sort()).toEqual(
    [
      ...['CHANGELOG.md', 'LICENSE', 'README.md', 'bin/goredis.js', 'package.json'],
      'dist/launcher.js',
      ...['index', 'main'].flatMap((program) => [
        `dist/${program}.js`,
        ...later.map((module) => `dist/${program}-${module}.js`),
      ]),
      ...types,
    ].sort(),
  );
});

const program = `
  const server = await createServer({ port: 0, clock: manualClock(), random: seeded(1) }).listen();
  const client = server.connect();
  console.log(await client.send('SET', 'k', 'v'), server.address.host);
  await server.close();
`;

it('can be required', () => {
  const text = `const { createServer, manualClock, seeded } = require('goredis'); (async () => { ${program} })();`;
  expect(run(process.execPath, '-e', text)).toBe('OK 127.0.0.1\n');
});

it('can be imported', () => {
  const text = `import { createServer, manualClock, seeded } from 'goredis'; ${program}`;
  expect(run(process.execPath, '--input-type=module', '-e', text)).toBe('OK 127.0.0.1\n');
});

it('loads nothing that only some servers need', () => {
  const file = 'start.cjs';
  writeFileSync(
    join(project, file),
    `
    const { createServer } = require('goredis');
    createServer({ port: 0 }).listen().then(async (server) => {
      await server.connect().send('PING');
      const modules = [...Object.keys(require.cache), ...process.moduleLoadList].join('\\n');
      const found = modules.match(/node_modules.(goredis.*|@\\w+.[\\w-]+|[\\w-]+)|NativeModule (crypto|tls|http|https|zlib|perf_hooks)$/gm);
      console.log([...new Set(found)].map((name) => name.replace(/.*node_modules./, '')).join(' '));
      await server.close();
    });`,
  );
  expect(run(process.execPath, file)).toBe('goredis/dist/index.js redis-parser redis-errors\n');
});

it('has one of each module, whichever file it comes from', () => {
  const file = 'own-store.cjs';
  // The engine for stores that commit later must know the errors of the library's first file.
  writeFileSync(
    join(project, file),
    `
    const { createServer } = require('goredis');
    const none = { key: 'k', value: undefined, version: 0, expiresAtMs: Infinity };
    const store = {
      name: 'own', reads: 'strong', inPlace: false,
      open: async () => {}, close: async () => {}, onChange: () => {}, stats: () => ({}),
      load: async (refs) => refs.map(() => none),
      commit: async () => { throw new Error('disk full'); },
    };
    const client = createServer({ store }).connect();
    const reply = (...args) => client.send(...args).then(String, ({ message }) => message);
    (async () => {
      console.log(await reply('GET', 'k'));
      console.log(await reply('SET', 'k', 'v', 'EX', 'soon'));
      process.exit();
    })();`,
  );
  expect(run(process.execPath, file)).toBe('null\nERR value is not an integer or out of range\n');
});

it('keeps its modules to itself', () => {
  const text =
    "try { require('goredis/dist/main.js'); } catch (error) { console.log(error.code); }";
  expect(run(process.execPath, '-e', text)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
});

it('has types, for require and import, that refuse mistakes', () => {
  const text = `
    import { createServer, manualClock, seeded, type Reply, type Store } from 'goredis';
    export async function start(own: Store): Promise<Reply> {
      const clock = manualClock();
      const server = await createServer({
        port: 0,
        bind: ['127.0.0.1'],
        protectedMode: 'no',
        clientQueryBufferLimit: '2mb',
        appendonly: false,
        clock,
        random: seeded(7),
        store: Math.random() < 0.5 ? 'memory' : own,
      }).listen();
      clock.advance('20s');
      const port: number = server.address.port;
      const reply = await server.connect({ buffers: true }).send('GET', port, Buffer.from('x'));
      await server.close();
      return reply;
    }
    // @ts-expect-error an unknown option
    createServer({ prot: 1 });
    // @ts-expect-error a value of another type
    createServer({ protectedMode: 1 });
    // @ts-expect-error a store that there is not
    createServer({ store: 'disk' });
    // @ts-expect-error what is about the process
    createServer({ maxHeap: '1gb' });
    // @ts-expect-error a duration without a unit
    manualClock().advance('20');
    // @ts-expect-error a seed that is text
    seeded('7');
  `;
  const files = ['required.cts', 'imported.mts'];
  for (const file of files) writeFileSync(join(project, file), text);
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--types', 'node'];
  const modern = ['--target', 'es2022', '--module', 'node16', '--moduleResolution', 'node16'];
  expect(run(process.execPath, tsc, ...strict, ...modern, ...files)).toBe('');
});

it('has the program goredis', () => {
  expect(run('npx', '--no-install', 'goredis', '--version')).toBe(
    `goredis v=${version} node=${process.version}\n`,
  );
});
