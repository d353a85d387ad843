/** Figures that only count, for INFO. */
export interface ServerStats {
  connections: number;
  rejectedConnections: number;
  commands: number;
  inputBytes: number;
  outputBytes: number;
  /** Errors that the server itself answered; those of commands are counted by the engine. */
  errorReplies: number;
}

export function newServerStats(): ServerStats {
  return {
    connections: 0,
    rejectedConnections: 0,
    commands: 0,
    inputBytes: 0,
    outputBytes: 0,
    errorReplies: 0,
  };
}
