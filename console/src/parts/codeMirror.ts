/** CodeMirror with the console's looks: loaded when something is written, not before. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import { PostgreSQL, sql } from '@codemirror/lang-sql'
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { Compartment, EditorState, type Extension, Prec } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, placeholder } from '@codemirror/view'
import { tags } from '@lezer/highlight'

export type Kind = 'json' | 'sql' | 'text'

export interface EditorSettings {
  parent: HTMLElement
  value: string
  kind: Kind
  label: string
  hint?: string | undefined
  onChange: (value: string) => void
  /** Ctrl+Enter. */
  onRun: () => void
}

export interface Editor {
  set(value: string): void
  setSchema(schema: Record<string, string[]>): void
  destroy(): void
}

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: 'var(--violet)', fontWeight: '560' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--accent)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--amber)' },
  { tag: [tags.propertyName, tags.typeName], color: 'var(--blue)' },
  { tag: tags.comment, color: 'var(--ink-3)', fontStyle: 'italic' },
])

const looks = EditorView.theme({
  '&': { fontSize: '12.5px', backgroundColor: 'transparent', color: 'var(--ink)', height: '100%' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6' },
  '.cm-content': { caretColor: 'var(--accent)', padding: '10px 0' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--ink-3)', border: 'none' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--accent) 5%, transparent)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--accent-soft)' },
  '.cm-placeholder': { color: 'var(--ink-3)' },
  '.cm-tooltip': { backgroundColor: 'var(--card)', border: '1px solid var(--line-2)', borderRadius: '8px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-soft)', color: 'var(--ink)' },
})

export function makeEditor({ parent, value, kind, label, hint, onChange, onRun }: EditorSettings): Editor {
  const language = new Compartment()
  const run = () => {
    onRun()
    return true
  }
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: value,
      extensions: [
        Prec.highest(keymap.of([{ key: 'Mod-Enter', run }])),
        lineNumbers(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        autocompletion(),
        highlightActiveLine(),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap]),
        syntaxHighlighting(colours),
        looks,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label }),
        language.of(languageOf(kind)),
        ...(hint ? [placeholder(hint)] : []),
        EditorView.updateListener.of((update) => update.docChanged && onChange(update.state.doc.toString())),
      ],
    }),
  })
  return {
    set(wanted) {
      if (wanted === view.state.doc.toString()) return
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: wanted } })
    },
    setSchema: (schema) => view.dispatch({ effects: language.reconfigure(languageOf(kind, schema)) }),
    destroy: () => view.destroy(),
  }
}

function languageOf(kind: Kind, schema: Record<string, string[]> = {}): Extension {
  if (kind === 'json') return json()
  return kind === 'sql' ? sql({ dialect: PostgreSQL, schema, upperCaseKeywords: true }) : []
}
