import { asText } from '../lib/bytes';
import type { Argv, Subcommand } from './command';

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
