/**
 * Each rule of the commit protocol that guards against a trace, as a switch. All are on; only tests reach them, to show
 * that without the guard the trace goes wrong. They are read when a statement is built.
 */
export interface Guards {
  /** Rule 1: an update of an input draws a revision, in the user's transaction. */
  revisionOnUpdate: boolean
  /** Rule 2: values, revisions and cells in one snapshot. */
  oneSnapshot: boolean
  /** Rule 3: the token is the sum of the inputs' revisions (off: the greatest). */
  tokenIsSum: boolean
  /** Rule 4: nothing is written under a lost lease. */
  leaseCheck: boolean
  /** Rule 5: nothing is written by an older schema version. */
  schemaCheck: boolean
  /** Rule 6: a dependent's token comes from the seq that this commit's write returned. */
  returnedSeq: boolean
  /** Rule 7: a cell is replaced only by a strictly greater (version, token, attempts). */
  strictFence: boolean
  /** Rule 8: rows whose write lost the fence are put back, their dependents are not written. */
  putBackLost: boolean
  /** Rule 9: a change of status alone draws a new seq. */
  seqOnStatus: boolean
  /** Rule 9: the seq is drawn under the lock of the cell (off: before, so that it can go backwards). */
  seqUnderLock: boolean
  /** Rule 10: rows whose seq moved while a dependent was not planned are put back. */
  putBackUnplanned: boolean
  /** Rule 11: the other pools' tasks are in the commit. */
  followUpsInside: boolean
  /** Rule 12: a column is published when every older writer has ended. */
  waitForWriters: boolean
  /** Rule 13: a slice is marked swept in the commit that makes its task. */
  sliceWithTask: boolean
  /** Rule 14: an expansion is fenced on (version, token, attempts). */
  fenceExpansion: boolean
  /** Rule 14: the rows of a view are compared in a snapshot after the lock of the expansion's cell. */
  diffUnderLock: boolean
  /** Rule 15: every piece is fenced, not the first alone. */
  fencePieces: boolean
  /** Rule 16: what follows for the rows of views is worked out by a task of its own (off: in the snapshot of the commit that made it follow). */
  fanOutApart: boolean
  /** Rule 17: a piece continues the run that wrote the piece before it (off: whatever list stands there). */
  oneRun: boolean
  /** Rule 18: rows of a view are recognised by their content (off: by their position). */
  diffByContent: boolean
  /** Rule 19: what changes among a view's rows is logged for their parent, whose task is in the same transaction. */
  logChildren: boolean
  /** Rules 19 and 21: so is the parent's task when an expansion goes on or ends. */
  expansionFollows: boolean
  /** Rule 20: a fold sums up the entries that it deletes (off: those that its snapshot shows). */
  foldDeleted: boolean
  /** Rule 21: a cell that comes out equal adds the task of a parent that waits for it. */
  equalAddsTask: boolean
  /** Rule 22: a delete leaves a tombstone that counts into every token. */
  tombstone: boolean
  /** Rule 23: a sweep deletes by token, never by absence of the row. */
  sweepByToken: boolean
  /** Rule 25: what a user has locked is left for later. */
  skipLocked: boolean
  /** Rule 26: a delete logs its place in its group. */
  logDeletes: boolean
  /** Rule 26: a row that moves logs both places (off: the new one). */
  logBothPlaces: boolean
  /** Rule 26: a group is replaced only by a strictly greater (version, token, dirty, attempts). */
  fenceGroup: boolean
  /** Rule 26: a group is replaced only as it was loaded. */
  groupAsLoaded: boolean
  /** Rule 26: rows and log in one snapshot. */
  groupSnapshot: boolean
  /** Rule 26: only log rows that were loaded are folded. */
  foldLoaded: boolean
  /** Rule 26: who continues a group begins at its mark. */
  dirtyMark: boolean
  /** Rule 26: a row that has gone to another group is not written by who saw it in the old one. */
  fenceMovedRows: boolean
  /** Rule 26: what a cell's change means for groups is worked out again in a snapshot after its commit (rule 16). */
  touchLater: boolean
  /** Rule 27: a function over all rows of a view is called by one claim at a time, and by the last that has a reason. */
  oneAssembly: boolean
  /** Rule 28: a cell that is run again for the same inputs is written alone. */
  rerunAlone: boolean
}

export const guards: Guards = {
  revisionOnUpdate: true,
  oneSnapshot: true,
  tokenIsSum: true,
  leaseCheck: true,
  schemaCheck: true,
  returnedSeq: true,
  strictFence: true,
  putBackLost: true,
  seqOnStatus: true,
  seqUnderLock: true,
  putBackUnplanned: true,
  followUpsInside: true,
  waitForWriters: true,
  sliceWithTask: true,
  fenceExpansion: true,
  diffUnderLock: true,
  fencePieces: true,
  fanOutApart: true,
  oneRun: true,
  diffByContent: true,
  logChildren: true,
  expansionFollows: true,
  foldDeleted: true,
  equalAddsTask: true,
  tombstone: true,
  sweepByToken: true,
  skipLocked: true,
  logDeletes: true,
  logBothPlaces: true,
  fenceGroup: true,
  groupAsLoaded: true,
  groupSnapshot: true,
  foldLoaded: true,
  dirtyMark: true,
  fenceMovedRows: true,
  touchLater: true,
  oneAssembly: true,
  rerunAlone: true,
}
