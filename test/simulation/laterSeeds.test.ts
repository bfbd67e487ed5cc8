/** The second thousand of the two thousand seeds that every change must pass. */
import { testSeeds } from './seeds.ts'

testSeeds(1001, 1000)
