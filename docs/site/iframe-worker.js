// Browsers refuse a worker to a page that is opened from a folder. There, a hidden frame searches in its place.
if (location.protocol === "file:") {
  window.IFrameWorker = window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      const inner = frame.contentWindow;
      inner.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      inner.importScripts = (...scripts) => scripts.reduce((before, script) => before.then(() => load(inner, script)), Promise.resolve());
      this.ready = load(inner, new URL(address, location).href);
      this.inner = inner;
    }

    postMessage(data) {
      this.ready.then(() => this.inner.dispatchEvent(new MessageEvent("message", { data })));
    }

    terminate() {
      this.inner.frameElement.remove();
    }
  };
}

function load(inner, address) {
  return new Promise((resolve, reject) => {
    const script = inner.document.createElement("script");
    Object.assign(script, { src: address, onload: resolve, onerror: reject });
    inner.document.body.append(script);
  });
}
