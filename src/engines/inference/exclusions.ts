/**
 * Exclude patterns of a crawler, by the Glue guide's globs: `*` within a folder, `**` across folders, `?`, `[a-z]`,
 * `[!a]`, `{one,two}`, `\` before a sign that stands for itself. They hold for the path below the include path.
 */
export function isExcluded(patterns: readonly string[]): (path: string) => boolean {
  const forms = patterns.map((pattern) => new RegExp(`^${regexText(pattern)}$`, 's'))
  return (path) => forms.some((form) => form.test(path))
}

function regexText(glob: string): string {
  let text = ''
  let braces = 0
  for (let at = 0; at < glob.length; at++) {
    const sign = glob[at] as string
    if (sign === '\\') {
      at += 1
      text += escaped(glob[at] ?? '\\')
    } else if (sign === '*' && glob[at + 1] === '*') {
      at += 1
      text += '.*'
    } else if (sign === '*') text += '[^/]*'
    else if (sign === '?') text += '[^/]'
    else if (sign === '[' && glob.indexOf(']', at + 1) > 0) {
      const end = glob.indexOf(']', at + 2) > 0 ? glob.indexOf(']', at + 2) : glob.indexOf(']', at + 1)
      text += bracket(glob.slice(at + 1, end))
      at = end
    } else if (sign === '{') {
      braces += 1
      text += '(?:'
    } else if (sign === '}' && braces > 0) {
      braces -= 1
      text += ')'
    } else if (sign === ',' && braces > 0) text += '|'
    else text += escaped(sign)
  }
  return text + ')'.repeat(braces)
}

function bracket(members: string): string {
  const negated = members.startsWith('!')
  return `[${negated ? '^/' : ''}${(negated ? members.slice(1) : members).replace(/[\\\]^[]/g, '\\$&')}]`
}

function escaped(sign: string): string {
  return sign.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
