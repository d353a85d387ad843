import { asText } from '../lib/bytes';
import type { Key } from '../store/record';
import type { Argv, Command, KeyPositions } from './command';

/**
 * The positions of a request's keys in argv, in order. Positions beyond the end are left out, so
 * that it may be called before arity is checked. A container's keys are those of its subcommand.
 */
export function keyIndexes(command: Command, argv: Argv): readonly number[] {
  if (command.findKeys) return command.findKeys(argv);
  if (command.keys) return rangeIndexes(command.keys, argv.length);
  if (command.subcommands === undefined || argv.length < 2) return [];
  const name = asText(argv[1]!).toLowerCase();
  const subcommand = command.subcommands.find((candidate) => candidate.name === name);
  return subcommand?.keys ? rangeIndexes(subcommand.keys, argv.length) : [];
}

function rangeIndexes({ first, last, step }: KeyPositions, length: number): readonly number[] {
  const end = Math.min(last < 0 ? length + last : last, length - 1);
  const indexes: number[] = [];
  for (let at = first; at <= end; at += step) indexes.push(at);
  return indexes;
}

/** The key at a position that arity has checked. */
export function keyAt(argv: Argv, index: number): Key {
  return asText(argv[index]!);
}
