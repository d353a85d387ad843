import { asText } from '../lib/bytes';
import type { Argv, Command, CommandMetadata, Subcommand } from './command';

/** The subcommand that argv names, whatever its case; undefined if there is none. */
export function findSubcommand(
  subcommands: readonly Subcommand[],
  argv: Argv,
): Subcommand | undefined {
  const arg = argv[1];
  if (arg === undefined) return undefined;
  const name = asText(arg).toLowerCase();
  return subcommands.find((subcommand) => subcommand.name === name);
}

/** What is known of the request: its subcommand's metadata, or its command's. */
export function metadataOf(command: Command, argv: Argv): CommandMetadata {
  const { subcommands } = command;
  return (subcommands && findSubcommand(subcommands, argv)) ?? command;
}
