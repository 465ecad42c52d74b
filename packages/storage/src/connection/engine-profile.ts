/** What differs between the two engines; everything else is the same code. */
export interface EngineProfile {
  readonly name: 'server' | 'embedded'
  /** Connections that may be used at once. */
  readonly connections: number
  /** One process owns the data: at open every lease is free, and no heartbeat is needed. */
  readonly singleProcess: boolean
  /** `statement_timeout` is honoured. */
  readonly statementTimeout: boolean
  /** Other sessions can write, so a worker must be woken by LISTEN. */
  readonly notifications: boolean
}

export const serverProfile: EngineProfile = Object.freeze({
  name: 'server',
  connections: 10,
  singleProcess: false,
  statementTimeout: true,
  notifications: true,
})

export const embeddedProfile: EngineProfile = Object.freeze({
  name: 'embedded',
  connections: 1,
  singleProcess: true,
  statementTimeout: false,
  notifications: false,
})
