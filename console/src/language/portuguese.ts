/** The console in Portuguese, by its English words. */
import { events } from './portuguese/events.ts'
import { frame } from './portuguese/frame.ts'
import { seeing } from './portuguese/seeing.ts'
import { waiting } from './portuguese/waiting.ts'
import { words } from './portuguese/words.ts'
import { working } from './portuguese/working.ts'

export const portuguese = { ...frame, ...events, ...waiting, ...working, ...seeing, ...words } as const
