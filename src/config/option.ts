import type { OptionType } from './types';

/** One row of the table in options.ts. */
export interface Option<T, Directive extends string = string> {
  /** The directive of redis.conf, `--directive` on the command line, and the name in CONFIG GET. */
  readonly directive: Directive;
  /** Redis's older name of the same option. */
  readonly alias: string | undefined;
  /** The environment variable. */
  readonly env: string;
  readonly type: OptionType<T>;
  /** As redis.conf would say it. */
  readonly default: string;
  readonly unit: string | undefined;
  /** Whether CONFIG SET may change it while the server runs. */
  readonly live: boolean;
  /** Whether CONFIG SET to the same value counts as a change: the name of a file that may be new. */
  readonly volatile: boolean;
  /** Clients set it; goredis keeps and echoes the value, and does nothing else with it. */
  readonly inert: boolean;
  /** An option of goredis that Redis does not have. */
  readonly own: boolean;
  /** Redis's options for its own tests: CONFIG GET finds them by name only, not by a pattern. */
  readonly hidden: boolean;
  /** What it does, in a sentence or two. */
  readonly help: string;
}

type Details = Partial<Omit<Option<unknown>, 'directive' | 'type'>> & {
  readonly default: string;
  readonly help: string;
};

export function option<T, const Directive extends string>(
  directive: Directive,
  type: OptionType<T>,
  details: Details,
): Option<T, Directive> {
  return {
    directive,
    type,
    alias: undefined,
    env: `GOREDIS_${directive.toUpperCase().replaceAll('-', '_')}`,
    unit: undefined,
    live: false,
    volatile: false,
    inert: false,
    hidden: false,
    own: false,
    ...details,
  };
}
