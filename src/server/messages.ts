import type { Message } from '../events/hub';
import { bulk, bulkText, resp2, resp3, type Reply } from '../protocol/reply';

/** A pub/sub message as its subscribers read it: a push in RESP3, an array in RESP2. */
export function messageReply(message: Message, protocol: 2 | 3): Reply {
  const parts = [bulkText(message.kind)];
  if (message.kind === 'pmessage') parts.push(bulkText(message.pattern));
  const form = protocol === 2 ? resp2 : resp3;
  return form.push([...parts, bulkText(message.channel), bulk(message.payload)]);
}
