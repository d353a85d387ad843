'use strict';
const { randomUUID } = require('node:crypto');

/** The code under test: sessions in Redis that end 20 minutes after their last use. */
class Sessions {
  /** @param {import('ioredis').Redis} redis */
  constructor(redis) {
    this.redis = redis;
  }

  async begin(user) {
    const id = randomUUID();
    await this.redis.set(`session:${id}`, user, 'EX', 1200);
    return id;
  }

  /** Who the session belongs to; null if it has ended. */
  use(id) {
    return this.redis.getex(`session:${id}`, 'EX', 1200);
  }
}

module.exports = { Sessions };
