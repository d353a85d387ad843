/** docs/differences.md: its form, the tests it names, and the commands it says are missing. */
import { allCommands } from '../../src/commands/registry';
import { connectRaw } from '../support/raw-client';
import { startRedisServer } from '../support/redis-server';
import { parseReply } from '../oracle/compare';
import { hasTitle, readPage } from './pages';

const page = readPage('docs/differences.md');
const differences = page
  .split(/^### /m)
  .slice(1)
  .map((text) => {
    const [title = '', ...lines] = text.split(/^## /m)[0]!.split('\n');
    return { title, text: lines.join('\n') };
  });

describe('docs/differences.md', () => {
  it.each(differences)('says what both do, why, and names the test: $title', ({ text }) => {
    const labels = [...text.matchAll(/^- (\w+): \S/gm)].map(([, label]) => label);
    expect(labels.slice(0, 4)).toEqual(['Redis', 'goredis', 'Why', 'Test']);
    expect(labels.slice(4)).toEqual(labels.slice(4).map(() => 'Test'));
  });

  it.each(differences)('names tests that there are: $title', ({ text }) => {
    const lines = text.split('\n').filter((line) => line.startsWith('- Test: '));
    for (const line of lines) {
      const [, path = '', title = ''] = /^- Test: `([^`]+)`, "(.+)"$/.exec(line) ?? [];
      expect({ line, found: hasTitle(path, title) }).toEqual({ line, found: true });
    }
  });

  it('names every command whose metadata says that it differs', () => {
    const named = allCommands.flatMap(({ name, difference, subcommands = [] }) => [
      ...(difference === undefined ? [] : [name]),
      ...subcommands
        .filter((sub) => sub.difference !== undefined)
        .map((sub) => `${name} ${sub.name}`),
    ]);
    const missing = named.filter((name) => !page.includes(`\`${name.toUpperCase()}\``));
    expect(named.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });

  it('lists the commands and subcommands of Redis that goredis does not have yet', async () => {
    const redis = await startRedisServer();
    const client = await connectRaw(redis.port);
    const tree = parseReply(await client.command('COMMAND', 'LIST'));
    client.destroy();
    await redis.stop();
    if (typeof tree === 'string') throw new Error(tree);
    const theirs = tree.items.map((item) => String(item).slice(1).replace('|', ' ').toUpperCase());
    const ours = new Set(
      allCommands.flatMap(({ name, subcommands = [] }) => [
        name.toUpperCase(),
        ...subcommands.map((sub) => `${name} ${sub.name}`.toUpperCase()),
      ]),
    );
    // A container that is missing stands for its subcommands.
    const missing = theirs.filter(
      (name) => !ours.has(name) && (!name.includes(' ') || ours.has(name.split(' ')[0]!)),
    );
    const section = /^## Commands that are not here yet\n([^]*?)(?=^## )/m.exec(page)?.[1] ?? '';
    const rows = [...section.matchAll(/^\| [^|`]+\|([^|]*)\|/gm)];
    const listed = rows.flatMap(([, names = '']) =>
      [...names.matchAll(/`([A-Z_ -]+)`/g)].map(([, name]) => name),
    );
    expect(listed.sort()).toEqual(missing.sort());
  });
});
