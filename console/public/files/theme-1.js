// Before the first paint: the light that was chosen, so that nothing flashes. Cached for ever: a change is a new name.
try {
  const theme = localStorage.getItem('igarape.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
  document.documentElement.lang = localStorage.getItem('igarape.language') ?? document.documentElement.lang
} catch {}
