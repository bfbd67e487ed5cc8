/** The Catalog's tables and the corpus of Glue scripts on Apache Spark in its classic mode, which jobs with settings of their own have. */
import { onSpark } from './onSpark.ts'

await onSpark('the Catalog on Apache Spark in classic mode', { '--conf': 'spark.speculation=false' }, async () => {
  await import('../../glue/corpus.test.ts')
  await import('./tables.test.ts')
})
