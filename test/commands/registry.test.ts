import { firstKey, twoKeys } from '../../src/commands/command';
import { CommandRegistry, allCommands, createRegistry } from '../../src/commands/registry';
import type { Command } from '../../src/engine/command';
import { keyIndexes } from '../../src/engine/keys';

const base: Command = {
  onlyReads: false,
  name: 'x',
  arity: 2,
  flags: [],
  group: 'generic',
  since: '1.0.0',
  summary: '',
  complexity: '',
  run: () => '+OK\r\n',
};

function creating(...commands: Partial<Command>[]): () => CommandRegistry {
  return () => new CommandRegistry(commands.map((command) => ({ ...base, ...command })));
}

describe('the command registry', () => {
  it('finds every command by its lower-case name', () => {
    const registry = createRegistry();
    for (const command of allCommands) expect(registry.get(command.name)).toBe(command);
    expect(registry.get('GET')).toBeUndefined();
    expect(registry.get('nosuch')).toBeUndefined();
    expect(registry.all()).toEqual(allCommands);
  });

  it.each<[string, Partial<Command>[], string]>([
    ['a name twice', [{}, {}], 'x is defined twice'],
    ['an upper-case name', [{ name: 'X' }], "'X' is no command name"],
    ['no room for the name', [{ arity: 0 }], 'x: arity 0 is too small'],
    [
      'a key beyond the arguments',
      [{ keys: twoKeys, keyFlags: ['RO'] }],
      'x: impossible key positions',
    ],
    [
      'the name as a key',
      [{ keys: { first: 0, last: 0, step: 1 }, keyFlags: ['RO'] }],
      'x: impossible key positions',
    ],
    [
      'keys that do not move on',
      [{ keys: { first: 1, last: -1, step: 0 }, keyFlags: ['RO'] }],
      'x: impossible key positions',
    ],
    ['keys without flags', [{ keys: firstKey }], 'x: keys without flags'],
    [
      'a last key that is the first',
      [{ keys: firstKey, keyFlags: ['RO'], lastKeyFlags: ['OW'] }],
      'x: no last key of its own',
    ],
    ['a subcommand twice', [{ arity: -2, subcommands: [base, base] }], 'x|x is defined twice'],
    [
      'a subcommand without room for its name',
      [{ arity: -2, subcommands: [{ ...base, arity: 1 }] }],
      'x|x: arity 1 is too small',
    ],
  ])('refuses %s', (_title, commands, text) => {
    expect(creating(...commands)).toThrow(new TypeError(text));
  });
});

describe('the positions of keys', () => {
  const registry = createRegistry();

  it.each([
    ['get a', [1]],
    ['mget a b c', [1, 2, 3]],
    ['mset a 1 b 2', [1, 3]],
    ['mset a 1 b', [1, 3]],
    ['rename a b', [1, 2]],
    ['rename a', [1]],
    ['object encoding a', [2]],
    ['OBJECT Encoding a', [2]],
    ['object help', []],
    ['object nosuch a', []],
    ['object', []],
    ['get', []],
    ['ping a', []],
    ['client setname a', []],
  ])('of %s', (line, expected) => {
    const argv = line.split(' ');
    expect(keyIndexes(registry.get(argv[0]!.toLowerCase())!, argv)).toEqual(expected);
  });
});
