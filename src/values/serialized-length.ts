/**
 * How many bytes Redis 7.0 would write for a value into a snapshot that it does not compress, and how
 * it would cut a list into nodes: what DEBUG OBJECT answers.
 * Source: rdb.c, listpack.c and quicklist.c of Redis 7.0
 */
import { asText, type Bytes } from '../lib/bytes';
import { parseInt64 } from '../lib/numbers';
import { RawString } from './raw-string';
import type { ListValue } from './list';
import type { Value } from './value';

/** `list-max-listpack-size -2`. */
const NODE_BYTES = 8192;
/** What Redis adds when it guesses whether an element still fits. */
const ENTRY_ESTIMATE = 8;
/** Its head and its end. */
const EMPTY_LISTPACK_BYTES = 7;
/** No text that long is an integer. */
const MAX_INT_LENGTH = 20;

export function serializedLength(value: Value): number {
  if (typeof value !== 'object') return stringLength(String(value));
  if (value instanceof RawString) return stringLength(value.bytes());
  if (value.type === 'list') {
    const nodes = listNodes(value);
    return nodes.reduce((sum, bytes) => sum + 1 + blobLength(bytes), prefixLength(nodes.length));
  }
  let bytes = 0;
  const packed = value.encoding === 'listpack';
  for (const [field, item] of value.entries()) {
    bytes += packed
      ? entryBytes(field) + entryBytes(item)
      : stringLength(field) + stringLength(item);
  }
  return packed ? blobLength(EMPTY_LISTPACK_BYTES + bytes) : prefixLength(value.size) + bytes;
}

/** The sizes of the nodes of a list that was filled from its head on. */
export function listNodes(list: ListValue): number[] {
  const nodes: number[] = [];
  let node = 0;
  for (const item of list) {
    if (node === 0 || node + item.length + ENTRY_ESTIMATE > NODE_BYTES) {
      if (node > 0) nodes.push(node);
      node = EMPTY_LISTPACK_BYTES;
    }
    node += entryBytes(item);
  }
  nodes.push(node);
  return nodes;
}

function prefixLength(length: number): number {
  if (length < 1 << 6) return 1;
  if (length < 1 << 14) return 2;
  return length < 2 ** 32 ? 5 : 9;
}

const blobLength = (bytes: number): number => prefixLength(bytes) + bytes;

/** Source: rdbSaveRawString, rdbEncodeInteger */
function stringLength(bytes: Bytes): number {
  const number = bytes.length <= 11 ? parseInt64(asText(bytes)) : undefined;
  if (number !== undefined) {
    if (fits(number, 8)) return 2;
    if (fits(number, 16)) return 3;
    if (fits(number, 32)) return 5;
  }
  return blobLength(bytes.length);
}

/** Source: lpEncodeGetType */
function entryBytes(bytes: Bytes): number {
  const data = entryDataBytes(bytes);
  if (data < 128) return data + 1;
  if (data < 16383) return data + 2;
  if (data < 2097151) return data + 3;
  return data + (data < 268435455 ? 4 : 5);
}

function entryDataBytes(bytes: Bytes): number {
  const { length } = bytes;
  const number = length <= MAX_INT_LENGTH ? parseInt64(asText(bytes)) : undefined;
  if (number !== undefined) {
    if (number >= 0n && number < 128n) return 1;
    if (fits(number, 13)) return 2;
    if (fits(number, 16)) return 3;
    if (fits(number, 24)) return 4;
    return fits(number, 32) ? 5 : 9;
  }
  if (length < 64) return 1 + length;
  return (length < 4096 ? 2 : 5) + length;
}

function fits(number: bigint, bits: number): boolean {
  return BigInt.asIntN(bits, number) === number;
}
