import type { ClientPort } from './ports';

/** What DEBUG does to the server. */
export interface DebugPort {
  /** Whether `enable-debug-command` lets this connection use DEBUG. */
  allows(client: ClientPort): boolean;
  /** Whether keys go at their deadlines by themselves; else they go when somebody looks at them. */
  setActiveExpire(active: boolean): void;
  log(text: string): void;
}
