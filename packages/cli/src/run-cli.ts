import { Command, CommanderError } from 'commander'
import { doctorCommand, type DoctorCommandOptions } from './commands/doctor-command.ts'
import { mediaGcCommand, type MediaGcCommandOptions } from './commands/media-gc-command.ts'
import { mediaStatsCommand, type MediaStatsCommandOptions } from './commands/media-stats-command.ts'
import { migrateCommand, type MigrateCommandOptions } from './commands/migrate-command.ts'
import { statusCommand, type StatusCommandOptions } from './commands/status-command.ts'
import { workerCommand, type WorkerCommandOptions } from './commands/worker-command.ts'
import { exitCodes } from './exit-codes.ts'
import { describeError, exitCodeOf } from './output/describe-error.ts'

const urlHelp = 'postgres://… or the folder of an embedded database (default: DATABASE_URL, else .vivant)'

const mediaHelp =
  'the media store, a folder or s3://bucket/prefix, the same for all workers and applications (default: VIVANT_MEDIA, else media in the folder of the database); S3 is found by AWS_ENDPOINT_URL_S3, AWS_REGION and AWS_ACCESS_KEY_ID and its kin'

/** Runs the command line; gives the exit status. */
export async function runCli(args: readonly string[]): Promise<number> {
  let status: number = exitCodes.ok
  const program = new Command('vivant')
    .description('Live tables: computed columns over PostgreSQL.')
    .exitOverride()
    .showHelpAfterError('(vivant --help says more)')
  program
    .command('worker')
    .description('computes cells with the functions of the modules, until SIGTERM or SIGINT (which it drains on)')
    .argument('<modules...>', 'modules that define the functions, such as ./pipeline.ts')
    .option('--url <url>', urlHelp)
    .option('--pools <names>', 'pools whose functions it runs, with commas between them (default: default)')
    .option('--slots <count>', 'claims that are settled at once')
    .option('--media <place>', mediaHelp)
    .option('--allow-root <places...>', 'folders, or parts of buckets (s3://bucket/prefix), from which references that came by SQL are read')
    .option('--schema <name>', 'schema of the tables (default: public)')
    .option('--define', 'first brings the database to the definitions of the modules')
    .option('--allow-drop', 'with --define: what is there and not defined is dropped')
    .option('--json', 'logs JSON lines')
    .action(async (modules: string[], options: WorkerCommandOptions) => void (status = await workerCommand(modules, options)))
  program
    .command('status')
    .description('what is done, what is not, and what waits for what')
    .option('--url <url>', urlHelp)
    .option('--schema <name>', 'schema of the tables (default: public)')
    .option('--watch', 'again every two seconds')
    .option('--json', 'prints JSON')
    .action(async (options: StatusCommandOptions) => void (status = await statusCommand(options)))
  program
    .command('doctor')
    .description('checks that nothing is lost; exits with 1 when something is')
    .option('--url <url>', urlHelp)
    .option('--repair', 'mends what can be mended')
    .option('--json', 'prints JSON')
    .action(async (options: DoctorCommandOptions) => void (status = await doctorCommand(options)))
  program
    .command('migrate')
    .description('brings the system schema of the database to this version')
    .option('--url <url>', urlHelp)
    .option('--json', 'prints JSON')
    .action(async (options: MigrateCommandOptions) => void (status = await migrateCommand(options)))
  const media = program.command('media').description('what lies in the media store')
  media
    .command('stats')
    .description('how many media there are, of which types, and how many wait to be collected')
    .option('--url <url>', urlHelp)
    .option('--json', 'prints JSON')
    .action(async (options: MediaStatsCommandOptions) => void (status = await mediaStatsCommand(options)))
  media
    .command('gc')
    .description('deletes media that nothing refers to: what a run condemns, a later one deletes when the grace period is over')
    .option('--url <url>', urlHelp)
    .option('--media <place>', mediaHelp)
    .option('--grace <time>', 'how long nothing must have referred to a medium, such as 90min, 24h or 7d, an hour at least (default: 24h)')
    .option('--offline', 'nothing else writes to the database now: deletes at once')
    .option('--dry-run', 'only tells what would be done')
    .option('--json', 'prints JSON')
    .action(async (options: MediaGcCommandOptions) => void (status = await mediaGcCommand(options)))
  try {
    await program.parseAsync(args, { from: 'user' })
    return status
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    process.stderr.write(`vivant: ${describeError(error)}\n`)
    return exitCodeOf(error)
  }
}
