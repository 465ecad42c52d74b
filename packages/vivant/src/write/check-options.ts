import { nearestName, VivantError } from '@vivant/core'

/** An option that is passed over in silence is one that somebody relies on: CONFIGURATION_INVALID, with what was probably meant. */
export function checkOptions<O extends object>(call: string, options: O, known: Readonly<Record<keyof Required<O>, true>>): void {
  const names = Object.keys(known)
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name))
  if (unknown === undefined) return
  const nearest = nearestName(unknown, names)
  throw new VivantError(
    'CONFIGURATION_INVALID',
    `${call} has no option "${unknown}"${nearest ? `; did you mean "${nearest}"?` : `: there are ${names.join(', ')}.`}`,
    {
      details: { option: unknown },
    },
  )
}
