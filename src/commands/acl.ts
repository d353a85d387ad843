/** ACL, as far as one user without rules needs it. */
import { genericError } from '../errors';
import { bulkArray, bulkText, emptyArray, type Reply } from '../protocol/reply';
import type { Argv, Subcommand } from '../engine/command';
import type { Context } from '../engine/context';
import { printedText, textAt } from './args';
import { categoriesOf, categoryOrder, describeCommand, describeSubcommands } from './command-info';
import { defineCommand } from './command';
import { helpReply, runSubcommands, subcommandSyntax } from './subcommands';

/** The one user there is. */
const DEFAULT_USER = 'default';

const aclSubcommands: readonly Subcommand[] = [
  {
    name: 'cat',
    arity: -2,
    flags: ['noscript', 'loading', 'stale'],
    since: '6.0.0',
    summary: 'List the ACL categories or the commands inside a category',
    complexity: 'O(1) since the categories and commands are a fixed set.',
  },
  {
    name: 'getuser',
    arity: 3,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    since: '6.0.0',
    summary: 'Get the rules for a specific ACL user',
    complexity:
      'O(N). Where N is the number of password, command and pattern rules that the user has.',
    history: [
      ['6.2.0', 'Added Pub/Sub channel patterns.'],
      [
        '7.0.0',
        'Added selectors and changed the format of key and channel patterns from a list to their rule representation.',
      ],
    ],
  },
  {
    name: 'help',
    arity: 2,
    flags: ['loading', 'stale'],
    since: '6.0.0',
    summary: 'Show helpful text about the different subcommands',
    complexity: 'O(1)',
  },
  {
    name: 'list',
    arity: 2,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    since: '6.0.0',
    summary: 'List the current ACL rules in ACL config file format',
    complexity: 'O(N). Where N is the number of configured users.',
  },
  {
    name: 'users',
    arity: 2,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    since: '6.0.0',
    summary: 'List the username of all the configured ACL rules',
    complexity: 'O(N). Where N is the number of configured users.',
  },
  {
    name: 'whoami',
    arity: 2,
    flags: ['noscript', 'loading', 'stale'],
    since: '6.0.0',
    summary: 'Return the name of the user associated to the current connection',
    complexity: 'O(1)',
  },
];

const aclHelp = [
  'CAT [<category>]',
  '    List all commands that belong to <category>, or all command categories',
  '    when no category is specified.',
  'GETUSER <username>',
  "    Get the user's details.",
  'LIST',
  '    Show users details in config file format.',
  'USERS',
  '    List all the registered usernames.',
  'WHOAMI',
  '    Return the current connection username.',
];

/** ACL CAT [category]: the categories, or the commands of one, in the order of the command table. */
function cat({ server }: Context, argv: Argv): Reply {
  if (argv.length > 3) throw subcommandSyntax('acl', argv);
  if (argv.length === 2) return bulkArray(categoryOrder);
  const category = textAt(argv, 2);
  if (!categoryOrder.includes(category.toLowerCase())) {
    throw genericError(`Unknown category '${printedText(argv, 2)}'`);
  }
  const described = server.commands
    .all()
    .flatMap((command) => [describeCommand(command), ...describeSubcommands(command)]);
  const found = described.filter((each) => categoriesOf(each).includes(category.toLowerCase()));
  return bulkArray(found.map(({ fullName }) => fullName));
}

function getUser({ form, server }: Context, argv: Argv): Reply {
  if (textAt(argv, 2) !== DEFAULT_USER) return form.nil;
  const flags = server.authRequired ? ['on'] : ['on', 'nopass'];
  const passwords = server.authRequired ? [server.passwordHash] : [];
  return form.map([
    bulkText('flags'),
    form.set(flags.map(bulkText)),
    bulkText('passwords'),
    bulkArray(passwords),
    bulkText('commands'),
    bulkText('+@all'),
    bulkText('keys'),
    bulkText('~*'),
    bulkText('channels'),
    bulkText('&*'),
    bulkText('selectors'),
    emptyArray,
  ]);
}

function list({ server }: Context): Reply {
  const password = server.authRequired ? `#${server.passwordHash}` : 'nopass';
  return bulkArray([`user ${DEFAULT_USER} on ${password} ~* &* +@all`]);
}

/**
 * ACL CAT [category] | GETUSER username | HELP | LIST | USERS | WHOAMI
 *
 * The only user is `default`, who may do everything. A user that does not exist is nil.
 * Source: https://redis.io/docs/latest/commands/acl-getuser/
 */
export const aclCommand = defineCommand({
  name: 'acl',
  arity: -2,
  flags: [],
  group: 'server',
  since: '6.0.0',
  summary: 'A container for Access List Control commands ',
  complexity: 'Depends on subcommand.',
  subcommands: aclSubcommands,
  run: runSubcommands('acl', aclSubcommands, {
    cat,
    getuser: getUser,
    help: () => helpReply('acl', aclHelp),
    list,
    users: () => bulkArray([DEFAULT_USER]),
    whoami: () => bulkText(DEFAULT_USER),
  }),
});
