import type { Logger } from './ports.ts'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LEVELS)[number]

/** The one place of the client that writes to the console. */
export function consoleLogger(minimum: LogLevel = 'warn', scope = 'vilokanam'): Logger {
  const log = (level: LogLevel, message: string, details?: Record<string, unknown>): void => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(minimum)) return
    if (details === undefined) console[level](`[${scope}] ${message}`)
    else console[level](`[${scope}] ${message}`, details)
  }
  return {
    debug: (message, details) => log('debug', message, details),
    info: (message, details) => log('info', message, details),
    warn: (message, details) => log('warn', message, details),
    error: (message, details) => log('error', message, details),
    scope: name => consoleLogger(minimum, `${scope}:${name}`),
  }
}
