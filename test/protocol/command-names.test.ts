import { CommandNames } from '../../src/protocol/command-names';

describe('the table of command names', () => {
  const names = new CommandNames<number>();
  const count = 500;
  for (let i = 0; i < count; i++) names.add(`Cmd${i}`, i, { first: 1, last: -1, step: 2 });
  const find = (name: string): ReturnType<typeof names.find> =>
    names.find(Buffer.from(`xx${name}yy`), 2, 2 + name.length);

  it('finds each name in upper and in lower case, with its spelling and keys', () => {
    for (let i = 0; i < count; i++) {
      const found = { command: i, keyFirst: 1, keyLast: -1, keyStep: 2 };
      expect(find(`cmd${i}`)).toEqual({ ...found, spelling: `cmd${i}` });
      expect(find(`CMD${i}`)).toEqual({ ...found, spelling: `CMD${i}` });
    }
  });

  it('finds any other spelling by text only', () => {
    expect(find('cMd7')).toBeUndefined();
    expect(names.get('cMd7')?.command).toBe(7);
  });

  it('finds nothing for other names', () => {
    for (const name of ['', 'cmd', `cmd${count}`, 'cmd07', 'CMD7 ', '\xffmd7']) {
      expect(find(name)).toBeUndefined();
      expect(names.get(name)).toBeUndefined();
    }
  });

  it('takes the last of two commands of one name', () => {
    const two = new CommandNames<string>();
    two.add('ping', 'a');
    two.add('PING', 'b');
    expect(two.find(Buffer.from('ping'), 0, 4)).toEqual({
      spelling: 'ping',
      command: 'b',
      keyFirst: 0,
      keyLast: 0,
      keyStep: 0,
    });
    expect(two.get('Ping')?.command).toBe('b');
  });
});
