import { option, type Option } from './option';
import type { OptionType } from './types';

/** A row for an option that is kept and echoed, and has no effect. */
export function inert<T>(
  directive: string,
  type: OptionType<T>,
  standard: string,
  details: Partial<Pick<Option<T>, 'alias' | 'live'>> = {},
): Option<T> {
  return option(directive, type, {
    live: true,
    ...details,
    default: standard,
    inert: true,
    help: '',
  });
}
