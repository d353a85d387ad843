/** The version of Redis that goredis speaks: clients decide by it what to use. */
export const REDIS_VERSION = '7.0.15';
