/** Without a password; test/server/auth.test.ts has the cases with one, and those of HELLO's reply. */
import type { OracleCase, Request } from '../oracle';

const large = Buffer.alloc(100_000, 'x');
const binary = '\x00\xff\r\n';

export const cases: readonly OracleCase[] = [
  {
    title: 'PING and ECHO answer what they are given',
    script: [
      ['PING'],
      ['ping', 'a'],
      ['PiNg', ''],
      ['PING', binary],
      ['PING', large],
      ['PING', 'a', 'b'],
      ['ECHO', 'a'],
      ['ECHO', ''],
      ['ECHO', binary],
      ['ECHO', large],
      ['ECHO'],
      ['ECHO', 'a', 'b'],
    ],
  },
  {
    title: 'SELECT takes the number of a database and nothing else',
    script: [
      ...['0', '15', '16', '-1', '', 'x', '1.0', ' 1', '01', '+1', '-0', '1\x00', '1e1'],
      ...['2147483647', '2147483648', '-2147483648', '-2147483649'],
      ...['9223372036854775807', '9223372036854775808', '1'.repeat(100)],
    ].map((db): Request => ['SELECT', db]),
  },
  {
    title: 'SELECT changes what later commands see',
    script: [
      ['SET', 'a', '0'],
      ['SELECT', '1'],
      ['GET', 'a'],
      ['SET', 'a', '1'],
      ['SELECT', '99'],
      ['GET', 'a'],
      ['SELECT', '0'],
      ['GET', 'a'],
      ['SELECT'],
      ['SELECT', '1', '2'],
    ],
  },
  {
    title: 'without a password only the user default exists, with any password',
    script: [
      ['AUTH'],
      ['AUTH', 'x'],
      ['AUTH', ''],
      ['AUTH', 'default', 'x'],
      ['AUTH', 'default', ''],
      ['AUTH', 'DEFAULT', 'x'],
      ['AUTH', 'x', 'x'],
      ['AUTH', '', ''],
      ['AUTH', 'a', 'b', 'c'],
      ['PING'],
    ],
  },
  {
    title: 'HELLO refuses what it cannot do',
    script: [
      ...['x', '', '1', '4', '0', '-1', '3 ', '03', '3.0'],
      ...['9223372036854775807', '9223372036854775808'],
    ].map((version): Request => ['HELLO', version]),
  },
  {
    title: 'HELLO refuses options that are not there or not whole',
    script: [
      ['HELLO', '2', 'x'],
      ['HELLO', '2', "a'b\x00c"],
      ['HELLO', '2', 'a\r\nb'],
      ['HELLO', '2', 'AUTH'],
      ['HELLO', '2', 'AUTH', 'default'],
      ['HELLO', '2', 'SETNAME'],
      ['HELLO', '2', 'auth', 'x', 'y'],
      ['HELLO', '4', 'SETNAME', 'a b'],
      ['HELLO', '2', 'SETNAME', 'a b'],
      ['HELLO', '2', 'AUTH', 'default', 'x', 'SETNAME', 'a\x80'],
      ['HELLO', '2', '2'],
    ],
  },
  {
    title: 'HELLO sets the name before it finds that something else is wrong',
    script: [
      ['HELLO', '3', 'SETNAME', 'one', 'AUTH', 'nobody', 'x'],
      ['CLIENT', 'GETNAME'],
      ['HELLO', '3', 'SETNAME', 'two', 'NOSUCH'],
      ['CLIENT', 'GETNAME'],
      ['HELLO', '3', 'NOSUCH', 'SETNAME', 'three'],
      ['CLIENT', 'GETNAME'],
      ['GET', 'absent'],
    ],
  },
  {
    title: 'CLIENT SETNAME takes printable ASCII without spaces',
    script: ['a', 'a~!', '', 'a b', ' ', 'a\n', 'a\x00b', '\x80', '\x7f', '\x1f', 'x'.repeat(5000)]
      .flatMap((name): Request[] => [
        ['CLIENT', 'SETNAME', name],
        ['CLIENT', 'GETNAME'],
      ])
      .concat([
        ['CLIENT', 'SETNAME', ''],
        ['CLIENT', 'GETNAME'],
      ]),
  },
  {
    title: 'CLIENT refuses unknown subcommands and wrong numbers of arguments',
    script: [
      ['CLIENT'],
      ['CLIENT', ''],
      ['CLIENT', 'nosuch'],
      ['client', 'NoSuch', 'a'],
      ['CLIENT', 'a\x00b'],
      ['CLIENT', 'a\r\nb'],
      ['CLIENT', 'x'.repeat(200)],
      ['CLIENT', 'GETNAME', 'x'],
      ['CLIENT', 'ID', 'x'],
      ['CLIENT', 'SETNAME'],
      ['CLIENT', 'SETNAME', 'a', 'b'],
      ['client', 'HELP', 'x'],
    ],
  },
  {
    title: 'CLIENT ID is a number',
    compare: 'shape',
    script: [
      ['CLIENT', 'ID'],
      ['client', 'id'],
    ],
  },
  {
    title: 'RESET brings a connection back to its beginning',
    script: [
      ['SELECT', '3'],
      ['CLIENT', 'SETNAME', 'x'],
      ['SET', 'a', '3'],
      ['RESET'],
      ['CLIENT', 'GETNAME'],
      ['GET', 'a'],
      ['RESET', 'x'],
      ['reset'],
    ],
  },
  {
    title: 'QUIT closes after its reply, and what follows is not run',
    script: [['SET', 'a', '1'], ['QUIT'], ['SET', 'a', '2']],
  },
  { title: 'QUIT does not mind arguments', script: [['QUIT', 'a', 'b'], ['PING']] },
  {
    title: 'unknown commands are shown with the begin of their arguments',
    script: [
      ['nosuch'],
      ['nosuch', 'a', 'b c'],
      ['', 'a'],
      ['x'.repeat(200), 'a'],
      ['nosuch', 'x'.repeat(100), 'y'.repeat(100), 'z'],
      ['nosuch', 'x'.repeat(127), 'y', 'z'],
      ['no\x00such', 'a\x00b', '\r\n', '\xff'],
      ['a\r\nb'],
      ['get|x', 'a'],
    ],
  },
];
