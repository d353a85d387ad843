/** Figures that only count, for INFO. */
export interface ServerStats {
  connections: number;
  rejectedConnections: number;
  inputBytes: number;
  outputBytes: number;
}

export function newServerStats(): ServerStats {
  return {
    connections: 0,
    rejectedConnections: 0,
    inputBytes: 0,
    outputBytes: 0,
  };
}
