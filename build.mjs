// @ts-check
/**
 * Compiles into `dist`: the library's types, and programs of one file each, but for what they load
 * later. One file, because a process that starts spends most of its time on finding and reading
 * files (bench/start.mjs); others for what only some need, because V8 reads all that it is given.
 * Names, lines and `// src/...` marks stay, so that stack traces and profiles can be read.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';

const root = fileURLToPath(new URL('.', import.meta.url));
const dist = join(root, 'dist');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

rmSync(dist, { recursive: true, force: true });
try {
  execFileSync(process.execPath, [tsc, '-p', '.', '--emitDeclarationOnly'], {
    cwd: root,
    stdio: 'inherit',
  });
} catch {
  process.exit(1); // tsc has said why.
}
// Only what is reached from the library's own types is of use to anybody.
const typesOfLibrary = new Set([join(dist, 'index.d.ts')]);
for (const file of typesOfLibrary) {
  for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles) {
    if (!fileName.startsWith('.')) continue;
    const path = join(dirname(file), fileName);
    typesOfLibrary.add(existsSync(`${path}.d.ts`) ? `${path}.d.ts` : join(path, 'index.d.ts'));
  }
}
for (const entry of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  const path = join(dist, entry);
  if (path.endsWith('.d.ts') && !typesOfLibrary.has(path)) rmSync(path);
}
/** @type {import('esbuild').BuildOptions & { write?: true }} */
const common = {
  absWorkingDir: root,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  logLevel: 'warning',
};

/** The library. */
await buildProgram('index', 'src/index.ts');
/** The thread of bin/goredis.js that is the server. */
await buildProgram('main', 'src/main.ts');
await build({
  ...common,
  entryPoints: {
    /** What bin/goredis.js itself needs. */
    launcher: 'src/launcher.ts',
    /** What `npm run docs` prints; not in the package. */
    reference: 'src/reference.ts',
  },
  outdir: 'dist',
});

/**
 * `dist/<name>.js`, and a file for each module that it loads later (`require('./...')`): what is not
 * needed should not have to be read. A later file is a function of the modules that are there: it
 * shares the first file's, and brings those that only it needs.
 *
 * @param {string} name
 * @param {string} entry
 */
async function buildProgram(name, entry) {
  /** The later modules, and which file each is in. @type {Map<string, string>} */
  const later = new Map();
  const core = await modulesOf(entry, later);
  /** @type {Map<string, number>} */
  const users = new Map();
  for (const module of later.keys()) {
    for (const each of await modulesOf(module, later)) {
      if (!core.has(each)) users.set(each, (users.get(each) ?? 0) + 1);
    }
  }
  // What two of them need must be there once.
  for (const [module, count] of users) if (count > 1) core.add(module);

  /** @type {Set<string>} */
  const shared = new Set();
  for (const [module, file] of later) {
    await build({
      ...common,
      entryPoints: [module],
      outfile: `dist/${file}`,
      plugins: [withModulesOf(core, shared)],
      banner: { js: 'module.exports = (modules) => { const module = { exports: {} };' },
      footer: { js: 'return module.exports; };' },
    });
  }
  const names = [...shared].sort();
  const lines = [
    "import modules from 'goredis:modules';",
    ...names.map((module, i) => `import * as shared${i} from './${module}';`),
    ...names.map((module, i) => `modules.set(${JSON.stringify(module)}, shared${i});`),
  ];
  await build({
    ...common,
    stdin: {
      contents: `import 'goredis:sharing'; export * from './${entry}';`,
      resolveDir: root,
      loader: 'ts',
    },
    outfile: `dist/${name}.js`,
    plugins: [
      virtual('goredis:modules', 'module.exports = new Map();'),
      virtual('goredis:sharing', lines.join('\n')),
      laterModules((module) => {
        const file = JSON.stringify(`./${later.get(module)}`);
        return `module.exports = require(${file})(require('goredis:modules'));`;
      }),
    ],
  });

  /**
   * The modules that `from` always needs, as paths from the root. Adds to `later`.
   *
   * @param {string} from
   * @param {Map<string, string>} later
   */
  async function modulesOf(from, later) {
    const { metafile } = await build({
      ...common,
      entryPoints: [from],
      write: false,
      metafile: true,
      plugins: [
        laterModules((module) => {
          const short = module.replace(/^src\//, '').replace(/(\/index)?\.ts$/, '');
          later.set(module, `${name}-${short.replaceAll('/', '-')}.js`);
          return '';
        }),
      ],
    });
    return new Set(Object.keys(metafile.inputs).filter((path) => path.startsWith('src/')));
  }
}

/**
 * Puts in the place of a module that is loaded later what `contents` makes of its path.
 *
 * @param {(module: string) => string} contents
 * @returns {import('esbuild').Plugin}
 */
function laterModules(contents) {
  return {
    name: 'later',
    setup(bundle) {
      bundle.onResolve({ filter: /^\./ }, async ({ path, kind, resolveDir, namespace }) => {
        if (namespace === 'later') return { path, external: true };
        if (kind !== 'require-call') return undefined;
        return { path: await resolved(bundle, path, resolveDir), namespace: 'later' };
      });
      bundle.onLoad({ filter: /./, namespace: 'later' }, ({ path }) => ({
        contents: contents(path),
        resolveDir: root,
      }));
    },
  };
}

/**
 * Takes the modules of `core` from where they are already, and notes which it takes.
 *
 * @param {ReadonlySet<string>} core
 * @param {Set<string>} taken
 * @returns {import('esbuild').Plugin}
 */
function withModulesOf(core, taken) {
  return {
    name: 'shared',
    setup(bundle) {
      bundle.onResolve({ filter: /^\./ }, async ({ path, resolveDir, pluginData }) => {
        if (pluginData === 'plain') return undefined;
        const module = await resolved(bundle, path, resolveDir);
        if (!core.has(module)) return undefined;
        taken.add(module);
        return { path: module, namespace: 'shared' };
      });
      bundle.onLoad({ filter: /./, namespace: 'shared' }, ({ path }) => ({
        contents: `module.exports = modules.get(${JSON.stringify(path)});`,
      }));
    },
  };
}

/**
 * @param {string} name
 * @param {string} contents
 * @returns {import('esbuild').Plugin}
 */
function virtual(name, contents) {
  return {
    name,
    setup(bundle) {
      bundle.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({
        path: name,
        namespace: name,
      }));
      bundle.onLoad({ filter: /./, namespace: name }, () => ({ contents, resolveDir: root }));
    },
  };
}

/**
 * The path from the root of the module that an import means.
 *
 * @param {import('esbuild').PluginBuild} bundle
 * @param {string} path
 * @param {string} resolveDir
 */
async function resolved(bundle, path, resolveDir) {
  const options = {
    resolveDir,
    kind: /** @type {const} */ ('import-statement'),
    pluginData: 'plain',
  };
  const found = await bundle.resolve(path, options);
  return relative(root, found.path);
}
