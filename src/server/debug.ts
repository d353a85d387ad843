/** DEBUG: who may use it, and what it does to the server. */
import type { Config } from '../config';
import type { DebugPort } from '../engine/debug-port';
import type { Engine } from '../engine/engine';
import type { Logger } from '../lib/log';
import { isLocalAddress } from './admission';

export function newDebugPort(config: Config, engine: Engine, log: Logger): DebugPort {
  return {
    allows({ address }) {
      const { debugCommand } = config;
      return debugCommand === 'yes' || (debugCommand === 'local' && isLocalAddress(address));
    },
    setActiveExpire: (active) => engine.setActiveExpire(active),
    log: (text) => log.warning(`DEBUG LOG: ${text}`),
  };
}
