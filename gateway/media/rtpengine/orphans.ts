import type { NgClient } from './ng-client.js';

const LIST_LIMIT = 500;

/** Rounds of list and delete; more calls than that are left to the daemon's own timeout. */
const MAX_ROUNDS = 20;

/**
 * Deletes the calls that earlier runs of this gateway left behind, told by their call ids. Calls of this
 * run and of everybody else stay.
 * @returns how many were deleted
 * @throws CopperlineError CL_MEDIA_RTPENGINE_SILENT
 */
export async function removeOrphans(
  client: NgClient,
  names: { instance: string; run: string },
): Promise<number> {
  let removed = 0;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { calls } = await client.request('list', { limit: LIST_LIMIT });
    const orphans = (Array.isArray(calls) ? calls : []).filter(
      (id): id is string => typeof id === 'string' && isOrphan(id, names),
    );
    if (orphans.length === 0) return removed;
    for (const id of orphans) {
      await client.request('delete', { 'call-id': id, 'delete-delay': 0 });
      removed += 1;
    }
  }
  return removed;
}

function isOrphan(callId: string, { instance, run }: { instance: string; run: string }): boolean {
  return callId.startsWith(`${instance}/`) && !callId.startsWith(`${instance}/${run}/`);
}
