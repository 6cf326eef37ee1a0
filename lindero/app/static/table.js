/* Tables on pages: rows of HTML, which a reader finds, a screen reader reads, paper shows whole and a phone as cards. */
/* What stands in them was written by strangers: it is only ever text. The server sorts, counts the pages and knows what */
/* a link opens (app/media/text/html_table.py); what the reader pressed is sent there. */

const SVG = 'http://www.w3.org/2000/svg';
const PIN = 'M12 2a7 7 0 0 0-7 7c0 5 7 13 7 13s7-8 7-13a7 7 0 0 0-7-7zm0 9.5A2.5 2.5 0 1 1 12 6.5a2.5 2.5 0 0 1 0 5z';
const NARROW = 3; /* columns that a phone has room for: of more, each row is a card */
const CHOSEN = 6; /* rows, from which on it is worth to sort them */
const LONG = /\S{30}/; /* a word that no column has room for is broken, others are not */
const SLACK_PX = 120; /* so little more than is shown is shown at once */
const opened = new WeakSet(); /* tables of which the reader sees all rows */

const sheet = new URL('table.css', import.meta.url).href;
if (!document.querySelector(`link[href="${sheet}"]`)) {
  document.head.append(made('link', { rel: 'stylesheet', href: sheet }));
}

function made(name, attributes = {}, ...parts) {
  const one = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== null) one.setAttribute(key, value);
  one.append(...parts);
  return one;
}

function button(act, press, attributes, ...parts) {
  const one = made('button', { type: 'button', 'data-act': act, ...attributes }, ...parts);
  one.addEventListener('click', press);
  return one;
}

export default function table({ data, parentElement, setTriggerValue }) {
  const ask = (what) => setTriggerValue('asked', what);
  const old = parentElement.querySelector(':scope > .lindero-table');
  const focused = old && old.contains(document.activeElement) ? document.activeElement.dataset.act : null;
  const left = old ? old.querySelector('.lt-wide').scrollLeft : 0;
  const isOpen = old && old.querySelector('details[open]');
  const rows = whole(data, ask);
  const wide = made('div', { class: 'lt-wide' }, rows);
  const clip = made('div', { class: 'lt-clip' }, wide);
  const parts = [order(data, ask), beyond(data, clip, wide, rows), clip, more(data, clip, parentElement), pages(data, ask), paper(data)].filter(Boolean);
  const kind = data.columns.length > NARROW || data.marked ? 'lt-cards' : 'lt-narrow';
  const root = made('div', { class: `lindero-table ${kind}`, 'data-columns': data.columns.length });
  if (data.fold) {
    const fold = made('details', {}, made('summary', {}, data.fold), ...parts);
    fold.open = Boolean(isOpen);
    root.append(fold);
  } else root.append(...parts);
  if (old) old.replaceWith(root);
  else parentElement.append(root);
  if (left) wide.scrollLeft = left; /* to set it has the page laid out */
  if (focused) root.querySelector(`[data-act="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function whole(data, ask) {
  const heads = data.columns.map((column) => head(data, column, ask));
  if (data.marked) heads.unshift(made('th', { scope: 'col', class: 'lt-mark' }, data.words.map));
  const body = made('tbody');
  const count = data.columns.length ? data.columns[0].texts.length : 0;
  for (let at = 0; at < count; at += 1) body.append(row(data, at, ask));
  return made('table', {}, made('caption', {}, data.caption), made('thead', {}, made('tr', {}, ...heads)), body);
}

function head(data, column, ask) {
  const isSorted = data.sort.by === column.name;
  const sorted = isSorted ? (data.sort.down ? 'descending' : 'ascending') : null;
  const press = button(`sort ${column.name}`, () => ask({ sort: column.name }), {}, made('span', {}, column.label));
  return made('th', { scope: 'col', 'data-kind': column.kind, 'data-label': column.label, 'aria-sort': sorted }, press);
}

function row(data, at, ask) {
  const one = made('tr');
  if (data.marked) one.append(made('td', { class: 'lt-mark' }, mark(data, at, ask, one)));
  for (const column of data.columns) one.append(cell(column, at, column.name === data.heading, ask));
  return one;
}

function cell(column, at, isHeading, ask) {
  const text = column.texts[at];
  const value = column.values ? column.values[at] : null;
  const href = column.hrefs ? column.hrefs[at] : null;
  const one = made(isHeading ? 'th' : 'td', { 'data-kind': column.kind, 'data-label': column.label });
  if (isHeading) one.setAttribute('scope', 'row');
  if (column.kind === 'text') one.setAttribute('dir', 'auto'); /* a name in Hebrew or Arabic, with a number behind it */
  one.classList.toggle('lt-long', LONG.test(text));
  if (href) one.append(link(column, at, href, text, ask));
  else one.append(text);
  if (column.notes?.[at]) one.append(made('small', {}, column.notes[at]));
  if (column.kind === 'share' && value !== null) {
    const bar = made('span', { class: 'lt-bar', 'aria-hidden': 'true' });
    const [low, high] = column.spans?.[at] ?? [value, value];
    bar.style.setProperty('--lt-low', low);
    bar.style.setProperty('--lt-high', high);
    one.append(bar);
  }
  return one;
}

/* The address is real, for a new tab or to be kept; a plain press stays in the page, whose session goes on. */
function link(column, at, href, text, ask) {
  const one = made('a', { href: new URL(href, location.origin).href, 'data-act': `open ${column.name} ${at}` }, text);
  one.addEventListener('click', (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    ask({ open: [column.name, at] });
  });
  return one;
}

function mark(data, at, ask, line) {
  const isMarked = data.marked[at];
  const heading = data.columns.find((column) => column.name === data.heading);
  const pin = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  pin.setAttribute('viewBox', '0 0 24 24');
  pin.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', PIN);
  pin.append(path);
  const told = `${data.words.mark}: ${heading.texts[at]}`;
  const press = button(`mark ${data.rows[at]}`, () => {
    press.setAttribute('aria-pressed', press.getAttribute('aria-pressed') !== 'true');
    ask({ mark: data.rows[at] });
  }, { 'aria-pressed': isMarked, 'aria-label': told, title: data.words.mark }, pin);
  line.classList.toggle('lt-marked', isMarked);
  return press;
}

/* On a phone the heads are not there to be pressed. */
function order(data, ask) {
  if (data.total < CHOSEN || data.columns.length <= NARROW) return null;
  const choice = made('select', { 'data-act': 'order' });
  choice.append(made('option', { value: '' }, data.words.given));
  for (const column of data.columns) {
    for (const down of column.kind === 'text' ? [false, true] : [true, false]) {
      const one = made('option', { value: `${down ? '-' : '+'}${column.name}` }, `${column.label} ${down ? '↓' : '↑'}`);
      one.selected = data.sort.by === column.name && data.sort.down === down;
      choice.append(one);
    }
  }
  choice.addEventListener('change', () => ask({ sort: choice.value.slice(1), down: choice.value[0] === '-' }));
  return made('label', { class: 'lt-order' }, made('span', {}, data.words.order), choice);
}

/* Where columns run beyond the right edge, it is said, the edge is shaded, and the arrow keys reach them. */
function beyond(data, clip, wide, rows) {
  const one = made('p', { class: 'lt-beyond' }, data.words.beyond);
  const look = () => {
    const over = wide.scrollWidth - wide.clientWidth;
    const isCut = over > 1;
    one.hidden = !isCut;
    clip.classList.toggle('lt-further', isCut && wide.scrollLeft < over - 1);
    const reached = { tabindex: '0', role: 'group', 'aria-label': data.caption };
    for (const [key, value] of Object.entries(reached)) {
      if (isCut) wide.setAttribute(key, value);
      else wide.removeAttribute(key);
    }
  };
  one.hidden = true;
  wide.addEventListener('scroll', look, { passive: true });
  const seen = new ResizeObserver(look);
  seen.observe(wide);
  seen.observe(rows);
  return one;
}

/* What scrolls the page that a part is on. */
const scroller = (part) => (!part || /auto|scroll/.test(getComputedStyle(part).overflowY) ? part : scroller(part.parentElement));

/* Of a long table the first rows are seen, until the reader asks for all, finds a word in them or comes to one. */
function more(data, clip, key) {
  const one = button('more', () => show(), { class: 'lt-more' }, data.words.more);
  const show = () => {
    const by = clip.scrollTop;
    opened.add(key);
    clip.classList.add('lt-whole');
    one.hidden = true;
    scroller(clip.parentElement)?.scrollBy(0, by); /* what was come to stays where it was */
  };
  one.hidden = true;
  if (opened.has(key)) show();
  clip.addEventListener('scroll', () => { if (clip.scrollTop > 0) show(); });
  new ResizeObserver(() => {
    if (clip.classList.contains('lt-whole') || !clip.clientHeight) return;
    const over = clip.scrollHeight - clip.clientHeight;
    if (over > 0 && over < SLACK_PX) clip.classList.add('lt-whole');
    one.hidden = over < SLACK_PX;
  }).observe(clip);
  return one;
}

function pages(data, ask) {
  if (data.total <= data.size) return null;
  const isFirst = data.first <= 1;
  const isLast = data.first + data.size > data.total;
  const turn = (act, by, isOff) => button(act, () => ask({ page: by }), { disabled: isOff ? '' : null }, data.words[act]);
  const told = made('span', { role: 'status' }, data.words.shown);
  return made('nav', { class: 'lt-pages', 'aria-label': data.caption }, turn('previous', -1, isFirst), told, turn('next', 1, isLast));
}

function paper(data) {
  return data.words.paper ? made('p', { class: 'lt-paper' }, data.words.paper) : null;
}
