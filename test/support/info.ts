import type { RawClient } from './raw-client';

/** The fields of a section of INFO, or of all. */
export async function infoOf(
  client: RawClient,
  section = 'everything',
): Promise<Map<string, string>> {
  const text = String(await client.command('INFO', section));
  return new Map(
    [...text.matchAll(/^([^:\r\n]+):(.*)\r$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}
