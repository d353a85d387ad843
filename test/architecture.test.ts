import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { importsOf, importsUnder, type Import } from './support/imports';

/**
 * What a folder of src may import besides itself, `errors` and `lib`: folders, or single files by
 * their path. What is under `types` may be taken with `import type` only: known while compiling,
 * absent at run time.
 */
interface Row {
  readonly modules: readonly string[];
  readonly types?: readonly string[];
}

const TABLE = new Map<string, Row>([
  ['errors', { modules: [] }],
  ['lib', { modules: [] }],
  ['protocol', { modules: [] }],
  ['values', { modules: [] }],
  ['events', { modules: [] }],
  ['store', { modules: ['values'] }],
  // EXEC builds the array of its commands' replies.
  ['engine', { modules: ['store', 'values', 'events', 'protocol'] }],
  ['commands', { modules: ['engine', 'values', 'protocol', 'store/record'], types: ['store'] }],
  ['config', { modules: [], types: ['engine'] }],
  ['server', { modules: ['protocol', 'engine', 'commands', 'events', 'config'], types: ['store'] }],
  ['library', { modules: [], types: ['server'] }],
  ['follower', { modules: ['store'] }],
  ['stores/memory', { modules: ['store', 'values'] }],
  ['stores/dynamodb', { modules: ['store', 'values'] }],
  ['stores/cached', { modules: ['store', 'values', 'stores/dynamodb', 'follower'] }],
]);

const FOR_ALL = ['errors', 'lib'];

/** The ways in: they put the parts together, so they may name all of them, concrete stores too. */
const WAYS_IN = ['index', 'main', 'launcher', 'reference', 'assemble'];

const DEPENDENCIES = (
  JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  }
).dependencies;

/** The row that speaks for a path: its folder, a store's own folder, or a file directly in src. */
function rowOf(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('stores/') ? 2 : 1)
    .join('/');
}

/** One readable line for each import that the table does not allow. */
function violations(imports: readonly Import[]): string[] {
  return imports.flatMap((found) => {
    const reason = found.relative ? objection(found) : foreignObjection(found.to);
    return reason === undefined
      ? []
      : [`src/${found.from}.ts:${found.line} imports ${found.to}: ${reason}`];
  });
}

function objection({ from, to, typeOnly }: Import): string | undefined {
  if (to.startsWith('..')) return 'it is outside src';
  const own = rowOf(from);
  const other = rowOf(to);
  if (own === other || WAYS_IN.includes(own)) return undefined;
  if (WAYS_IN.includes(other)) return `only ${WAYS_IN.join(' and ')} know the whole`;
  const row = TABLE.get(own);
  if (row === undefined) return `${own} has no row in the import table`;
  if ([...row.modules, ...FOR_ALL].some((each) => each === other || each === to)) return undefined;
  if (row.types?.includes(other)) {
    return typeOnly ? undefined : `${own} may take types of ${other} only (import type)`;
  }
  const allowed = [...row.modules, ...(row.types ?? []), ...FOR_ALL].join(', ');
  return `${own} may import ${allowed}`;
}

function foreignObjection(name: string): string | undefined {
  if (name.startsWith('node:')) return undefined;
  if (builtinModules.includes(name)) return `write node:${name}`;
  const found = Object.keys(DEPENDENCIES ?? {}).some(
    (dependency) => name === dependency || name.startsWith(`${dependency}/`),
  );
  return found ? undefined : 'it is not among the dependencies of package.json';
}

it('src imports only what the table allows', () => {
  expect(violations(importsUnder(join(__dirname, '../src')))).toEqual([]);
});

describe('the check', () => {
  const check = (path: string, text: string): string[] => violations(importsOf(path, text));

  it.each([
    ['own folder', 'store/store.ts', "import { a } from './record';"],
    ['errors and lib', 'values/hash.ts', "import '../errors';\nimport '../lib/bytes';"],
    ['a row', 'commands/strings.ts', "import { integer } from '../protocol/reply';"],
    ['types of a row', 'commands/keys.ts', "import type { Rec } from '../store/record';"],
    ['types one by one', 'commands/keys.ts', "import { type Rec } from '../store/record';"],
    ['a module of Node', 'server/server.ts', "import { createServer } from 'node:net';"],
    ['a store, for a way in', 'index.ts', "import { MemoryStore } from './stores/memory/store';"],
    ['dynamodb, for cached', 'stores/cached/a.ts', "import { D } from '../dynamodb/store';"],
  ])('accepts %s', (_title, path, text) => {
    expect(check(path, text)).toEqual([]);
  });

  it.each([
    [
      'a folder that is not in the row',
      'commands/strings.ts',
      "import type { Argv } from '../engine/command';\nimport { Session } from '../server/session';",
      'src/commands/strings.ts:2 imports server/session: commands may import engine, values, protocol, store/record, store, errors, lib',
    ],
    [
      'more than types',
      'commands/keys.ts',
      "import { StoreError } from '../store/store';",
      'src/commands/keys.ts:1 imports store/store: commands may take types of store only (import type)',
    ],
    [
      'a concrete store',
      'engine/engine.ts',
      "export * from '../stores/memory/memory-store';",
      'src/engine/engine.ts:1 imports stores/memory/memory-store: engine may import store, values, events, protocol, errors, lib',
    ],
    [
      'one store inside another',
      'stores/memory/a.ts',
      "const b = require('../dynamodb/b');",
      'src/stores/memory/a.ts:1 imports stores/dynamodb/b: stores/memory may import store, values, errors, lib',
    ],
    [
      'test code',
      'lib/clock.ts',
      "import type { Slow } from '../../test/stores/slow';",
      'src/lib/clock.ts:1 imports ../test/stores/slow: it is outside src',
    ],
    [
      'a dynamic import',
      'values/list.ts',
      "export const later = () => import('../engine/engine');",
      'src/values/list.ts:1 imports engine/engine: values may import errors, lib',
    ],
    [
      'an import type inside a type',
      'protocol/reply.ts',
      "export type A = import('../engine/context').Context;",
      'src/protocol/reply.ts:1 imports engine/context: protocol may import errors, lib',
    ],
    [
      'a way in',
      'server/server.ts',
      "import { start } from '../index';",
      'src/server/server.ts:1 imports index: only index and main and launcher and reference and assemble know the whole',
    ],
    [
      'a folder without a row',
      'misc/a.ts',
      "import { b } from '../values/b';",
      'src/misc/a.ts:1 imports values/b: misc has no row in the import table',
    ],
    [
      'a package that users do not get',
      'server/a.ts',
      "import { Redis } from 'ioredis';",
      'src/server/a.ts:1 imports ioredis: it is not among the dependencies of package.json',
    ],
  ])('refuses %s', (_title, path, text, message) => {
    expect(check(path, text)).toEqual([message]);
  });
});
