import { PICTURE_MAX_BYTES } from '../../../shared/protocol/limits.ts'

const WIDTH = 320
const QUALITIES = [0.75, 0.6, 0.45, 0.3, 0.15]

/** 320 px wide, WebP (JPEG where the browser cannot), at most PICTURE_MAX_BYTES; undefined if even the poorest is larger. */
export async function thumbnail(picture: VideoFrame): Promise<Uint8Array | undefined> {
  const height = Math.max(1, Math.round((WIDTH * picture.displayHeight) / picture.displayWidth))
  const canvas = new OffscreenCanvas(WIDTH, height)
  const context = canvas.getContext('2d', { alpha: false })
  if (context === null) return undefined
  context.drawImage(picture, 0, 0, WIDTH, height)
  for (const quality of QUALITIES) {
    const webp = await canvas.convertToBlob({ type: 'image/webp', quality })
    // A browser that cannot write WebP answers with PNG.
    const blob =
      webp.type === 'image/webp' ? webp : await canvas.convertToBlob({ type: 'image/jpeg', quality })
    if (blob.size <= PICTURE_MAX_BYTES) return new Uint8Array(await blob.arrayBuffer())
  }
  return undefined
}
