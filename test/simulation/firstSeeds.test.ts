/** The first thousand of the two thousand seeds that every change must pass. */
import { testSeeds } from './seeds.ts'

testSeeds(1, 1000)
