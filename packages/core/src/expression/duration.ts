/** A length of time in whole units, any of them negative. Months come first (a day is cut to the month's last), then days, then the rest. */
export interface Duration extends DayDuration {
  readonly hours?: number
  readonly minutes?: number
  readonly seconds?: number
  readonly milliseconds?: number
}

/** The units that a date can be moved by. */
export interface DayDuration {
  readonly years?: number
  readonly months?: number
  readonly weeks?: number
  readonly days?: number
}
