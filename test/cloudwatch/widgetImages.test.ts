/** GetMetricWidgetImage: what is drawn is a picture of the values. */
import { inflateSync } from 'node:zlib'
import { CloudWatchClient, GetMetricWidgetImageCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

async function image(igarape: Igarape, widget: object): Promise<Buffer> {
  const MetricWidget = JSON.stringify(widget)
  const answer = await igarape.client(CloudWatchClient).send(new GetMetricWidgetImageCommand({ MetricWidget }))
  return Buffer.from(answer.MetricWidgetImage as Uint8Array)
}

/** Pixels of a colour, from a PNG as ours are: three bytes a pixel, no filter. */
function countOf(png: Buffer, width: number, colour: readonly number[]): number {
  const at = png.indexOf('IDAT')
  const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)))
  let found = 0
  for (let row = 0; row < rows.length; row += width * 3 + 1) {
    for (let x = row + 1; x < row + 1 + width * 3; x += 3) {
      if (colour.every((part, index) => rows[x + index] === part)) found++
    }
  }
  return found
}

test('a widget with values is a PNG of its size, with a line in its colour', async ({ igarape }) => {
  const now = igarape.clock.now().getTime()
  const MetricData = [10, 30, 20].map((Value, index) => ({
    MetricName: 'orders',
    Dimensions: [{ Name: 'Store', Value: 'north' }],
    Value,
    Timestamp: new Date(now - (3 - index) * 600_000),
  }))
  await igarape.client(CloudWatchClient).send(new PutMetricDataCommand({ Namespace: 'shop', MetricData }))
  const metrics = [
    ['shop', 'orders', 'Store', 'north', { color: '#123456' }],
    ['...', 'south', { label: 'none' }],
  ]

  const png = await image(igarape, { width: 300, height: 200, title: 'Orders', metrics, start: '-PT1H', stat: 'Sum' })

  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([300, 200])
  expect(countOf(png, 300, [0x12, 0x34, 0x56])).toBeGreaterThan(150)
  const empty = await image(igarape, { width: 300, height: 200, metrics: [['shop', 'none', { color: '#123456' }]] })
  // Its legend alone.
  expect(countOf(empty, 300, [0x12, 0x34, 0x56])).toBe(100)
})

test('what cannot be drawn is refused', async ({ igarape }) => {
  await expect(image(igarape, { metrics: [['shop']] })).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
  })
  await expect(image(igarape, { metrics: [['shop', 'a']], view: 'pie' })).rejects.toMatchObject({
    name: 'NotImplemented',
  })
})
