/* On a phone the list of pages lies over the page: it closes once a page is chosen, and no visit begins with it open. */
(() => {
  const narrow = window.matchMedia('(max-width: 768px)'); /* where it is laid over the page */
  const KEPT = 'stSidebarCollapsed-';

  function forget() {
    try {
      Object.keys(localStorage).filter((name) => name.startsWith(KEPT)).forEach((name) => localStorage.removeItem(name));
    } catch { /* a browser that keeps nothing has nothing to forget */ }
  }

  function close() {
    const button = document.querySelector('[data-testid="stSidebarCollapseButton"] button');
    if (button) button.click();
    forget();
  }

  if (narrow.matches) forget();
  document.addEventListener('click', (event) => {
    if (narrow.matches && event.target.closest('[data-testid="stSidebarNavLink"]')) setTimeout(close, 0);
  });
})();
