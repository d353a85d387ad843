/**
 * The x87 `long double` that INCRBYFLOAT computes with: a mantissa of 64 bits, so that 0.1 + 0.2
 * is printed as 0.3 and not as 0.30000000000000004. A double has 53 bits and cannot stand in.
 *
 * A number is `mantissa * 2^exponent` in BigInt, exact. Every operation computes exactly and rounds
 * once, to the nearest, ties to even: what the processor and glibc's strtold and printf do.
 * Source: string2ld, ld2string in Redis's util.c; https://en.wikipedia.org/wiki/Extended_precision
 */
export interface LongDouble {
  /** Signed, below 2^64; ±1 for infinities. */
  readonly mantissa: bigint;
  /** Infinity for infinities. */
  readonly exponent: number;
}

const MANTISSA_BITS = 64;
/** Exponent of the smallest denormal number. */
const MIN_EXPONENT = -16445;
/** Numbers from 2^16384 on overflow. */
const MAX_BITS = 16384;
/** No number with so large a decimal exponent is finite, none with so small a one is above 0. */
const MAX_DECIMAL_EXPONENT = 5000;
/** Redis reads numbers into a buffer of 5 KB, with a NUL at the end. */
export const MAX_LONG_DOUBLE_LENGTH = 5 * 1024 - 1;
const PRINTED_DECIMALS = 17;

const ZERO: LongDouble = { mantissa: 0n, exponent: 0 };

/**
 * A number as strtold reads it, whole and without blanks: decimal, hexadecimal (`0x1.8p3`),
 * `inf`, `infinity`. Undefined for anything else, for NaN, and for what is too large, or too small
 * to be told from 0.
 */
export function parseLongDouble(text: string): LongDouble | undefined {
  if (text.length > MAX_LONG_DOUBLE_LENGTH) return undefined;
  const decimal = /^([+-]?)(?=\.?[0-9])([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/.exec(text);
  if (decimal !== null) {
    const [, sign, whole, fraction = '', scale = '0'] = decimal;
    return withSign(sign!, fromDecimal(whole!, fraction, Number(scale)));
  }
  const hex = /^([+-]?)0x(?=\.?[0-9a-f])([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?[0-9]+))?$/i.exec(
    text,
  );
  if (hex !== null) {
    const [, sign, whole, fraction = '', scale = '0'] = hex;
    const digits = BigInt(`0x${whole}${fraction}`);
    return withSign(sign!, fromHex(digits, Number(scale) - 4 * fraction.length));
  }
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (infinite === null) return undefined;
  return withSign(infinite[1]!, { mantissa: 1n, exponent: Infinity });
}

/** The sum, undefined when it is not finite. */
export function addLongDoubles(a: LongDouble, b: LongDouble): LongDouble | undefined {
  if (a.exponent === Infinity || b.exponent === Infinity) return undefined;
  const exponent = Math.min(a.exponent, b.exponent);
  const sum =
    (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent));
  if (sum === 0n) return ZERO;
  return sum < 0n ? withSign('-', round(-sum, 1n, exponent)) : round(sum, 1n, exponent);
}

/** `%.17Lf` without the zeros at its end, and without the sign of zero; for finite numbers. */
export function formatLongDouble({ mantissa, exponent }: LongDouble): string {
  const size = mantissa < 0n ? -mantissa : mantissa;
  const scaled = size * 10n ** BigInt(PRINTED_DECIMALS);
  const units =
    exponent >= 0 ? scaled << BigInt(exponent) : divideToNearest(scaled, 1n << BigInt(-exponent));
  if (units === 0n) return '0';
  const digits = String(units).padStart(PRINTED_DECIMALS + 1, '0');
  const whole = digits.slice(0, -PRINTED_DECIMALS);
  const fraction = digits.slice(-PRINTED_DECIMALS).replace(/0+$/, '');
  return (mantissa < 0n ? '-' : '') + (fraction === '' ? whole : `${whole}.${fraction}`);
}

function withSign(sign: string, value: LongDouble | undefined): LongDouble | undefined {
  if (sign !== '-' || value === undefined) return value;
  return { mantissa: -value.mantissa, exponent: value.exponent };
}

function fromDecimal(whole: string, fraction: string, scale: number): LongDouble | undefined {
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return ZERO;
  const power = scale - fraction.length;
  if (Math.abs(power + digits.length) > MAX_DECIMAL_EXPONENT) return undefined;
  const mantissa = BigInt(digits);
  return power >= 0
    ? round(mantissa * 10n ** BigInt(power), 1n, 0)
    : round(mantissa, 10n ** BigInt(-power), 0);
}

function fromHex(digits: bigint, exponent: number): LongDouble | undefined {
  if (digits === 0n) return ZERO;
  if (Math.abs(exponent + bitLength(digits)) > 2 * MAX_BITS) return undefined;
  return round(digits, 1n, exponent);
}

/** `numerator / denominator * 2^exponent`, rounded; undefined when it overflows or becomes 0. */
function round(numerator: bigint, denominator: bigint, exponent: number): LongDouble | undefined {
  // The quotient, scaled by 2^shift, has 64 bits, or 65 and then loses one more.
  let shift = MANTISSA_BITS - bitLength(numerator) + bitLength(denominator);
  if (scaledFloor(numerator, denominator, shift) >> BigInt(MANTISSA_BITS) !== 0n) shift--;
  shift = Math.min(shift, exponent - MIN_EXPONENT);
  const mantissa =
    shift >= 0
      ? divideToNearest(numerator << BigInt(shift), denominator)
      : divideToNearest(numerator, denominator << BigInt(-shift));
  if (mantissa === 0n || bitLength(mantissa) + exponent - shift > MAX_BITS) return undefined;
  return { mantissa, exponent: exponent - shift };
}

function scaledFloor(numerator: bigint, denominator: bigint, shift: number): bigint {
  return shift >= 0
    ? (numerator << BigInt(shift)) / denominator
    : numerator / (denominator << BigInt(-shift));
}

/** The integer nearest to the quotient of two positive ones, ties to even. */
function divideToNearest(numerator: bigint, denominator: bigint): bigint {
  const floor = numerator / denominator;
  const twice = (numerator - floor * denominator) * 2n;
  const up = twice > denominator || (twice === denominator && (floor & 1n) === 1n);
  return up ? floor + 1n : floor;
}

function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return (hex.length - 1) * 4 + 32 - Math.clz32(parseInt(hex.charAt(0), 16));
}
