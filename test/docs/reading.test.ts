/** docs/reading-the-source.md names files that there are, and leaves none of src out. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { exists, readPage } from './pages';

const page = readPage('docs/reading-the-source.md');
const named = [...page.matchAll(/`((?:src|test|bin|docs|bench)\/[\w./-]+)`/g)].map(([, p]) => p!);

it('docs/reading-the-source.md names only files that there are', () => {
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((path) => !exists(path))).toEqual([]);
});

it('docs/reading-the-source.md has a line for every file of src', () => {
  const root = join(__dirname, '../../src');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `src/${path}`);
  const lines = [...page.matchAll(/^- `(src\/[\w./-]+)`: /gm)].map(([, path]) => path);
  expect(lines.sort()).toEqual(files.sort());
});

it('docs/reading-the-source.md names functions and classes that there are', () => {
  const source = named
    .filter((path) => path.startsWith('src/'))
    .map((path) => readPage(path))
    .join('\n');
  const story = page.slice(page.indexOf('## The life of a command on memory'));
  const names = [
    ...story.matchAll(/`(?:client\.|ctx\.|parser\.)?(\w+)(?:\.(\w+))?(?:\([^`]*\))?`/g),
  ]
    .flatMap(([, first, second]) => [first, second])
    .filter((name): name is string => name !== undefined);
  expect(names.length).toBeGreaterThan(40);
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(source))).toEqual([]);
});
