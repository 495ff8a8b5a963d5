/** Scoped, levelled logging. The engine's logger has the same shape, so that one serves both in a demo. */
export interface Logger {
  debug(message: string, details?: Record<string, unknown>): void
  info(message: string, details?: Record<string, unknown>): void
  warn(message: string, details?: Record<string, unknown>): void
  error(message: string, details?: Record<string, unknown>): void
  scope(name: string): Logger
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']

/** One line a message, `time level scope: message {details}`, to `write` (the CLI gives it stderr). */
export function lineLogger(level: LogLevel, write: (line: string) => void, scope = 'tracker'): Logger {
  const log = (at: LogLevel) => (message: string, details?: Record<string, unknown>) => {
    if (LEVELS.indexOf(at) < LEVELS.indexOf(level)) return
    const tail = details === undefined ? '' : ` ${JSON.stringify(details)}`
    write(`${new Date().toISOString()} ${at} ${scope}: ${message}${tail}\n`)
  }
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    scope: name => lineLogger(level, write, `${scope}/${name}`),
  }
}
