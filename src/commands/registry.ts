/** All commands, by family. */
import type { Command, CommandMetadata } from '../engine/command';
import type { CommandTable } from '../engine/ports';
import { absent } from './absent';
import { aclCommand } from './acl';
import { client } from './client';
import { connection } from './connection';
import { expiry } from './expiry';
import { hashes } from './hashes';
import { keys } from './keys';
import { lists } from './lists';
import { object } from './object';
import { pubsub } from './pubsub';
import { scan } from './scan';
import { server } from './server';
import { strings } from './strings';
import { transactions } from './transactions';

/** In the order of docs/commands.md. */
export const families: readonly (readonly [title: string, commands: readonly Command[]])[] = [
  ['Strings', strings],
  ['Hashes', hashes],
  ['Lists', lists],
  ['Keys', [...keys, ...scan, ...object]],
  ['Expiry', expiry],
  ['Transactions', transactions],
  ['Pub/sub', pubsub],
  ['Connection', [...connection, ...client]],
  ['Server', [aclCommand, ...server]],
  ['Persistence, replication, cluster, modules, functions', absent],
];

export const allCommands: readonly Command[] = families.flatMap(([, commands]) => commands);

/** The command table. A definition that cannot be right stops the start. */
export class CommandRegistry implements CommandTable {
  private readonly byName = new Map<string, Command>();
  private readonly commands: readonly Command[];

  /** @throws TypeError for a name that is given twice, or keys where there can be none */
  constructor(commands: readonly Command[]) {
    for (const command of commands) {
      checkMetadata(command, command.name, 1);
      if (this.byName.has(command.name)) throw new TypeError(`${command.name} is defined twice`);
      this.byName.set(command.name, command);
      checkSubcommands(command);
    }
    this.commands = [...commands];
  }

  get(name: string): Command | undefined {
    return this.byName.get(name);
  }

  all(): readonly Command[] {
    return this.commands;
  }
}

function checkSubcommands({ name, subcommands = [] }: Command): void {
  const names = new Set<string>();
  for (const subcommand of subcommands) {
    const fullName = `${name}|${subcommand.name}`;
    checkMetadata(subcommand, fullName, 2);
    if (names.has(subcommand.name)) throw new TypeError(`${fullName} is defined twice`);
    names.add(subcommand.name);
  }
}

/** @param words how many arguments the name itself is */
function checkMetadata(metadata: CommandMetadata, fullName: string, words: number): void {
  const { name, arity, keys: positions, keyFlags, lastKeyFlags } = metadata;
  if (!/^[a-z]+([-.][a-z]+)*$/.test(name)) throw new TypeError(`'${fullName}' is no command name`);
  if (Math.abs(arity) < words) throw new TypeError(`${fullName}: arity ${arity} is too small`);
  if (positions === undefined) return;
  const { first, last, step } = positions;
  const possible =
    first >= words &&
    (arity < 0 || first < arity) &&
    step >= 1 &&
    (last < 0 || (last >= first && last < Math.abs(arity)));
  if (!possible) throw new TypeError(`${fullName}: impossible key positions`);
  if (!keyFlags) throw new TypeError(`${fullName}: keys without flags`);
  if (lastKeyFlags && last <= first) throw new TypeError(`${fullName}: no last key of its own`);
}

export function createRegistry(): CommandRegistry {
  return new CommandRegistry(allCommands);
}
