import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandsMarkdown } from '../../src/commands/markdown';
import { allCommands } from '../../src/commands/registry';

const path = join(__dirname, '../../docs/commands.md');

describe('docs/commands.md', () => {
  it('is what the command table says (if not: npm run docs)', () => {
    expect(readFileSync(path, 'utf8')).toBe(commandsMarkdown());
  });

  it('has a row for every command and subcommand', () => {
    const names = allCommands.flatMap(({ name, subcommands = [] }) => [
      name,
      ...subcommands.map((subcommand) => `${name} ${subcommand.name}`),
    ]);
    const rows = [...commandsMarkdown().matchAll(/^\| `([A-Z. -]+)`/gm)].map(([, name]) => name);
    expect(rows.sort()).toEqual(names.map((name) => name.toUpperCase()).sort());
  });
});
