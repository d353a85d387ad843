import { ReplyError, StoreError, storeFailure } from '../errors';

/** Told of errors that are bugs: a command or a store threw what no contract allows. */
export type ReportBug = (error: unknown, during: string) => void;

/**
 * The one place where what was thrown becomes what the client reads. Anything but ReplyError and
 * StoreError is a bug: it is reported, answered vaguely, and the connection lives. So is a request
 * that the store found wrong; its answer says what the store said.
 */
export function failureReply(error: unknown, during: string, report: ReportBug): string {
  if (error instanceof ReplyError) return error.wire;
  if (error instanceof StoreError) {
    if (error.code === 'invalid') report(error, during);
    return storeFailure(error).wire;
  }
  report(error, during);
  return '-ERR internal error\r\n';
}
