/**
 * Containers: commands whose first argument is a subcommand (CLIENT, CONFIG, COMMAND, OBJECT).
 *
 * The gate calls `checkSubcommand` before a command runs or is queued, because an unknown
 * subcommand or a wrong number of arguments poisons a transaction as any other does.
 * Source: commandCheckExistence, commandCheckArity in Redis's server.c
 */
import { genericError, unknownSubcommand, wrongArity, type ReplyError } from '../errors';
import { array, simple, type Reply } from '../protocol/reply';
import type { Context } from '../engine/context';
import type { Argv, Command, Subcommand } from '../engine/command';
import { findSubcommand } from '../engine/subcommand';
import { printedText } from './args';

export type SubcommandRun = (ctx: Context, argv: Argv) => Reply;

/** Whether a request of `length` arguments, the name included, has the right number of them. */
export function arityFits(arity: number, length: number): boolean {
  return arity >= 0 ? length === arity : length >= -arity;
}

/**
 * Checks the subcommand of a request whose own arity is right. Does nothing for commands without
 * subcommands and for a container's name alone (`COMMAND`).
 * @throws ReplyError unknown subcommand, or wrong number of arguments for it
 */
export function checkSubcommand(
  command: Pick<Command, 'name' | 'subcommands'>,
  argv: Argv,
): Subcommand | undefined {
  if (command.subcommands === undefined || argv.length === 1) return undefined;
  const found = findSubcommand(command.subcommands, argv);
  if (!found) throw unknownSubcommand(command.name, printedText(argv, 1));
  if (!arityFits(found.arity, argv.length)) throw wrongArity(`${command.name}|${found.name}`);
  return found;
}

/**
 * The `run` of a container: checks the subcommand and hands the whole argv to its handler.
 * @param handlers by lower-case name, one for each subcommand
 * @param alone answers the container's name without a subcommand, where its arity allows that
 */
export function runSubcommands(
  name: string,
  subcommands: readonly Subcommand[],
  handlers: Readonly<Record<string, SubcommandRun>>,
  alone?: SubcommandRun,
): Command['run'] {
  const runs = new Map(Object.entries(handlers));
  for (const { name: sub } of subcommands) {
    if (!runs.has(sub)) throw new TypeError(`${name}|${sub} has no handler`);
  }
  if (runs.size !== subcommands.length) throw new TypeError(`${name}: a handler too many`);
  const container = { name, subcommands };
  return (ctx, argv) => {
    const subcommand = checkSubcommand(container, argv);
    const run = subcommand ? runs.get(subcommand.name) : alone;
    if (!run) throw wrongArity(name);
    return run(ctx, argv);
  };
}

/**
 * For a number of arguments that the subcommand's arity allows and the subcommand does not.
 * Source: addReplySubcommandSyntaxError in Redis's networking.c
 */
export function subcommandSyntax(container: string, argv: Argv): ReplyError {
  const sub = printedText(argv, 1).slice(0, 128);
  return genericError(
    `unknown subcommand or wrong number of arguments for '${sub}'. Try ${container.toUpperCase()} HELP.`,
  );
}

/**
 * The reply to a container's HELP. `lines` without the first one and without those on HELP itself.
 * Source: addReplyHelp in Redis's networking.c
 */
export function helpReply(name: string, lines: readonly string[]): Reply {
  return array(
    [
      `${name.toUpperCase()} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
      ...lines,
      'HELP',
      '    Prints this help.',
    ].map(simple),
  );
}
