import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OptionError } from './option-error.ts'

const NAME = 'in-use'

/**
 * Claims a folder for this process; answers how to let go. A claim whose process is gone (a crash) is taken over.
 * Throws OptionError while another process runs with it, or where it cannot be written.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, NAME)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if (!(await claim(path))) {
      const holder = Number(await readFile(path, 'utf8').catch(() => ''))
      if (isAlive(holder))
        throw new OptionError(
          `The folder ${folder} is in use by another vilokanam (process ${holder}): its money may have one keeper only. Stop that one, or name another folder.`,
        )
      await rm(path, { force: true })
      if (!(await claim(path))) throw new OptionError(`The folder ${folder} was taken by another vilokanam.`)
    }
  } catch (error) {
    if (error instanceof OptionError) throw error
    throw new OptionError(`The folder ${folder} cannot be written (${String(error)}). Name another one.`)
  }
  return () => rm(path, { force: true })
}

async function claim(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
