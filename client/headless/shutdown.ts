/** The second Ctrl-C does not wait any more: 128 + SIGINT, as shells count. */
const IMPATIENT_EXIT_CODE = 130

/** A child of the demo ends when its parent is gone, for whatever reason: as if it were asked to. */
export function endWithParent(): void {
  if (process.connected) process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
}

/** Aborts on Ctrl-C, SIGTERM, a closed terminal and a closed output (`| head`): the command then ends tidily. */
export function shutdownSignal(): AbortSignal {
  const controller = new AbortController()
  const stop = (why: string) => controller.abort(new Error(why))
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted && name === 'SIGINT') process.exit(IMPATIENT_EXIT_CODE)
      stop(name)
    })
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      stop('nobody reads the output')
    })
  }
  return controller.signal
}
