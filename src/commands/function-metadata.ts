/** What COMMAND and FUNCTION HELP tell of FUNCTION's subcommands. */
import type { Subcommand } from '../engine/command';

export const functionSubcommands: readonly Subcommand[] = [
  {
    name: 'flush',
    arity: -2,
    flags: ['write', 'noscript'],
    since: '7.0.0',
    summary: 'Deleting all functions',
    complexity: 'O(N) where N is the number of functions deleted',
    tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  },
  {
    name: 'help',
    arity: 2,
    flags: ['loading', 'stale'],
    since: '7.0.0',
    summary: 'Show helpful text about the different subcommands',
    complexity: 'O(1)',
  },
  {
    name: 'list',
    arity: -2,
    flags: ['noscript'],
    since: '7.0.0',
    summary: 'List information about all the functions',
    complexity: 'O(N) where N is the number of functions',
    tips: ['nondeterministic_output_order'],
  },
  {
    name: 'stats',
    arity: 2,
    flags: ['noscript', 'allow_busy'],
    since: '7.0.0',
    summary:
      'Return information about the function currently running (name, description, duration)',
    complexity: 'O(1)',
    tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
  },
];

export const functionHelp: readonly string[] = [
  'LIST [LIBRARYNAME PATTERN] [WITHCODE]',
  '    Return general information on all the libraries:',
  '    * Library name',
  '    * The engine used to run the Library',
  '    * Library description',
  '    * Functions list',
  '    * Library code (if WITHCODE is given)',
  '    It also possible to get only function that matches a pattern using LIBRARYNAME argument.',
  'STATS',
  '    Return information about the current function running:',
  '    * Function name',
  '    * Command used to run the function',
  '    * Duration in MS that the function is running',
  '    If no function is running, return nil',
  '    In addition, returns a list of available engines.',
  'FLUSH [ASYNC|SYNC]',
  '    Delete all the libraries.',
  '    When called without the optional mode argument, the behavior is determined by the',
  '    lazyfree-lazy-user-flush configuration directive. Valid modes are:',
  '    * ASYNC: Asynchronously flush the libraries.',
  '    * SYNC: Synchronously flush the libraries.',
];
