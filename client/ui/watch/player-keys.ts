export type PlayerCommand =
  | { readonly kind: 'pause' | 'mute' | 'fullscreen' | 'fit' | 'sound' }
  /** −1 to 1 */
  | { readonly kind: 'volume'; readonly by: number }

/** What a key does to the player, wherever on the page it is pressed; undefined: it belongs to somebody else. */
export function playerCommand(event: KeyboardEvent): PlayerCommand | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return undefined
  const target = event.composedPath()[0]
  if (target instanceof HTMLElement && takesKey(target, event.key)) return undefined
  switch (event.key) {
    case ' ':
    case 'k':
    case 'K':
      return event.repeat ? undefined : { kind: 'pause' }
    case 'm':
    case 'M':
      return event.repeat ? undefined : { kind: 'mute' }
    case 'f':
    case 'F':
      return event.repeat ? undefined : { kind: 'fullscreen' }
    case 'ArrowUp':
    case 'ArrowRight':
      return { kind: 'volume', by: 0.05 }
    case 'ArrowDown':
    case 'ArrowLeft':
      return { kind: 'volume', by: -0.05 }
    default:
      return undefined
  }
}

/** True where the key already means something: typing, a button's Space, a slider's or list's arrows. */
function takesKey(element: HTMLElement, key: string): boolean {
  if (element.isContentEditable || element.matches('textarea, select, input:not([type="range"])')) return true
  if (element.matches('input[type="range"], [role="region"]')) return key.startsWith('Arrow')
  return key === ' ' && element.matches('button, a, summary')
}
