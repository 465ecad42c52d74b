export { isPostgresError, translateError, type TranslatedTable } from './translate-error.ts'
