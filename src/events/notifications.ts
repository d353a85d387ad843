/**
 * Keyspace notifications: events of keys as messages on two channels each.
 * Source: notifyKeyspaceEvent in Redis's notify.c
 */
import type { Hub } from './hub';

export type PublishEvent = (eventClass: string, event: string, db: number, key: string) => void;

/**
 * What publishes the events that the letters of `notify-keyspace-events` ask for; undefined if they
 * ask for none, so that making events can be left out.
 */
export function eventPublisher<Wire>(hub: Hub<Wire>, letters: string): PublishEvent | undefined {
  const toKey = letters.includes('K');
  const toEvent = letters.includes('E');
  const classes = new Set(letters.replace(/[KE]/g, ''));
  if ((!toKey && !toEvent) || classes.size === 0) return undefined;
  return (eventClass, event, db, key) => {
    if (!classes.has(eventClass)) return;
    if (toKey) hub.publish(`__keyspace@${db}__:${key}`, event);
    if (toEvent) hub.publish(`__keyevent@${db}__:${event}`, key);
  };
}
