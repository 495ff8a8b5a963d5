import { open, readFile, rename } from 'node:fs/promises'
import type { TextFile } from '../engine/store/line-log.ts'

const OWNER_ONLY = 0o600

/** A file whose writes are on the disk when they resolve. Its folder must exist. */
export function textFile(path: string): TextFile {
  return {
    async read() {
      try {
        return await readFile(path, 'utf8')
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
        throw error
      }
    },
    append: text => write(path, 'a', text),
    async replace(text) {
      const next = `${path}.new`
      await write(next, 'w', text)
      await rename(next, path)
    },
  }
}

async function write(path: string, flags: 'a' | 'w', text: string): Promise<void> {
  const file = await open(path, flags, OWNER_ONLY)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}
