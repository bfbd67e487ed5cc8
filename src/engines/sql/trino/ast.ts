/** A query as it was written: what the parser makes and the compiler reads. Every node knows its place. */
import type { Token } from '../tokens.ts'

/** A type as written: `decimal(10,2)`, `array(row(a integer))`, `timestamp(3) with time zone`. */
export interface TypeNode {
  at: Token
  name: string
  numbers: number[]
  types: { name?: string; type: TypeNode }[]
  zoned?: boolean
}

export type Expression =
  | { kind: 'null'; at: Token }
  | { kind: 'boolean'; at: Token; value: boolean }
  | { kind: 'string'; at: Token; value: string }
  | { kind: 'number'; at: Token; text: string }
  | { kind: 'binary'; at: Token; hex: string }
  | { kind: 'typed'; at: Token; type: TypeNode; text: string }
  | { kind: 'interval'; at: Token; text: string; negative: boolean; from: string; to?: string }
  | { kind: 'parameter'; at: Token }
  | { kind: 'name'; at: Token; name: string; quoted: boolean }
  | { kind: 'field'; at: Token; base: Expression; name: string; text: string; quoted: boolean }
  | { kind: 'subscript'; at: Token; base: Expression; index: Expression }
  | { kind: 'call'; at: Token; call: Call }
  | {
      kind: 'case'
      at: Token
      operand?: Expression
      branches: { when: Expression; result: Expression }[]
      otherwise?: Expression
    }
  | { kind: 'cast'; at: Token; value: Expression; type: TypeNode; safe: boolean }
  | { kind: 'unary'; at: Token; operator: '-' | '+' | 'NOT'; value: Expression }
  | { kind: 'arithmetic'; at: Token; operator: '+' | '-' | '*' | '/' | '%' | '||'; left: Expression; right: Expression }
  | { kind: 'logical'; at: Token; operator: 'AND' | 'OR'; left: Expression; right: Expression }
  | { kind: 'comparison'; at: Token; operator: Comparison; left: Expression; right: Expression }
  | { kind: 'distinctFrom'; at: Token; left: Expression; right: Expression; negated: boolean }
  | { kind: 'isNull'; at: Token; value: Expression; negated: boolean }
  | { kind: 'between'; at: Token; value: Expression; low: Expression; high: Expression; negated: boolean }
  | { kind: 'inList'; at: Token; value: Expression; items: Expression[]; negated: boolean }
  | { kind: 'inQuery'; at: Token; value: Expression; query: Query; negated: boolean }
  | { kind: 'like'; at: Token; value: Expression; pattern: Expression; escape?: Expression; negated: boolean }
  | { kind: 'exists'; at: Token; query: Query }
  | { kind: 'quantified'; at: Token; operator: Comparison; quantifier: 'ALL' | 'ANY'; value: Expression; query: Query }
  | { kind: 'subquery'; at: Token; query: Query }
  | { kind: 'row'; at: Token; items: Expression[] }
  | { kind: 'array'; at: Token; items: Expression[] }
  | { kind: 'lambda'; at: Token; parameters: Token[]; body: Expression }
  | { kind: 'atTimeZone'; at: Token; value: Expression; zone: Expression }
  | { kind: 'extract'; at: Token; field: string; value: Expression }
  | { kind: 'now'; at: Token; what: string; precision?: number }
  | JsonExpression

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>='

/** The SQL standard's JSON functions, with clauses of their own. */
export type JsonExpression =
  | {
      kind: 'jsonPath'
      at: Token
      function: 'exists' | 'value' | 'query'
      input: Expression
      inputJson: boolean
      path: string
      pathAt: Token
      passing: { name: string; value: Expression }[]
      returning?: TypeNode
      wrapper?: string
      quotes?: string
      onEmpty?: OnJson
      onError?: OnJson
    }
  | {
      kind: 'jsonObject'
      at: Token
      members: { key: Expression; value: Expression; isJson: boolean }[]
      absentOnNull: boolean
      uniqueKeys: boolean
      returning?: TypeNode
    }
  | {
      kind: 'jsonArray'
      at: Token
      items: { value: Expression; isJson: boolean }[]
      absentOnNull: boolean
      returning?: TypeNode
    }

export interface OnJson {
  what: 'error' | 'null' | 'default' | 'empty array' | 'empty object' | 'true' | 'false' | 'unknown'
  value?: Expression
}

export interface Call {
  name: string
  quoted: boolean
  at: Token
  args: Expression[]
  star: boolean
  distinct: boolean
  orderBy: SortItem[]
  filter?: Expression
  over?: Window | Token
  ignoreNulls: boolean
  /** LISTAGG's ON OVERFLOW. */
  overflow?: 'error' | 'truncate'
}

export interface SortItem {
  at: Token
  value: Expression
  descending: boolean
  nullsFirst?: boolean
}

export interface Window {
  at: Token
  base?: Token
  partitionBy: Expression[]
  orderBy: SortItem[]
  frame?: Frame
}

export interface Frame {
  at: Token
  unit: 'ROWS' | 'RANGE' | 'GROUPS'
  start: FrameBound
  end?: FrameBound
}

export interface FrameBound {
  at: Token
  kind: 'UNBOUNDED PRECEDING' | 'PRECEDING' | 'CURRENT ROW' | 'FOLLOWING' | 'UNBOUNDED FOLLOWING'
  value?: Expression
}

export interface Query {
  at: Token
  with: WithItem[]
  recursive: boolean
  body: QueryBody
  orderBy: SortItem[]
  offset?: Expression
  limit?: Expression
  withTies?: boolean
}

export interface WithItem {
  name: Token
  columns?: Token[]
  query: Query
}

export type QueryBody =
  | { kind: 'select'; at: Token; select: Select }
  | { kind: 'values'; at: Token; rows: Expression[] }
  | { kind: 'table'; at: Token; name: Token[] }
  | { kind: 'query'; at: Token; query: Query }
  | {
      kind: 'setOperation'
      at: Token
      operator: 'UNION' | 'INTERSECT' | 'EXCEPT'
      all: boolean
      left: QueryBody
      right: QueryBody
    }

export interface Select {
  at: Token
  distinct: boolean
  items: SelectItem[]
  from: Relation[]
  where?: Expression
  groupBy?: { distinct: boolean; elements: GroupingElement[] }
  having?: Expression
  windows: { name: Token; window: Window }[]
}

export type SelectItem =
  | { kind: 'expression'; at: Token; value: Expression; alias?: Token }
  | { kind: 'star'; at: Token; prefix: Token[]; aliases?: Token[] }
  | { kind: 'rowStar'; at: Token; value: Expression; aliases?: Token[] }

export type GroupingElement =
  | { kind: 'simple'; at: Token; items: Expression[] }
  | { kind: 'rollup' | 'cube'; at: Token; sets: Expression[][] }
  | { kind: 'sets'; at: Token; sets: Expression[][] }

export type Relation =
  | {
      kind: 'table'
      at: Token
      name: Token[]
      version?: TableVersion
      alias?: Token
      columns?: Token[]
      sample?: Sample
    }
  | { kind: 'query'; at: Token; query: Query; alias?: Token; columns?: Token[]; sample?: Sample; lateral: boolean }
  | { kind: 'unnest'; at: Token; items: Expression[]; ordinality: boolean; alias?: Token; columns?: Token[] }
  | {
      kind: 'join'
      at: Token
      type: 'CROSS' | 'INNER' | 'LEFT' | 'RIGHT' | 'FULL'
      left: Relation
      right: Relation
      on?: Expression
      using?: Token[]
      natural?: boolean
    }
  | { kind: 'nested'; at: Token; relation: Relation }

/** `FOR TIMESTAMP AS OF …`, `FOR VERSION AS OF …`; the value is computed before the query. */
export interface TableVersion {
  kind: 'TIMESTAMP' | 'VERSION'
  at: Token
  text: string
}

export interface Sample {
  method: string
  percentage: Expression
}
