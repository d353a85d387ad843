/** Where a session holds back what its client sends. */

/** Unread replies beyond this hold further requests back. */
export const HELD_REPLY_BYTES = 1 << 20;
/** Unanswered requests beyond this hold further ones back. */
export const MAX_UNANSWERED = 10_000;
/** Bytes of held-back requests beyond this pause the stream. */
export const MAX_HELD_BYTES = 1 << 20;
