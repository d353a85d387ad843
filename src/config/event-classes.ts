import { BadValue, type OptionType } from './types';
import { quotedLine } from './written';

/** The classes that `A` stands for, in the order in which Redis prints them. */
const ALL = 'g$lshzxetd';
const PRINTED = `${ALL}n`;
const LETTERS = 'Ag$lshzxeKEtmdn';

/**
 * Letters of `notify-keyspace-events`: classes of events, and K and E for where they go.
 * Source: keyspaceEventsStringToFlags and its inverse in Redis's notify.c
 */
export function eventClasses(): OptionType<string> {
  const format = (value: string): string => {
    const all = [...ALL].every((letter) => value.includes(letter));
    const classes = all ? 'A' : [...PRINTED].filter((letter) => value.includes(letter)).join('');
    return classes + [...'KEm'].filter((letter) => value.includes(letter)).join('');
  };
  return {
    label: 'letters of `KEg$lshzxetdnmA`',
    list: false,
    written: quotedLine,
    parse([word = '']) {
      if ([...word].some((letter) => !LETTERS.includes(letter))) {
        throw new BadValue(`Invalid event class character. Use '${LETTERS}'.`);
      }
      const value = [...new Set(word.replaceAll('A', ALL))].join('');
      return { value, text: format(value) };
    },
    format,
  };
}
