/** docs/commands.md, from the command table. */
import type { CommandMetadata } from '../engine/command';
import { families } from './registry';

const head = `# Commands

The commands that goredis has, by family; semantics, options and error texts are those of Redis 7.0.
"Since" is the version of Redis that brought the command. The notes say where goredis answers
otherwise; [differences](differences.md) has the rest.

This file is generated: \`npm run docs\` writes it.
`;

const columns = ['Command', 'Since', 'What it does', 'Notes'];

function notesOf({ deprecated, difference }: CommandMetadata): string {
  const notes: string[] = [];
  if (deprecated) {
    // Redis marks arguments with an exclamation mark inside the quotes.
    const replacement = deprecated.replacedBy.replaceAll('`!', '`');
    notes.push(`Deprecated since ${deprecated.since}: use ${replacement}.`);
  }
  if (difference) notes.push(difference);
  return notes.join(' ');
}

function row(name: string, metadata: CommandMetadata): string[] {
  const { since, summary } = metadata;
  return [`\`${name.toUpperCase()}\``, since, summary.replace(/\.$/, ''), notesOf(metadata)];
}

/** A table with its columns aligned, as prettier writes it. */
function table(rows: readonly (readonly string[])[]): string {
  const cells = [columns, ...rows].map((cellsOfRow) =>
    cellsOfRow.map((cell) => cell.replaceAll('|', '\\|')),
  );
  const widths = columns.map((_column, i) => Math.max(3, ...cells.map((line) => line[i]!.length)));
  const lines = cells.map((line) => line.map((cell, i) => cell.padEnd(widths[i]!)));
  lines.splice(
    1,
    0,
    widths.map((width) => '-'.repeat(width)),
  );
  return lines.map((line) => `| ${line.join(' | ')} |\n`).join('');
}

export function commandsMarkdown(): string {
  const sections = families.map(([title, commands]) => {
    const rows = [...commands]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((command) => [
        row(command.name, command),
        ...(command.subcommands ?? []).map((sub) => row(`${command.name} ${sub.name}`, sub)),
      ]);
    return `\n## ${title}\n\n${table(rows)}`;
  });
  return head + sections.join('');
}
