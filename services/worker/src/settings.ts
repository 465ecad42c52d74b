import { type RunWorkerOptions, VivantError } from 'vivant'

type Environment = Readonly<Record<string, string | undefined>>

const defaultModule = '/app/pipeline/pipeline.ts'

/**
 * The settings of the service: modules from the command line or VIVANT_MODULES (with commas between them), the rest from the
 * environment: DATABASE_URL, VIVANT_POOLS, VIVANT_SLOTS, VIVANT_MEDIA (a folder, default /data, or s3://bucket/prefix, found by
 * AWS_ENDPOINT_URL_S3, AWS_REGION and AWS_ACCESS_KEY_ID and its kin), VIVANT_ALLOWED_ROOTS (folders and s3://bucket/prefix), VIVANT_SCHEMA, VIVANT_DEFINE (`1` first brings the database to the modules' definitions).
 *
 * @throws CONFIGURATION_INVALID
 */
export function readSettings(args: readonly string[], environment: Environment): RunWorkerOptions {
  const target = environment['DATABASE_URL']
  if (!target) throw new VivantError('CONFIGURATION_INVALID', 'DATABASE_URL is not set: postgres://user:password@host:5432/database is needed.')
  const named = list(environment['VIVANT_MODULES'])
  const pools = list(environment['VIVANT_POOLS'])
  const roots = list(environment['VIVANT_ALLOWED_ROOTS'])
  const slots = environment['VIVANT_SLOTS']
  const schema = environment['VIVANT_SCHEMA']
  return {
    target,
    modules: args.length ? args : named.length ? named : [defaultModule],
    define: environment['VIVANT_DEFINE'] === '1',
    media: { store: environment['VIVANT_MEDIA'] || '/data', ...(roots.length ? { allowedRoots: roots } : {}) },
    ...(pools.length ? { pools } : {}),
    ...(slots ? { slots: parseSlots(slots) } : {}),
    ...(schema ? { schema } : {}),
  }
}

function list(value: string | undefined): readonly string[] {
  return (value ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)
}

function parseSlots(value: string): number {
  const slots = Number(value)
  if (Number.isInteger(slots) && slots >= 1) return slots
  throw new VivantError('CONFIGURATION_INVALID', `VIVANT_SLOTS is ${JSON.stringify(value)}: a whole number from 1 on is needed.`)
}
