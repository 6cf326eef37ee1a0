/* Begins Streamlit from one file with the modules of a first visit (app.serving.streamlit_host.scripts): the browser takes each from it by */
/* an import map, and others where they lie. A browser that knows no import maps loads one module after the other. */
(async () => {
  const { address, begin, folder, here } = PACK;
  const start = (change) => document.head.append(Object.assign(document.createElement('script'), { type: 'module' }, change));
  const known = HTMLScriptElement.supports && HTMLScriptElement.supports('importmap');
  const modules = known && await fetch(address).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
  if (!modules) {
    start({ src: folder + begin });
    return;
  }
  const imports = { [here]: folder };
  for (const [name, text] of Object.entries(modules)) {
    imports[here + name] = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
    imports[folder + name] = imports[here + name];
  }
  document.head.append(Object.assign(document.createElement('script'), { type: 'importmap', textContent: JSON.stringify({ imports }) }));
  start({ textContent: `import ${JSON.stringify(here + begin)};` });
})();
