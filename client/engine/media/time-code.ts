/**
 * A clock in the picture that machines read back after encoding and scaling: 40 black or white cells in a strip
 * along the lower edge, 32 bits of milliseconds (most significant first) and a CRC-8. Pages on one machine compare
 * it with their own Date.now().
 */
const CELLS = 40
const VALUE_BITS = 32
/** Of the picture's height: clear of the edge, where encoders save bits. */
const STRIP_TOP = 0.9
const STRIP_BOTTOM = 0.98
/** White must be this much brighter than black, of 255: less is a picture without a strip. */
const CONTRAST_MIN = 60
/** CRC-8/CDMA2000: starts from ones, so that neither all black nor all white is a code. */
const CRC_POLYNOMIAL = 0x9b
const CRC_START = 0xff

type Context2D = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D
/** RGBA, as getImageData gives it. */
export type Pixels = {
  readonly width: number
  readonly height: number
  readonly data: ArrayLike<number>
}

function crc8(value: number): number {
  let crc = CRC_START
  for (let shift = 24; shift >= 0; shift -= 8) {
    crc ^= (value >>> shift) & 0xff
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80 ? (crc << 1) ^ CRC_POLYNOMIAL : crc << 1) & 0xff
  }
  return crc
}

/** 40 cells, true is white. `ms` is taken modulo 2^32. */
export function encodeTimeCode(ms: number): boolean[] {
  const value = (ms % 2 ** VALUE_BITS) >>> 0
  const crc = crc8(value)
  const cells: boolean[] = []
  for (let bit = VALUE_BITS - 1; bit >= 0; bit--) cells.push(((value >>> bit) & 1) === 1)
  for (let bit = CELLS - VALUE_BITS - 1; bit >= 0; bit--) cells.push(((crc >>> bit) & 1) === 1)
  return cells
}

/** ms modulo 2^32; undefined for cells that are no time code. */
export function decodeTimeCode(cells: readonly boolean[]): number | undefined {
  if (cells.length !== CELLS) return undefined
  let value = 0
  let crc = 0
  for (const [index, isWhite] of cells.entries()) {
    if (index < VALUE_BITS) value = ((value << 1) | Number(isWhite)) >>> 0
    else crc = (crc << 1) | Number(isWhite)
  }
  return crc8(value) === crc ? value : undefined
}

/** Draws the strip over the lower edge. */
export function drawTimeCode(context: Context2D, width: number, height: number, ms: number): void {
  const top = Math.round(height * STRIP_TOP)
  const bottom = Math.round(height * STRIP_BOTTOM)
  for (const [index, isWhite] of encodeTimeCode(ms).entries()) {
    const left = Math.round((index * width) / CELLS)
    const right = Math.round(((index + 1) * width) / CELLS)
    context.fillStyle = isWhite ? '#fff' : '#000'
    context.fillRect(left, top, right - left, bottom - top)
  }
}

/** Reads the strip of a whole picture; undefined if there is none, or it is damaged. */
export function readTimeCode(picture: Pixels): number | undefined {
  return readRows(picture, picture.height, 0)
}

/** Reads the strip of what a canvas shows. */
export function readCanvasTimeCode(canvas: HTMLCanvasElement | OffscreenCanvas): number | undefined {
  const { width, height } = canvas
  const context = canvas.getContext('2d') as Context2D | null
  if (context === null || width < CELLS || height < 16) return undefined
  // Only the strip is read back.
  const top = Math.floor(height * STRIP_TOP)
  return readRows(context.getImageData(0, top, width, height - top), height, top)
}

/** `rows`: of a picture `height` px high, from its row `firstRow` on. */
function readRows(rows: Pixels, height: number, firstRow: number): number | undefined {
  const middle = (STRIP_TOP + STRIP_BOTTOM) / 2
  const brightness: number[] = []
  for (let cell = 0; cell < CELLS; cell++) {
    let sum = 0
    // Nine points around the cell's middle: a block edge or ringing spoils some of them only.
    for (const across of [0.35, 0.5, 0.65]) {
      for (const down of [-0.02, 0, 0.02]) {
        const x = Math.floor(((cell + across) * rows.width) / CELLS)
        const y = Math.floor((middle + down) * height) - firstRow
        sum += rows.data[(y * rows.width + x) * 4 + 1] ?? 0
      }
    }
    brightness.push(sum / 9)
  }
  const black = Math.min(...brightness)
  const white = Math.max(...brightness)
  if (white - black < CONTRAST_MIN) return undefined
  return decodeTimeCode(brightness.map(level => level > (black + white) / 2))
}

/** A copy of the picture with the strip drawn over it; closes the one it is given. For `CaptureOptions.transformFrame`. */
export function timeCodeStamper(nowMs: () => number): (picture: VideoFrame) => VideoFrame {
  let canvas: OffscreenCanvas | undefined
  return picture => {
    const { displayWidth: width, displayHeight: height, timestamp } = picture
    if (canvas?.width !== width || canvas.height !== height) canvas = new OffscreenCanvas(width, height)
    const context = canvas.getContext('2d', { alpha: false })
    if (context === null) return picture
    context.drawImage(picture, 0, 0, width, height)
    picture.close()
    drawTimeCode(context, width, height, nowMs())
    return new VideoFrame(canvas, { timestamp })
  }
}
