/** Links between the written pages lead somewhere. */
import { posix } from 'node:path';
import { exists, readPage } from './pages';

const pages = [
  'README.md',
  'docs/configuration.md',
  'docs/differences.md',
  'docs/stores.md',
  'docs/reading-the-source.md',
  'docs/development.md',
  'docs/testing-with-goredis.md',
  'examples/testing/README.md',
];

it.each(pages)('%s links only to files that there are', (path) => {
  const links = [...readPage(path).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to]) => to!);
  const broken = links.filter((to) => !exists(posix.join(posix.dirname(path), to)));
  expect(broken).toEqual([]);
});
