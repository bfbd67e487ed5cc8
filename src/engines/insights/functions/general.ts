/** General, JSON and IP address functions. */
import type { FunctionLine } from './functionTable.ts'

export const generalFunctions: readonly FunctionLine[] = [
  ['ispresent(any): boolean', '($1 IS NOT NULL)', 'whether the field is there'],
  ['coalesce(any…): any', 'coalesce($*)', 'the first that is there'],
  ['unmask(any): any', '$1', 'the value as it was logged, whatever data protection masks'],
  [
    'jsonParse(text): json',
    'igp_json_parse($1)',
    'the document: `parsed.a.b`, `parsed.list[0]`; missing where it is no JSON',
  ],
  ['jsonStringify(json): text', '$1', "the document's text"],
  ['isValidIp(text): boolean', "igp_is_ip($1, 'any')", 'whether it is an address'],
  ['isValidIpv4(text): boolean', "igp_is_ip($1, 'v4')", 'whether it is an IPv4 address'],
  ['isValidIpv6(text): boolean', "igp_is_ip($1, 'v6')", 'whether it is an IPv6 address'],
  [
    'isIpInSubnet(text, text): boolean',
    "igp_in_subnet($1, $2, 'any')",
    'whether the address lies in the subnet, `10.0.0.0/8`',
  ],
  ['isIpv4InSubnet(text, text): boolean', "igp_in_subnet($1, $2, 'v4')", 'the same of IPv4'],
  ['isIpv6InSubnet(text, text): boolean', "igp_in_subnet($1, $2, 'v6')", 'the same of IPv6'],
]
