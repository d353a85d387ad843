import type { Command, KeyPositions } from '../engine/command';

/** Defines a command. The list at the end of each family's file is what the registry reads. */
export function defineCommand(command: Omit<Command, 'onlyReads'>): Command {
  const { barrier, findKeys, flags, keyFlags, keys } = command;
  const hasKeys = keys !== undefined || findKeys !== undefined;
  const isRead = flags.includes('readonly') && keyFlags?.includes('not_key') !== true;
  return { ...command, onlyReads: hasKeys && isRead && barrier !== true };
}

/** `COMMAND key ...` */
export const firstKey: KeyPositions = { first: 1, last: 1, step: 1 };
/** `COMMAND key key ...` with two keys. */
export const twoKeys: KeyPositions = { first: 1, last: 2, step: 1 };
/** `COMMAND key [key ...]` */
export const allKeys: KeyPositions = { first: 1, last: -1, step: 1 };
/** `COMMAND key value [key value ...]` */
export const everySecondKey: KeyPositions = { first: 1, last: -1, step: 2 };
