// Finds the handler that `_HANDLER` names: `folder/module.export.nested`, CommonJS or ES module.
const { existsSync, readFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const path = require('node:path')
const { pathToFileURL } = require('node:url')
const { runtimeError } = require('./errors.cjs')

const handlerForm = /^([^.]*)\.(.*)$/
const moduleExtensions = ['', '.js', '.mjs', '.cjs']

async function loadHandler(taskRoot, handlerName) {
  if (handlerName.includes('..')) {
    throw runtimeError(
      'Runtime.MalformedHandlerName',
      `'${handlerName}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    )
  }
  const file = path.basename(handlerName)
  const folder = handlerName.slice(0, handlerName.length - file.length)
  const match = handlerForm.exec(file)
  if (!match) throw runtimeError('Runtime.MalformedHandlerName', 'Bad handler')
  const [, moduleName, exportPath] = match
  const module = await loadModule(taskRoot, folder, moduleName)
  const handler = member(module, exportPath) ?? member(module.default, exportPath)
  if (handler === undefined || handler === null) {
    throw runtimeError('Runtime.HandlerNotFound', `${handlerName} is undefined or not exported`)
  }
  if (typeof handler !== 'function') throw runtimeError('Runtime.HandlerNotFound', `${handlerName} is not a function`)
  return handler
}

function member(object, exportPath) {
  return exportPath.split('.').reduce((value, key) => value?.[key], object)
}

async function loadModule(taskRoot, folder, moduleName) {
  const base = path.resolve(taskRoot, folder, moduleName)
  try {
    for (const extension of moduleExtensions) {
      const file = base + extension
      if (existsSync(file) && (extension || path.extname(file))) return await loadFile(file)
    }
    const require = createRequire(path.join(taskRoot, folder, 'handler.js'))
    return await loadFile(require.resolve(existsSync(base) ? base : missingSpecifier(taskRoot, folder, moduleName)))
  } catch (error) {
    if (error instanceof SyntaxError) throw runtimeError('Runtime.UserCodeSyntaxError', String(error), error)
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
      throw runtimeError('Runtime.ImportModuleError', String(error), error)
    }
    throw error
  }
}

// A handler may also live in a package of a layer; a module that is nowhere is reported by its bare name, as on AWS.
function missingSpecifier(taskRoot, folder, moduleName) {
  const require = createRequire(path.join(taskRoot, folder, 'handler.js'))
  const paths = [taskRoot, path.join(taskRoot, folder), ...(process.env.NODE_PATH ?? '').split(path.delimiter)]
  try {
    return require.resolve(moduleName, { paths: paths.filter(Boolean) })
  } catch {
    const error = new Error(`Cannot find module '${moduleName}'\nRequire stack:\n- /var/runtime/index.mjs`)
    error.code = 'MODULE_NOT_FOUND'
    throw error
  }
}

async function loadFile(file) {
  if (path.extname(file) === '.mjs' || (path.extname(file) === '.js' && isModulePackage(path.dirname(file)))) {
    return await import(pathToFileURL(file).href)
  }
  return createRequire(file)(file)
}

function isModulePackage(folder) {
  for (let at = folder; ; at = path.dirname(at)) {
    const manifest = path.join(at, 'package.json')
    if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, 'utf8')).type === 'module'
    if (at === path.dirname(at) || path.basename(at) === 'node_modules') return false
  }
}

module.exports = { loadHandler }
