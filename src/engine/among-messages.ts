import { sequence, type Reply } from '../protocol/reply';
import type { ClientPort } from './ports';

/** The reply of a command with the messages that it has caused for its own connection. */
export function amongMessages({ subscriptions }: ClientPort, reply: Reply): Reply {
  const { before, behind } = subscriptions.takeKept();
  if (before.length === 0 && behind.length === 0) return reply;
  return sequence([...before, reply, ...behind]);
}
