/** Options that all nodes of a table have in common: what one sets all have, and who starts takes. */
import type { Config } from '../config';
import type { Logger } from '../lib/log';
import type { SharedSettings } from '../store/store';

const EVENTS = 'notify-keyspace-events';

/** From now on takes what any node sets; and what is set already, or else sets it. */
export async function shareSettings(
  settings: SharedSettings,
  config: Config,
  log: Logger,
): Promise<void> {
  const take = (name: string, value: string): void => {
    if (name !== EVENTS || value === config.get([EVENTS])[0]![1]) return;
    try {
      config.set([[EVENTS, value]]);
      log.notice(`${EVENTS} is now "${value}", as for all nodes`);
    } catch (error) {
      log.warning(`${EVENTS} cannot be "${value}": ${(error as Error).message}`);
    }
  };
  settings.onSaved(take);
  const kept = await settings.get(EVENTS);
  const own = config.eventClasses;
  if (kept !== undefined) take(EVENTS, kept);
  else if (own !== '') await settings.save(EVENTS, config.get([EVENTS])[0]![1]);
}
