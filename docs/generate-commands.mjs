/** Writes docs/commands.md from the compiled command table: `npm run docs`. */
import { writeFileSync } from 'node:fs';
import markdown from '../dist/commands/markdown.js';

writeFileSync(new URL('commands.md', import.meta.url), markdown.commandsMarkdown());
