/**
 * How CONFIG REWRITE writes the values of options, by their types.
 * Source: the functions rewriteConfig...Option in config.c of Redis 7.0
 */
import { formatMemory } from '../lib/memory-size';
import { quoted } from '../lib/quoted';

/** What stands behind the directive in a line of a file. */
export interface FileLine {
  readonly words: string;
  /** Whether a file needs it that has no line for the directive. */
  readonly forced: boolean;
}

/** The lines that give an option its value; none: the default comes without one. */
export type Written = (text: string, standard: string) => readonly FileLine[];

export const plainLine: Written = (text, standard) => [line(text, text !== standard)];

/** Also if it is the default. */
export const forcedLine: Written = (text) => [line(text, true)];

export const quotedLine: Written = (text, standard) => [
  { words: quoted(text).join(''), forced: text !== standard },
];

export const forcedQuotedLine: Written = (text) => [{ words: quoted(text).join(''), forced: true }];

/** Of an option that is not set when it is empty. */
export const quotedLineUnlessUnset: Written = (text, standard) =>
  text === '' && standard === '' ? [] : quotedLine(text, standard);

/** In the largest unit of which it is a whole number. */
export const memoryLine: Written = (text, standard) => [
  { words: shownMemory(text), forced: text !== standard },
];

/** A line for every two words, all of them needed: the defaults go with the first. */
export const pairLines: Written = (text) =>
  text === '' ? [line('', true)] : groups(text, 2).map((pair) => line(pair.join(' '), true));

/** A line for every class of clients. */
export const clientClassLines: Written = (text, standard) => {
  const standards = groups(standard, 4);
  return groups(text, 4).map((words, at) => {
    const [name = '', hard = '', soft = '', seconds = ''] = words;
    const shownName = name === 'slave' ? 'replica' : name;
    return {
      words: [shownName, shownMemory(hard), shownMemory(soft), seconds].join(' '),
      forced: words.join(' ') !== standards[at]?.join(' '),
    };
  });
};

const line = (text: string, forced: boolean): FileLine => ({
  words: text === '' ? '""' : text,
  forced,
});

/** A percentage stays one. */
const shownMemory = (text: string): string =>
  /^[0-9]+$/.test(text) ? formatMemory(BigInt(text)) : text;

function groups(text: string, size: number): string[][] {
  const words = text.split(' ');
  return Array.from({ length: words.length / size }, (_, at) =>
    words.slice(at * size, (at + 1) * size),
  );
}
