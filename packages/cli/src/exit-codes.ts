/** What the command's exit status says. */
export const exitCodes: { readonly ok: 0; readonly failed: 1; readonly usage: 2; readonly unavailable: 3 } = Object.freeze({
  ok: 0,
  /** It was tried and failed; or `doctor` found something that is not mended. */
  failed: 1,
  /** The command line, a module or a setting is wrong: trying again is useless. */
  usage: 2,
  /** The database cannot be reached, or another process has it: trying again may help. */
  unavailable: 3,
})
