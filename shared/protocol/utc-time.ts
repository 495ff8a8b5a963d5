/** 9999-12-31T23:59:59.999Z, the last moment with a four-digit year, in ms since the epoch. */
export const UTC_MAX_MS = 253_402_300_799_999
const UTC_TEXT = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})\.(\d{3})Z$/
const DAY_MS = 86_400_000

/**
 * `ms` since the epoch (0..UTC_MAX_MS) as `2025-11-24T09:30:00.000Z`. `shared/` has no Date, lest it read the clock.
 * Days to civil date by Hinnant's algorithm: years begin in March, eras are 400 years of 146,097 days.
 */
export function utcText(ms: number): string {
  const days = Math.floor(ms / DAY_MS) + 719_468
  const era = Math.floor(days / 146_097)
  const dayOfEra = days - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  const ofDay = ms % DAY_MS
  const hours = Math.floor(ofDay / 3_600_000)
  const minutes = Math.floor(ofDay / 60_000) % 60
  const seconds = Math.floor(ofDay / 1_000) % 60
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${pad(hours, 2)}:${pad(minutes, 2)}:${pad(seconds, 2)}.${pad(ofDay % 1_000, 3)}Z`
}

/** The inverse; undefined for anything that `utcText` does not write. */
export function parseUtc(text: string): number | undefined {
  const fields = UTC_TEXT.exec(text)
  if (fields === null) return undefined
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0, millis = 0] = fields
    .slice(1)
    .map(Number)
  const fromMarch = month <= 2 ? year - 1 : year
  const era = Math.floor(fromMarch / 400)
  const yearOfEra = fromMarch - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  const days = era * 146_097 + dayOfEra - 719_468
  const ms = days * DAY_MS + hours * 3_600_000 + minutes * 60_000 + seconds * 1_000 + millis
  return ms >= 0 && utcText(ms) === text ? ms : undefined
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
