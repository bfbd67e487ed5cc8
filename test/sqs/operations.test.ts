import { expect } from 'vitest'
import { loadModel } from '../../src/wire/model.ts'
import { test } from '../fixture.ts'

test('every operation of the model is there', ({ igarape }) => {
  const service = igarape.server.platform.services.get('sqs')
  const missing = Object.keys(loadModel('sqs').raw.operations).filter((name) => !service?.operations.has(name))

  expect(missing).toEqual([])
})
