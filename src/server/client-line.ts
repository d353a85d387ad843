import type { Argv } from '../engine/command';
import type { Session } from './session';
import { unixPath } from './unix-path';

/**
 * A line of CLIENT LIST. Redis's fields in Redis's order; what goredis has no counterpart of
 * (descriptors, a reply buffer of fixed size, free space of the query buffer) is -1 or 0.
 * @param running the request that the connection is running now: part of its query buffer
 * Source: catClientInfoString in networking.c of Redis 7.0
 */
export function clientLine(session: Session, nowMs: number, running?: Argv): string {
  const argvBytes = running === undefined ? 0 : byteLength(running);
  const queryBytes = session.inputBytes + (running === undefined ? 0 : wireLength(running));
  const { multi, outputBytes, subscriptions } = session;
  const transactionBytes = (multi ?? []).reduce((sum, { argv }) => sum + byteLength(argv), 0);
  return [
    `id=${session.id}`,
    `addr=${session.address}`,
    `laddr=${session.localAddress}`,
    'fd=-1',
    `name=${session.name}`,
    `age=${secondsSince(session.connectedAtMs, nowMs)}`,
    `idle=${secondsSince(session.lastActiveMs, nowMs)}`,
    `flags=${flagsOf(session)}`,
    `db=${session.db}`,
    `sub=${subscriptions.count('channel')}`,
    `psub=${subscriptions.count('pattern')}`,
    `ssub=${subscriptions.count('shard')}`,
    `multi=${multi?.length ?? -1}`,
    `qbuf=${queryBytes}`,
    'qbuf-free=0',
    `argv-mem=${argvBytes}`,
    `multi-mem=${transactionBytes}`,
    'rbs=0',
    'rbp=0',
    'obl=0',
    `oll=${session.unanswered}`,
    `omem=${outputBytes}`,
    `tot-mem=${queryBytes + argvBytes + transactionBytes + outputBytes}`,
    `events=${outputBytes > 0 ? 'rw' : 'r'}`,
    `cmd=${commandName(session)}`,
    'user=default',
    'redir=-1',
    `resp=${session.form.version}`,
  ].join(' ');
}

function secondsSince(thenMs: number, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - thenMs) / 1000));
}

function flagsOf(session: Session): string {
  const flags = [
    session.monitoring && 'O',
    session.subscriptions.size > 0 && 'P',
    session.inMulti && 'x',
    session.postponed && 'b',
    session.closing && 'c',
    unixPath(session.address) !== undefined && 'U',
    session.noEvict && 'e',
    session.noTouch && 'T',
  ];
  return flags.filter((flag) => flag !== false).join('') || 'N';
}

/** `NULL` as long as nothing was asked. */
function commandName({ parser, subcommand }: Session): string {
  const command = parser.lastCommand;
  if (command === undefined) return 'NULL';
  const sub = command.subcommands === undefined ? undefined : subcommand;
  return sub === undefined ? command.name : `${command.name}|${sub.name}`;
}

/** Bytes of the arguments alone. */
function byteLength(argv: Argv): number {
  let bytes = 0;
  for (const arg of argv) bytes += arg.length;
  return bytes;
}

/** Bytes of the request as clients send it. */
function wireLength(argv: Argv): number {
  let bytes = `*${argv.length}\r\n`.length;
  for (const arg of argv) bytes += `$${arg.length}\r\n`.length + arg.length + 2;
  return bytes;
}
