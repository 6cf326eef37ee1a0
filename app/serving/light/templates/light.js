"use strict";
// Help for browsers that have it: without this script the page answers all the same, but a browser may keep what was
// asked, for it keeps the forms that it has sent for the next time that it is opened. Here no form is sent: what is
// asked goes by fetch, and the answer takes the place of the page.
const show = (name, shown = true) => {
  for (const part of document.querySelectorAll(`[data-show=${name}]`)) part.hidden = !shown;
};

const begin = () => {
  const device = document.getElementById("device");
  if (device && window.isSecureContext && navigator.geolocation) {
    show("device");
    device.addEventListener("click", () => navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const place = document.getElementById("place");
        place.value = `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`;
        place.form.querySelector("button.first").click();
      },
      () => show("typed"),
      { enableHighAccuracy: true, timeout: 30000 },
    ));
  } else {
    show("typed");
  }

  const print = document.getElementById("print");
  if (print) { show("print"); print.addEventListener("click", () => window.print()); }

  const copy = document.getElementById("copy");
  if (copy) {
    show("copy");
    copy.addEventListener("click", () => {
      document.getElementById("message").select();
      document.execCommand("copy"); // the clipboard of today's browsers needs a secure context, which a phone's wifi has not
      copy.textContent = copy.dataset.done;
    });
  }
};

// Which button was pressed: older browsers do not say so with the form.
let pressed = null;
document.addEventListener("click", ({ target }) => { pressed = target.closest("button"); }, true);

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter || (pressed && pressed.form === form ? pressed : null);
  if (button && ["save", "brief"].includes(button.name)) return; // a download: no page is left
  event.preventDefault();
  const asked = new URLSearchParams(new FormData(form));
  if (button && button.name) asked.set(button.name, button.value);
  show("asking");
  show("failed", false);
  fetch(form.getAttribute("action"), { method: "POST", body: asked }).then((answer) => answer.text()).then((text) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    document.documentElement.lang = page.documentElement.lang;
    document.title = page.title;
    for (const part of ["header", "main", "footer"]) {
      document.querySelector(part).replaceWith(document.adoptNode(page.querySelector(part)));
    }
    window.scrollTo(0, 0);
    begin();
  }).catch(() => show("failed")).then(() => show("asking", false));
});

begin();
