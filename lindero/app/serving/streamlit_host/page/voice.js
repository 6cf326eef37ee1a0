/* What the page says of itself, in the reader's language, where Streamlit would speak its own or say nothing: that the */
/* connection is lost, that an answer is not yet that to the newest question, what its buttons are for. */
/* `words` of each language, and the one to begin with, come with the page (app.serving.streamlit_host.document). */
(() => {
  const { words, language: first } = JSON.parse(document.getElementById('lindero-words').textContent);
  const WAITING_MS = 3000; /* an answer begins sooner, also on a slow line */
  const WORKING_MS = 2000;
  const LOST_MS = 1500; /* a page that is left closes its connection, too */
  const LOOK_MS = 500;
  const NAMED = ['aria-label', 'title', 'placeholder', 'alt'];
  const OWN = '[data-testid="stHeader"], [data-testid="stSkipToContent"], [data-testid="stElementToolbar"], [data-testid="stTooltipContent"],'
    + ' [data-testid="stStatusWidget"], [data-testid="stFileUploaderDropzone"], [role="listbox"], [role="menu"]';
  const state = { sent: 0, heard: 0, lost: 0, began: 0, answered: null, spoken: first };

  /* The tab's own token, by which the server finds again what was last asked in it; it tells nothing by itself. */
  function tab() {
    const drawn = () => [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, '0')).join('');
    try {
      sessionStorage.tab = sessionStorage.tab || drawn();
      return sessionStorage.tab;
    } catch {
      return drawn();
    }
  }

  /* What a page itself adds to its address, because nothing was chosen yet, is no step to go back to. */
  const push = history.pushState.bind(history);
  history.pushState = (data, unused, address) => {
    const next = new URL(address, location.href);
    const adds = [...new URLSearchParams(location.search)].every(([name, value]) => next.searchParams.get(name) === value);
    if (next.pathname === location.pathname && adds) history.replaceState(data, unused, address);
    else push(data, unused, address);
  };

  /* Streamlit opens another page on the way back, but not the same page on what was chosen before. */
  let shown = location.pathname;
  window.addEventListener('popstate', () => {
    if (location.pathname === shown) location.reload();
  });

  /* A question is on its way from the moment that it is sent until the server says anything. */
  window.WebSocket = class extends window.WebSocket {
    constructor(address, protocols) {
      super(`${address}?tab=${tab()}`, protocols);
      this.addEventListener('open', () => { state.lost = 0; state.sent = 0; });
      this.addEventListener('message', () => { state.heard = Date.now(); state.sent = 0; });
      this.addEventListener('close', () => { state.lost = state.lost || Date.now(); });
    }

    send(message) {
      state.sent = state.sent || Date.now();
      super.send(message);
    }
  };

  /* A long page is looked through where it has changed, not twice a second. */
  let changed = true;
  new MutationObserver(() => { changed = true; })
    .observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: [...NAMED, 'lang'] });

  const app = () => document.querySelector('[data-testid="stApp"]');
  const time = () => state.answered.toLocaleTimeString(state.spoken, { hour: '2-digit', minute: '2-digit' });

  function saying() {
    if (!state.answered) return null;
    const now = Date.now();
    const waits = state.sent && now - state.sent > WAITING_MS;
    if (state.lost && now - state.lost > LOST_MS) return ['lost', waits];
    if (waits) return ['waiting', true];
    if (state.began && now - state.began > WORKING_MS) return ['working', true];
    return null;
  }

  function look() {
    const page = app();
    shown = location.pathname;
    const running = page && page.getAttribute('data-test-script-state');
    if (running === 'running' || running === 'rerunRequested') state.began = state.began || Date.now();
    else if (page && running === 'notRunning' && !state.sent && !state.lost && document.querySelector('h1')) {
      if (state.began || !state.answered) state.answered = new Date();
      state.began = 0;
    }
    if (document.querySelector('#root h1')) arrived();
    if (changed) {
      changed = false;
      speak();
    }
    show(saying());
  }

  function arrived() {
    const coming = document.getElementById('lindero-coming');
    if (coming) coming.remove();
  }

  function speak() {
    const spoken = getComputedStyle(document.documentElement).getPropertyValue('--lindero-language').trim() || state.spoken;
    state.spoken = words[spoken] ? spoken : first;
    if (document.documentElement.lang !== state.spoken) document.documentElement.lang = state.spoken;
    translate(words[state.spoken].own);
  }

  function translate(own) {
    for (const name of NAMED) {
      for (const part of document.querySelectorAll(`[${name}]`)) {
        const said = own[part.getAttribute(name)];
        if (said && said !== part.getAttribute(name)) part.setAttribute(name, said);
      }
    }
    for (const part of document.querySelectorAll(OWN)) {
      const texts = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const told = texts.currentNode.nodeValue;
        const said = own[told];
        if (said && said !== told) texts.currentNode.nodeValue = said;
      }
    }
  }

  function show(told) {
    const [which, isOld] = told || ['', false];
    document.body.classList.toggle('lindero-old', Boolean(isOld));
    const said = which ? words[state.spoken][which].replace('{time}', time()) : '';
    if (bar.textContent === said) return;
    bar.textContent = said;
    bar.hidden = !said;
  }

  const bar = document.createElement('div');
  bar.id = 'lindero-said';
  bar.setAttribute('role', 'status');
  bar.hidden = true;
  window.addEventListener('DOMContentLoaded', () => { document.body.append(bar); look(); setInterval(look, LOOK_MS); });
})();
