/** Numbers as Redis reads them: strictly, over int64 and doubles. */

export const INT64_MIN = -(2n ** 63n);
export const INT64_MAX = 2n ** 63n - 1n;

/**
 * An integer within ±(2^53 - 1) in its one canonical form: no sign `+`, no leading zeros, no
 * spaces. Undefined for anything else, larger int64 numbers included: try `parseInt64` then.
 * Source: string2ll in Redis's util.c
 */
export function parseSafeInteger(text: string): number | undefined {
  const length = text.length;
  if (length === 0 || length > 17) return undefined;
  let at = 0;
  const negative = text.charCodeAt(0) === 0x2d;
  if (negative) at = 1;
  const first = text.charCodeAt(at);
  if (first === 0x30) return length === 1 ? 0 : undefined;
  let value = 0;
  if (at === length) return undefined;
  for (; at < length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  if (value > Number.MAX_SAFE_INTEGER) return undefined;
  return negative ? -value : value;
}

/** The same over all of int64. */
export function parseInt64(text: string): bigint | undefined {
  if (text.length > 20 || !/^(?:0|-?[1-9][0-9]*)$/.test(text)) return undefined;
  const value = BigInt(text);
  return value < INT64_MIN || value > INT64_MAX ? undefined : value;
}

/**
 * A double as Redis reads it from a request: what strtold takes, without surrounding space; `inf`,
 * `infinity` in any case, hexadecimal, but not NaN. Undefined for anything else.
 * Source: getLongDoubleFromObject, getDoubleFromObject in object.c
 */
export function parseDouble(text: string): number | undefined {
  if (/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(text)) return Number(text);
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity;
  const hex = /^([+-]?)0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?[0-9]+))?$/i.exec(text);
  if (hex && (hex[2] || hex[3])) {
    const digits = (hex[2] ?? '') + (hex[3] ?? '');
    const scale = Number(hex[4] ?? 0) - 4 * (hex[3] ?? '').length;
    const value = Number(BigInt(`0x${digits}`)) * 2 ** scale;
    return hex[1] === '-' ? -value : value;
  }
  return undefined;
}
