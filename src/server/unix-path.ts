/** The path of the Unix socket that a connection with this address uses; undefined: it uses none. */
export function unixPath(address: string): string | undefined {
  return address.endsWith(':0') && address.includes('/') ? address.slice(0, -2) : undefined;
}
