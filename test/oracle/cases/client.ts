/** CLIENT's administration, as far as its replies are alike on every connection. */
import type { OracleCase, Request } from '../oracle';
import { lines } from '../script';

const both: readonly (2 | 3)[] = [2, 3];

export const cases: readonly OracleCase[] = [
  ...both.map((protocol): OracleCase => ({
    title: `CLIENT tells of a connection without tracking in RESP${protocol}`,
    protocol,
    script: lines(`
      CLIENT GETREDIR
      CLIENT TRACKINGINFO
      CLIENT CACHING YES
      CLIENT TRACKING OFF
      CLIENT TRACKING OFF BCAST optin OPTOUT NOLOOP PREFIX a PREFIX b
      CLIENT TRACKING OFF REDIRECT 999999
      CLIENT TRACKING OFF REDIRECT x
      CLIENT TRACKING OFF REDIRECT
      CLIENT TRACKING OFF foo
      CLIENT TRACKING ON foo
      CLIENT TRACKING foo
      CLIENT GETREDIR x
      CLIENT TRACKINGINFO x
    `),
  })),
  {
    title: 'CLIENT LIST refuses what it does not know',
    script: lines(`
      CLIENT LIST TYPE foo
      CLIENT LIST TYPE
      CLIENT LIST TYPE master
      CLIENT LIST type replica
      CLIENT LIST TYPE slave
      CLIENT LIST TYPE pubsub
      CLIENT LIST TYPE normal x
      CLIENT LIST ID
      CLIENT LIST ID x
      CLIENT LIST ID 999999 x
      CLIENT LIST ID 999999 888888
      CLIENT LIST ID -1
      CLIENT LIST foo
      CLIENT LIST foo bar
      CLIENT INFO x
    `),
  },
  {
    title: 'CLIENT KILL that finds nobody',
    script: lines(`
      CLIENT KILL
      CLIENT KILL 1.1.1.1:1
      CLIENT KILL id
      CLIENT KILL foo bar
      CLIENT KILL ID x
      CLIENT KILL ID 0
      CLIENT KILL ID -1
      CLIENT KILL ID 999999
      CLIENT KILL ID 999999 SKIPME no
      CLIENT KILL ID 999999 SKIPME
      CLIENT KILL ID 999999 SKIPME foo
      CLIENT KILL TYPE foo
      CLIENT KILL TYPE pubsub
      CLIENT KILL TYPE master SKIPME yes
      CLIENT KILL USER bob
      CLIENT KILL USER default ID 999999
      CLIENT KILL ADDR 1.1.1.1:1
      CLIENT KILL LADDR 1.1.1.1:1
      CLIENT KILL ADDR 1.1.1.1:1 LADDR 1.1.1.1:1 ID 5 TYPE normal
      CLIENT KILL ADDR
    `),
  },
  {
    title: 'CLIENT KILL of the connection itself answers first',
    script: lines(`
      CLIENT KILL TYPE normal SKIPME no USER default ID 999999
      CLIENT SETNAME x
    `),
  },
  {
    title: 'CLIENT NO-EVICT, UNBLOCK and REPLY refuse what they do not know',
    script: lines(`
      CLIENT NO-EVICT
      CLIENT NO-EVICT x
      CLIENT NO-EVICT on
      CLIENT NO-EVICT OFF
      CLIENT UNBLOCK
      CLIENT UNBLOCK 999999
      CLIENT UNBLOCK 999999 TIMEOUT
      CLIENT UNBLOCK 999999 error
      CLIENT UNBLOCK 999999 foo
      CLIENT UNBLOCK x
      CLIENT UNBLOCK x foo
      CLIENT UNBLOCK 999999 error x
      CLIENT REPLY
      CLIENT REPLY foo
      CLIENT REPLY ON
    `),
  },
  {
    title: 'CLIENT PAUSE refuses what is no time',
    script: lines(`
      CLIENT PAUSE
      CLIENT PAUSE x
      CLIENT PAUSE -1
      CLIENT PAUSE 10 foo
      CLIENT PAUSE x foo
      CLIENT PAUSE 1 ALL x
      CLIENT PAUSE 0
      CLIENT PAUSE 0 write
      CLIENT PAUSE 9223372036854775808
      CLIENT PAUSE 9223372036854775807
      PING
      CLIENT PAUSE 9223372036854775807 WRITE
      SET k v
      CLIENT PAUSE 1
      SET a 1
      CLIENT UNPAUSE
      CLIENT UNPAUSE x
    `),
  },
  {
    title: 'CLIENT PAUSE inside MULTI is queued',
    script: lines(`
      MULTI
      CLIENT PAUSE 20 WRITE
      SET a 1
      CLIENT UNPAUSE
      SET a 2
      EXEC
      SET a 3
      GET a
    `),
  },
  {
    title: 'CLIENT HELP of subcommands refuses arguments',
    script: ['INFO', 'UNPAUSE', 'TRACKINGINFO', 'GETREDIR'].map((name): Request => [
      'CLIENT',
      name,
      'x',
      'y',
    ]),
  },
];
