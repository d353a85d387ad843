/** The system's texts, where those of Node differ in more than their first letter. */
const TEXTS: Readonly<Record<string, string>> = {
  EDQUOT: 'Disk quota exceeded',
  EIO: 'Input/output error',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  ENAMETOOLONG: 'File name too long',
  EROFS: 'Read-only file system',
};

/** What strerror(3) says of an error of the file system: `Permission denied`. */
export function systemErrorText(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  // `EACCES: permission denied, open '/path'`
  const text = /^\w+: (.*?), /.exec(message)?.[1] ?? message;
  return TEXTS[code] ?? text.charAt(0).toUpperCase() + text.slice(1);
}
