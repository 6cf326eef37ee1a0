/* What a screen reader is told of the page's parts, which Streamlit draws as parts of nothing: the doors, the pages behind */
/* one, the page below them by its title, and at which of the links the reader is. */
(() => {
  const LOOK_MS = 500;
  const PARTS = [['lindero-doors', 'navigation', 'doors'], ['lindero-behind', 'navigation', 'behind'], ['lindero-page', 'region', '']];

  function told() {
    const words = document.getElementById('lindero-words');
    const every = words ? JSON.parse(words.textContent).words : {};
    return every[document.documentElement.lang] || {};
  }

  function set(part, name, value) {
    if (part.getAttribute(name) !== value) part.setAttribute(name, value);
  }

  function look() {
    const words = told();
    PARTS.forEach(([key, role, label]) => {
      const part = document.querySelector(`.st-key-${key}`);
      if (!part) return;
      set(part, 'role', role);
      if (label && words[label]) set(part, 'aria-label', words[label]);
    });
    /* Streamlit's own `main` holds head, doors and page together: the page is found in it by its title. */
    const page = document.querySelector('.st-key-lindero-page');
    const title = page && page.querySelector('h1');
    if (title) set(page, 'aria-label', title.textContent);
    /* Streamlit writes the first page's address as that of whatever page is open: another tab would show this one. */
    document.querySelectorAll('.stPageLink a[href=""]').forEach((link) => link.setAttribute('href', '/'));
    /* Streamlit keeps what is folded from the browser's search. A closed fold hides it all the same, until it is searched for. */
    document.querySelectorAll('[data-testid="stExpanderDetails"][inert]').forEach((part) => part.removeAttribute('inert'));
    const english = document.querySelector('.st-key-lindero-english');
    if (english) set(english, 'lang', 'en');
    const here = location.pathname.replace(/^\/(near)?$/, '/');
    document.querySelectorAll('.st-key-lindero-doors a, .st-key-lindero-behind a').forEach((link) => {
      const there = new URL(link.href).pathname.replace(/^\/(near)?$/, '/');
      const isOpen = Boolean(link.closest('.st-key-lindero-here'));
      const at = there === here ? 'page' : isOpen ? 'true' : '';
      if (at) set(link, 'aria-current', at); else link.removeAttribute('aria-current');
    });
  }

  window.addEventListener('DOMContentLoaded', () => { look(); setInterval(look, LOOK_MS); });
})();

/* A link to a part of the page: to the choices, which are unfolded for it, and back to the answer. What unfolds grows for a
   while, and is kept in view as it does. */
const GROWS_MS = 1000;
document.addEventListener('click', (event) => {
  const link = event.target.closest('a[href^="#lindero-"]');
  const part = link && document.querySelector(`.st-key-${link.hash.slice(1)}`);
  if (!part) return;
  event.preventDefault();
  const folded = part.querySelector('details:not([open]) > summary');
  if (folded) folded.click();
  const goal = part.querySelector('summary') || part;
  if (goal === part) goal.setAttribute('tabindex', '-1');
  const show = () => part.scrollIntoView({ block: 'start' });
  show();
  if (folded) {
    const growth = new ResizeObserver(show);
    growth.observe(part);
    setTimeout(() => growth.disconnect(), GROWS_MS);
  }
  goal.focus({ preventScroll: true });
});
