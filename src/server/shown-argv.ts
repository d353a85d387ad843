import type { Argv, Command } from '../engine/command';

/** A request as others than its client may see it: passwords are left out. */
export function shownArgv(command: Command, argv: Argv): Argv {
  const secrets = command.secrets?.(argv) ?? [];
  return secrets.length === 0
    ? argv
    : argv.map((arg, at) => (secrets.includes(at) ? '(redacted)' : arg));
}
