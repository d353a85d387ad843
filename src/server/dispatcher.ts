/**
 * The gate: what a request must pass before it runs, in Redis's order.
 * Source: processCommand in server.c
 */
import { amongMessages } from '../engine/among-messages';
import type { Argv, Command, CommandMetadata } from '../engine/command';
import { ReplyError, genericError, wrongArity } from '../errors';
import { asText } from '../lib/bytes';
import { queued, type Reply } from '../protocol/reply';
import { arityFits, checkSubcommand } from '../commands/subcommands';
import type { Session } from './session';

const noAuth = new ReplyError('NOAUTH', 'Authentication required.');
const execAbort = new ReplyError('EXECABORT', 'Transaction discarded because of previous errors.');
const watchInsideMulti = genericError('WATCH inside MULTI is not allowed');
const notForReplicas = genericError("Replica can't interact with the keyspace");
const notInTransaction = genericError('Command not allowed inside a transaction');

/** These act at once also between MULTI and EXEC. */
const UNQUEUED = new Set(['exec', 'discard', 'multi', 'watch', 'quit', 'reset']);

/** What a RESP2 connection with subscriptions may send. */
const SUBSCRIBING = new Set([
  ...['subscribe', 'unsubscribe', 'psubscribe', 'punsubscribe', 'ssubscribe', 'sunsubscribe'],
  ...['ping', 'quit', 'reset'],
]);

function onlySubscribes(name: string): ReplyError {
  return genericError(
    `Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
  );
}

/** @returns the reply, or undefined if it comes later */
export function dispatch(
  session: Session,
  command: Command | undefined,
  argv: Argv,
): Reply | undefined {
  return session.monitoring
    ? session.host.monitors.run(session, () => answered(session, command, argv))
    : answered(session, command, argv);
}

function answered(session: Session, command: Command | undefined, argv: Argv): Reply | undefined {
  const before = session.replyMode;
  if (before === 'skip') session.replyMode = 'muted';
  const reply = checked(session, command, argv);
  // A quick command would be told of when something follows it.
  if (session.monitoring) session.engine.endChunk();
  // The request may have been CLIENT REPLY; ON is answered.
  const after = session.replyMode;
  if (after === 'muted') session.replyMode = 'on';
  if (session.replyMode !== before) session.updatePlain();
  return after === 'on' || reply === undefined ? reply : '';
}

function checked(session: Session, command: Command | undefined, argv: Argv): Reply | undefined {
  try {
    return admit(session, command, argv);
  } catch (error) {
    if (!(error instanceof ReplyError)) throw error;
    if (command?.name === 'exec') return refusedExec(session, command, argv, error);
    // A request that is refused while a transaction is queued spoils it.
    session.poisonMulti();
    return rejected(session, command, argv, error);
  }
}

/**
 * An EXEC that is refused ends its transaction.
 * Source: execCommandAbort in Redis's multi.c
 */
function refusedExec(
  session: Session,
  command: Command,
  argv: Argv,
  { code, message }: ReplyError,
): Reply {
  session.discardMulti();
  const { monitors } = session.host;
  // They have been told of MULTI.
  if (monitors.active) monitors.tell(session, command, argv, session.db);
  const reason = code === 'ERR' ? message : `${code} ${message}`;
  return rejected(
    session,
    command,
    argv,
    new ReplyError('EXECABORT', `Transaction discarded because of: ${reason}`),
  );
}

function admit(session: Session, command: Command | undefined, argv: Argv): Reply | undefined {
  if (command === undefined) {
    if (isWebRequest(argv)) return refuseWebRequest(session);
    throw unknownCommand(argv);
  }
  if (!arityFits(command.arity, argv.length)) throw wrongArity(command.name);
  const subcommand = checkSubcommand(command, argv);
  if (command.subcommands !== undefined) session.subcommand = subcommand;
  command.admit?.(session, session.host.debug);
  if (!session.trusted && !command.flags.includes('no_auth')) throw noAuth;
  const { memoryLimit, pause } = session.host;
  if (memoryLimit.active) memoryLimit.admit(session, command, argv);
  if (session.onlySubscribes && !SUBSCRIBING.has(command.name)) {
    throw onlySubscribes(subcommand ? `${command.name}|${subcommand.name}` : command.name);
  }
  if (session.monitoring) {
    // To Redis it is a replica of a kind: it has no data to ask for, and is never paused.
    if (touchesKeys(subcommand ?? command)) throw notForReplicas;
  } else if (pause.holds(session, command)) {
    pause.postpone(session, () => dispatch(session, command, argv));
    return undefined;
  }
  if (session.inMulti) {
    if (!UNQUEUED.has(command.name)) {
      if (command.flags.includes('no_multi')) throw notInTransaction;
      session.queue({ command, argv });
      return queued;
    }
    if (command.name === 'exec') return exec(session, command, argv);
    // Said here, and not when it runs: a MULTI sent behind it may come before that.
    if (command.name === 'watch') return failed(session, command, argv, watchInsideMulti);
  }
  const reply = session.run(command, argv);
  return session.kind === 'normal' || reply === undefined ? reply : amongMessages(session, reply);
}

function exec(session: Session, command: Command, argv: Argv): Reply | undefined {
  const transaction = session.takeTransaction();
  if (transaction === undefined) return failed(session, command, argv, execAbort);
  return session.engine.transaction(command, argv, transaction);
}

/** @returns the reply to a request that the gate refuses */
function rejected(
  { host }: Session,
  command: Command | undefined,
  argv: Argv,
  error: ReplyError,
): Reply {
  host.engine.stats.calls.rejected(command, argv, error.wire);
  return error.wire;
}

/** @returns the reply to a request that the gate answers, with an error, in place of the engine */
function failed(session: Session, command: Command, argv: Argv, error: ReplyError): Reply {
  const { calls } = session.host.engine.stats;
  calls.failed(command, argv, error.wire);
  calls.record(session, command, argv, 1, 0);
  return error.wire;
}

function touchesKeys({ flags }: CommandMetadata): boolean {
  return flags.some((flag) => flag === 'readonly' || flag === 'write' || flag === 'may_replicate');
}

/**
 * A browser can be made to send a request to any port, with commands in its body: `POST` or `Host:`
 * comes before them. Source: securityWarningCommand in networking.c
 */
function isWebRequest(argv: Argv): boolean {
  const name = shown(argv[0]!, 6).toLowerCase();
  return name === 'post' || name === 'host:';
}

/** Closes without a word, and without the replies that wait: the client is a web browser. */
function refuseWebRequest(session: Session): undefined {
  session.host.log.warning(
    `Possible SECURITY ATTACK detected: ${session.address} sent POST or Host:, as a web page would`,
  );
  session.destroy();
  return undefined;
}

/** Redis shows the first 128 bytes of the name, and arguments until 128 bytes of them are shown. */
function unknownCommand(argv: Argv): ReplyError {
  let preview = '';
  for (let i = 1; i < argv.length && preview.length < 128; i++) {
    preview += `'${shown(argv[i]!, 128 - preview.length)}' `;
  }
  return genericError(
    `unknown command '${shown(argv[0]!, 128)}', with args beginning with: ${preview}`,
  );
}

/** As printf prints a string: up to `length` bytes, and a NUL ends it. */
function shown(bytes: Argv[number], length: number): string {
  return asText(typeof bytes === 'string' ? bytes : bytes.subarray(0, length))
    .slice(0, length)
    .split('\0', 1)[0]!;
}

/**
 * Whether a request of a trusted connection outside MULTI need not pass the gate: it has no
 * subcommand and the right number of arguments.
 */
export function needsNoGate(command: Command, length: number): boolean {
  return command.subcommands === undefined && arityFits(command.arity, length);
}
