/** Writes docs/commands.md and docs/configuration.md from the compiled tables: `npm run docs`. */
import { writeFileSync } from 'node:fs';
import { commandsMarkdown, configurationMarkdown } from '../dist/reference.js';

writeFileSync(new URL('commands.md', import.meta.url), commandsMarkdown());
writeFileSync(new URL('configuration.md', import.meta.url), configurationMarkdown());
