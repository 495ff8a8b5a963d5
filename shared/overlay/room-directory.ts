/**
 * Asks a tracker for everything that is live, at once: it writes AnnouncementRecords, each with its length before
 * it as a varint, and closes. Gossip only brings what comes after.
 */
export const DIRECTORY_LIST_PROTOCOL = '/vilokanam/directory/1.0.0'

/** Records one list holds at most. */
export const DIRECTORY_LIST_MAX = 200

/**
 * gossipsub's degrees for a topic whose members all hang on a few hubs. A hub keeps at most `Dhi` of them in its mesh
 * and is itself the only way between them: with the default of 12, a page's message reached none of 399 others. So
 * no more peers can connect than `D` and `Dhi`, one is enough, and none need have been dialled by us (measured: 299 of
 * 299 with these).
 */
export function hubDegrees(connectionsMax: number) {
  return { D: connectionsMax, Dhi: connectionsMax, Dlo: 1, Dscore: 0, Dout: 0 } as const
}
