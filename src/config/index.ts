/** Configuration: the table is options.ts, its documentation docs/configuration.md. */
export { configByName, type NamedOptions } from './by-name';
export { configFromChanges, createConfig, type Apply, type Config, type Pair } from './config';
export { ConfigError, systemFiles, type ConfigFiles } from './directives';
export { loadConfig, readCommandLine, type CommandLine } from './load';
export type { Settings } from './options';
export { liveTlsOptions } from './tls-options';
export { configurationMarkdown, usage } from './text';
export type { OutputLimit, OutputLimits } from './types';
