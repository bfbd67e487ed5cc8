/** Binary functions: encodings, hashes, checksums (trino.io, "Binary functions and operators"). */
import type { FunctionTable } from './table.ts'

const hash = (name: string) => [`${name}(varbinary): varbinary`, `igp_hash($1, '${name}')`] as const
const hmac = (name: string) => [`hmac_${name}(varbinary, varbinary): varbinary`, `igp_hmac($1, $2, '${name}')`] as const

export const binaryFunctions: FunctionTable = {
  kind: 'scalar',
  lines: [
    ...['md5', 'sha1', 'sha256', 'sha512', 'xxhash64', 'murmur3'].map(hash),
    ...['md5', 'sha1', 'sha256', 'sha512'].map(hmac),
    ['spooky_hash_v2_32(varbinary): varbinary', 'igp_spooky_hash($1, 4)'],
    ['spooky_hash_v2_64(varbinary): varbinary', 'igp_spooky_hash($1, 8)'],
    ['crc32(varbinary): bigint', 'igp_crc32($1)'],
    ['to_hex(varbinary): varchar', 'hex($1)'],
    ['from_hex(varchar): varbinary', 'igp_from_hex($1)'],
    ['to_base64(varbinary): varchar', 'to_base64($1)'],
    ['from_base64(varchar): varbinary', 'igp_from_base64($1)'],
    ['to_base64url(varbinary): varchar', 'igp_to_base64url($1)'],
    ['from_base64url(varchar): varbinary', 'igp_from_base64url($1)'],
    ['to_base32(varbinary): varchar', 'igp_to_base32($1)'],
    ['from_base32(varchar): varbinary', 'igp_from_base32($1)'],
    ['to_big_endian_32(integer): varbinary', 'igp_to_big_endian(CAST($1 AS BIGINT), 4)'],
    ['to_big_endian_64(bigint): varbinary', 'igp_to_big_endian($1, 8)'],
    ['from_big_endian_32(varbinary): integer', 'CAST(igp_from_big_endian($1, 4) AS INTEGER)'],
    ['from_big_endian_64(varbinary): bigint', 'igp_from_big_endian($1, 8)'],
    ['to_ieee754_32(real): varbinary', 'igp_to_ieee754(CAST($1 AS DOUBLE), 4)'],
    ['to_ieee754_64(double): varbinary', 'igp_to_ieee754($1, 8)'],
    ['from_ieee754_32(varbinary): real', 'CAST(igp_from_ieee754($1, 4) AS FLOAT)'],
    ['from_ieee754_64(varbinary): double', 'igp_from_ieee754($1, 8)'],
    ['contains(varchar, ipaddress): boolean', 'igp_network_contains($1, $2)'],
  ],
}
