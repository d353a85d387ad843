/** Persistence, replication, modules, functions, cluster and users: a server that has none of them. */
import type { OracleCase } from '../oracle';
import { lines } from '../script';

const both: readonly (2 | 3)[] = [2, 3];

export const cases: readonly OracleCase[] = [
  ...both.map((protocol): OracleCase => ({
    title: `FUNCTION, ACL and ROLE answer as where nothing was set up, in RESP${protocol}`,
    protocol,
    script: lines(`
      FUNCTION STATS
      FUNCTION LIST
      FUNCTION LIST LIBRARYNAME a* WITHCODE
      ACL GETUSER default
      ACL GETUSER bob
      ACL LIST
      ACL USERS
      ACL WHOAMI
      ACL CAT
      ROLE
      MODULE LIST
    `),
  })),
  {
    title: 'FUNCTION refuses what it does not know',
    script: lines(`
      FUNCTION
      FUNCTION FLUSH
      FUNCTION FLUSH async
      FUNCTION FLUSH SYNC
      FUNCTION FLUSH foo
      FUNCTION FLUSH SYNC x
      FUNCTION LIST foo
      FUNCTION LIST WITHCODE WITHCODE
      FUNCTION LIST LIBRARYNAME
      FUNCTION LIST LIBRARYNAME a LIBRARYNAME b
      FUNCTION STATS x
      FUNCTION nosuch
    `),
  },
  {
    title: 'ACL and MODULE refuse what they do not know',
    script: lines(`
      ACL
      ACL nosuch
      ACL CAT foo
      ACL CAT read x
      ACL GETUSER
      ACL WHOAMI x
      ACL LIST x
      MODULE LIST x
      MODULE nosuch
    `),
  },
  {
    title: 'HELP of what is all there, and no arguments to it',
    script: ['CLUSTER', 'COMMAND', 'CONFIG', 'LATENCY', 'MEMORY', 'OBJECT', 'PUBSUB', 'SLOWLOG']
      .flatMap((name) => [
        [name, 'HELP'],
        [name, 'HELP', 'x'],
        [name, 'nosuch', 'a'],
      ])
      .concat(
        ['ACL', 'CLIENT', 'FUNCTION', 'MODULE'].flatMap((name) => [
          ...[[name], [name, 'HELP', 'x'], [name, 'nosuch', 'a']],
        ]),
      ),
  },
  {
    title: 'ROLE, WAIT, READONLY and LASTSAVE refuse what they do not know',
    script: lines(`
      ROLE x
      WAIT
      WAIT 0 0
      WAIT -1 0
      WAIT 1 0 x
      WAIT x 0
      WAIT 0 x
      WAIT 0 -1
      REPLICAOF
      REPLICAOF NO
      REPLICAOF NO ONE x
      SLAVEOF no one
      REPLICAOF host notaport
      REPLICAOF host 70000
      REPLICAOF host -1
      LASTSAVE x
      SAVE x
      BGSAVE x
      BGREWRITEAOF x
      READONLY x
      READWRITE x
      ASKING x
    `),
  },
  {
    title: 'ACL CAT of a category whose commands are all there',
    compare: 'sorted',
    script: lines(`
      ACL CAT transaction
      ACL CAT TRANSACTION
    `),
  },
  {
    title: 'CLUSTER is disabled',
    script: lines(`
      CLUSTER
      CLUSTER INFO
      CLUSTER HELP
      CLUSTER NODES
      CLUSTER NODES x
      CLUSTER KEYSLOT
      CLUSTER KEYSLOT a
      CLUSTER nosuch
      CLUSTER SLOTS
      CLUSTER COUNT-FAILURE-REPORTS a
      READONLY
      READWRITE
      ASKING
      READONLY x
      MULTI
      CLUSTER INFO
      READONLY
      EXEC
    `),
  },
  {
    title: 'WAIT answers at once',
    script: lines(`
      WAIT 0 0
      WAIT 0 100
      WAIT -1 1
      WAIT x 1
      WAIT 1 x
      WAIT x x
      WAIT 1 -1
      WAIT 1
      MULTI
      SET a 1
      WAIT 0 0
      EXEC
    `),
  },
  {
    title: 'REPLICAOF NO ONE, and what is no server',
    script: lines(`
      REPLICAOF NO ONE
      replicaof no one
      SLAVEOF NO ONE
      REPLICAOF a b
      REPLICAOF NO TWO
      REPLICAOF a 65536
      REPLICAOF a -1
      REPLICAOF NO
      SLAVEOF a b
    `),
  },
  {
    title: 'LASTSAVE is a number, and SAVE has no place in MULTI',
    compare: 'shape',
    script: lines(`
      LASTSAVE
      LASTSAVE x
      SAVE x
      BGSAVE foo
      BGSAVE SCHEDULE x
      MULTI
      SAVE
      EXEC
    `),
  },
  {
    title: 'SHUTDOWN that is refused',
    script: lines(`
      SHUTDOWN foo
      SHUTDOWN NOSAVE foo
      SHUTDOWN SAVE NOSAVE
      SHUTDOWN nosave now force save
      SHUTDOWN ABORT
      SHUTDOWN abort abort
      SHUTDOWN ABORT NOW
      SHUTDOWN FORCE ABORT
      MULTI
      SHUTDOWN
      EXEC
    `),
  },
];
