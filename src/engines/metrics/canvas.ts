/** A small picture: boxes, lines and text in letters of three by five dots. */
export type Colour = readonly [red: number, green: number, blue: number]

/** Each digit is a row of three dots, from the top. */
const glyphs: Record<string, string> = {
  '0': '75557',
  '1': '26227',
  '2': '71747',
  '3': '71717',
  '4': '55711',
  '5': '74717',
  '6': '74757',
  '7': '71122',
  '8': '75757',
  '9': '75717',
  A: '25755',
  B: '65656',
  C: '34443',
  D: '65556',
  E: '74747',
  F: '74744',
  G: '34553',
  H: '55755',
  I: '72227',
  J: '11152',
  K: '55655',
  L: '44447',
  M: '57755',
  N: '65555',
  O: '25552',
  P: '65644',
  Q: '25563',
  R: '65655',
  S: '34216',
  T: '72222',
  U: '55557',
  V: '55552',
  W: '55775',
  X: '55255',
  Y: '55222',
  Z: '71247',
  '.': '00002',
  ',': '00024',
  ':': '02020',
  ';': '02024',
  '-': '00700',
  _: '00007',
  '/': '11244',
  '\\': '44211',
  '(': '12221',
  ')': '42224',
  '[': '32223',
  ']': '62226',
  '{': '32623',
  '}': '62326',
  '%': '51245',
  '+': '02720',
  '=': '07070',
  "'": '22000',
  '"': '55000',
  '!': '22202',
  '?': '71202',
  '#': '57575',
  '*': '52500',
  '<': '12421',
  '>': '42124',
  '|': '22222',
  '~': '03600',
  '^': '25000',
  '`': '42000',
  '@': '25743',
  '&': '25253',
  $: '36236',
  ' ': '00000',
}
const unknown = '77777'

export class Canvas {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array

  constructor(width: number, height: number, background: Colour) {
    this.width = width
    this.height = height
    this.pixels = new Uint8Array(width * height * 3)
    this.box({ x: 0, y: 0, width, height }, background)
  }

  box(place: { x: number; y: number; width: number; height: number }, colour: Colour): void {
    const [left, top] = [Math.max(0, Math.round(place.x)), Math.max(0, Math.round(place.y))]
    const right = Math.min(this.width, Math.round(place.x + place.width))
    const bottom = Math.min(this.height, Math.round(place.y + place.height))
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) this.#dot(x, y, colour)
  }

  line(from: readonly [number, number], to: readonly [number, number], colour: Colour, thickness = 1): void {
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]))))
    for (let step = 0; step <= steps; step++) {
      const x = from[0] + ((to[0] - from[0]) * step) / steps
      const y = from[1] + ((to[1] - from[1]) * step) / steps
      this.box({ x: x - (thickness - 1) / 2, y: y - (thickness - 1) / 2, width: thickness, height: thickness }, colour)
    }
  }

  /** From its upper left corner; what has no glyph is a block, as with accents away. */
  text(words: string, x: number, y: number, colour: Colour, scale = 2): void {
    let left = x
    for (const letter of plain(words)) {
      const rows = glyphs[letter] ?? unknown
      for (const [row, digit] of [...rows].entries()) {
        for (let column = 0; column < 3; column++) {
          if ((Number(digit) >> (2 - column)) % 2 === 0) continue
          this.box({ x: left + column * scale, y: y + row * scale, width: scale, height: scale }, colour)
        }
      }
      left += 4 * scale
    }
  }

  #dot(x: number, y: number, [red, green, blue]: Colour): void {
    const at = (y * this.width + x) * 3
    this.pixels[at] = red
    this.pixels[at + 1] = green
    this.pixels[at + 2] = blue
  }
}

export function textWidth(words: string, scale = 2): number {
  return plain(words).length * 4 * scale
}

function plain(words: string): string {
  return words.normalize('NFD').replace(/\p{M}/gu, '').toUpperCase()
}
