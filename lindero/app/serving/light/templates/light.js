"use strict";
// Help for browsers that have it: without this script the page answers all the same, but a browser may keep what was
// asked, for it keeps the forms that it has sent for the next time that it is opened. Here no form is sent: what is
// asked goes by fetch, and the answer takes the place of the page.
const show = (name, shown = true) => {
  for (const part of document.querySelectorAll(`[data-show=${name}]`)) part.hidden = !shown;
};

const told = document.getElementById("told"); // the messages: they stand beside the button that was pressed
const before = []; // the answers before this one, in the memory of this tab alone
const PARTS = ["header", "main", "footer"];
const mayLocate = window.isSecureContext && navigator.geolocation;

const reveal = () => {
  show(mayLocate ? "device" : "typed");
  show("print");
  show("copy");
  show("left");
  show("share", Boolean(navigator.share));
  show("back", before.length > 0);
};

const taken = () => ({
  lang: document.documentElement.lang,
  title: document.title,
  parts: PARTS.map((part) => document.querySelector(part)),
});

const put = ({ lang, title, parts }) => {
  for (const name of ["asking", "busy", "failed", "offline"]) show(name, false);
  document.querySelector("main").before(told);
  document.querySelector("main").classList.remove("old");
  document.documentElement.lang = lang;
  document.title = title;
  PARTS.forEach((part, at) => document.querySelector(part).replaceWith(parts[at]));
  window.scrollTo(0, 0);
  reveal();
};

const PRESSED = {
  device: () => navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      const place = document.getElementById("place");
      place.value = `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`;
      place.form.querySelector("button.first").click();
    },
    () => show("typed"),
    { enableHighAccuracy: true, timeout: 30000 },
  ),
  print: () => window.print(),
  share: (button) => navigator.share({ text: button.dataset.text }).catch(() => {}), // the reader may change her mind
  copy: (button) => {
    document.getElementById("message").select();
    document.execCommand("copy"); // the clipboard of today's browsers needs a secure context, which a phone's wifi has not
    button.textContent = button.dataset.done;
  },
  back: () => put(before.pop()),
  leave: (_link, event) => { // without a network, too, and without a place in the history
    event.preventDefault();
    before.length = 0;
    document.body.remove();
    window.location.replace("about:blank");
  },
};

// Which button was pressed: older browsers do not say so with the form.
let pressed = null;
document.addEventListener("click", (event) => {
  pressed = event.target.closest("button, a");
  if (pressed && PRESSED[pressed.id]) PRESSED[pressed.id](pressed, event);
}, true);

let turn = 0; // of the last question: an answer to an earlier one comes too late
const ask = (address, body, mine) => fetch(address, { method: "POST", body }).then((answer) => answer.text().then((text) => {
  if (mine !== turn) return;
  const page = new DOMParser().parseFromString(text, "text/html");
  const wait = answer.status === 503 && Number(answer.headers.get("Retry-After"));
  if (wait) { // what is asked stays in the memory of this tab until there is room
    document.querySelector("[data-show=busy]").textContent = page.querySelector(".verdict").textContent;
    show("asking", false);
    show("busy");
    setTimeout(() => { if (mine === turn) ask(address, body, mine); }, wait * 1000);
    return;
  }
  const parts = PARTS.map((part) => document.adoptNode(page.querySelector(part)));
  if (document.querySelector("h1 + .where")) before.push(taken());
  put({ lang: page.documentElement.lang, title: page.title, parts });
})).catch(() => {
  if (mine !== turn) return;
  show("asking", false);
  show("busy", false);
  show(navigator.onLine ? "failed" : "offline");
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter || (pressed && pressed.form === form ? pressed : form.querySelector("button"));
  if (["save", "brief"].includes(button.name)) return; // a download: no page is left
  event.preventDefault();
  const asked = new URLSearchParams(new FormData(form));
  if (button.name) asked.set(button.name, button.value);
  const main = document.querySelector("main");
  const mine = ++turn;
  main.classList.add("old");
  for (const part of main.children) part.classList.toggle("asks", part.contains(form));
  button.after(told);
  show("failed", false);
  show("offline", false);
  show("busy", false);
  show("asking");
  ask(form.getAttribute("action"), asked, mine);
});

let unfolded = [];
window.addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll("details:not([open])")];
  for (const part of unfolded) part.open = true;
});
window.addEventListener("afterprint", () => { for (const part of unfolded) part.open = false; });

reveal();
