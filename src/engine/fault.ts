/**
 * What a command throws, through its context, when it touches something that is not in memory. A
 * singleton: it carries nothing (the context knows what is missing) and is thrown often.
 */
class Fault extends Error {
  override readonly name = 'Fault';
}

export const FAULT = new Fault();
