import { existsSync, statSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { VivantError } from '@vivant/core'
import type { FunctionModule } from '../runtime/register-modules.ts'

/**
 * Imports modules of functions and definitions by path, from the working directory. Node runs TypeScript by itself.
 *
 * @throws CONFIGURATION_INVALID no such file, or its import fails: with the reason
 */
export async function loadModules(paths: readonly string[]): Promise<readonly FunctionModule[]> {
  const modules: FunctionModule[] = []
  for (const path of paths) modules.push(await loadModule(path))
  return modules
}

async function loadModule(path: string): Promise<FunctionModule> {
  const file = resolve(path)
  const details = { module: file }
  if (!existsSync(file)) throw new VivantError('CONFIGURATION_INVALID', `There is no module ${path} (looked for ${file}).`, { details })
  if (!statSync(file).isFile())
    throw new VivantError('CONFIGURATION_INVALID', `${path} is not a module: it is a folder. Name the file, such as ${path.replace(/\/$/u, '')}/pipeline.ts.`, {
      details,
    })
  try {
    return (await import(pathToFileURL(file).href)) as FunctionModule
  } catch (error) {
    throw new VivantError('CONFIGURATION_INVALID', `The module ${path} cannot be imported: ${reasonOf(error, file)}`, { cause: error, details })
  }
}

function reasonOf(error: unknown, file: string): string {
  const { code, message } = error as { code?: string; message?: string }
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return `Node cannot run ${extname(file)} files.`
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')
    return `${message} (Node runs TypeScript whose types can be erased: no enums, no namespaces, no parameter properties.)`
  return message ?? String(error)
}
