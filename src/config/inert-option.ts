import { option, type Option } from './option';
import type { OptionType } from './types';

/** A row for an option that is kept and echoed, and has no effect. */
export function inert<T, const Directive extends string>(
  directive: Directive,
  type: OptionType<T>,
  standard: string,
  details: Partial<Pick<Option<T>, 'alias' | 'hidden' | 'live'>> = {},
): Option<T, Directive> {
  return option(directive, type, {
    live: true,
    ...details,
    default: standard,
    inert: true,
    help: '',
  });
}
