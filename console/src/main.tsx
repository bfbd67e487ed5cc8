/** The console: starts the page. */
import { render } from 'preact'
import { App } from './app.tsx'
import { applySettings } from './settings.ts'
import './style/ground.css'
import './style/shell.css'
import './style/blocks.css'
import './style/flow.css'
import './style/figures.css'

applySettings()
render(<App />, document.getElementById('console') as HTMLElement)
