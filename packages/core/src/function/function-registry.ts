import { CodeRegistry } from './code-registry.ts'
import type { FunctionDefinition } from './function-definition.ts'

/** The functions whose code this process has, for one connection. */
export class FunctionRegistry extends CodeRegistry<FunctionDefinition> {}
