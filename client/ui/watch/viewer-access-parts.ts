import type { StreamId } from '../../../shared/protocol/ids.ts'
import { AccessTakerShell } from '../../engine/access/access-taker.ts'
import { WebContentOpener } from '../../engine/access/content-opener.ts'
import type { EngineDeps } from '../../engine/ports.ts'
import type { ViewerAccessParts } from '../../engine/viewer-access.ts'

/** What opens a paid stream in a page; of a free one it is made and never used. */
export function viewerAccess({
  clock,
  logger,
  random,
}: EngineDeps): (streamId: StreamId) => ViewerAccessParts {
  return streamId => ({
    taker: new AccessTakerShell({ clock, random, logger: logger.scope('access') }),
    opener: new WebContentOpener(streamId),
  })
}
