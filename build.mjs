// @ts-check
/**
 * Compiles into `dist`: the types of every module, and programs of one file each. One file, because
 * a process that starts spends most of its time on finding and reading files (bench/start.mjs).
 * Names, lines and `// src/...` marks stay, so that stack traces and profiles can be read.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('.', import.meta.url));
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

rmSync(`${root}dist`, { recursive: true, force: true });
try {
  execFileSync(process.execPath, [tsc, '-p', '.', '--emitDeclarationOnly'], {
    cwd: root,
    stdio: 'inherit',
  });
} catch {
  process.exit(1); // tsc has said why.
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
