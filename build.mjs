// @ts-check
/**
 * Compiles into `dist`: the library's types, and programs of one file each. One file, because
 * a process that starts spends most of its time on finding and reading files (bench/start.mjs).
 * Names, lines and `// src/...` marks stay, so that stack traces and profiles can be read.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
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
await build({
  absWorkingDir: root,
  entryPoints: {
    /** The library. */
    index: 'src/index.ts',
    /** The thread of bin/goredis.js that is the server. */
    main: 'src/main.ts',
    /** What bin/goredis.js itself needs. */
    launcher: 'src/launcher.ts',
    /** What `npm run docs` prints; not in the package. */
    reference: 'src/reference.ts',
  },
  outdir: 'dist',
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  logLevel: 'warning',
});
