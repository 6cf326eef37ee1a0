"use strict";
// Everything here is help for browsers that have it: without this script the page answers all the same.
const show = (name) => { for (const part of document.querySelectorAll(`[data-show=${name}]`)) part.hidden = false; };

const device = document.getElementById("device");
if (device && window.isSecureContext && navigator.geolocation) {
  show("device");
  device.addEventListener("click", () => navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      const place = document.getElementById("place");
      place.value = `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`;
      place.form.requestSubmit();
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
