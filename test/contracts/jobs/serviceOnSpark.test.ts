/**
 * The Catalog's tables, bookmarks and the corpus of Glue scripts on Apache Spark where it is installed: the same tests as on the
 * embedded engine, with the same rows. They go over the Connect server that is kept.
 */
import { onSpark } from './onSpark.ts'

await onSpark('the Catalog and bookmarks on Apache Spark', {}, async () => {
  await import('../../glue/corpus.test.ts')
  await import('../../glue/catalogFrames.test.ts')
  await import('./tables.test.ts')
  // It moves the clock.
  await import('../../glue/bookmarks.test.ts')
})
