/** The pages of docs/ that are made of the tables of commands and options: `npm run docs`. */
export { commandsMarkdown } from './commands/markdown';
export { configurationMarkdown } from './config';
