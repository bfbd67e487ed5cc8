/** Fn::Cidr: cuts an IPv4 block into equal smaller ones. */
import { TemplateError } from './templates.ts'

const blockPattern = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/
const countMax = 256

export function fourthVersionBlocks(block: string, count: number, hostBits: number): string[] {
  if (block.includes(':')) throw new TemplateError('Template error: Fn::Cidr of an IPv6 block is not implemented.')
  const parts = blockPattern.exec(block)?.slice(1).map(Number)
  const prefixBits = parts?.[4] ?? 33
  if (!parts || prefixBits > 32 || parts.slice(0, 4).some((part) => part > 255)) {
    throw new TemplateError(`Template error: Fn::Cidr: invalid IP block ${block}`)
  }
  if (!(Number.isInteger(count) && count >= 1 && count <= countMax)) {
    throw new TemplateError('Template error: Fn::Cidr: count must be between 1 and 256')
  }
  const available = 2 ** (32 - prefixBits - hostBits)
  if (!Number.isInteger(hostBits) || hostBits < 1 || count > available) {
    throw new TemplateError(
      `Template error: Fn::Cidr: requested ${count} blocks of ${hostBits} bits do not fit into ${block}`,
    )
  }
  const address = parts.slice(0, 4).reduce((sum, part) => sum * 256 + part, 0)
  const start = address - (address % 2 ** (32 - prefixBits))
  return Array.from({ length: count }, (_, index) => `${dotted(start + index * 2 ** hostBits)}/${32 - hostBits}`)
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}
