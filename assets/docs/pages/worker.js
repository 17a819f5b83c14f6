// Browsers start no worker from a file: here a hidden frame runs the search's script instead, with
// the same messages. (The theme would fetch such a script from elsewhere.)
window.Worker = class extends EventTarget {
  constructor(url) {
    super();
    this.onmessage = null;
    this.frame = document.createElement("iframe");
    this.frame.hidden = true;
    document.body.appendChild(this.frame);
    this.within = this.frame.contentWindow;
    this.heard = (event) => {
      if (event.source !== this.within) return;
      const message = new MessageEvent("message", { data: event.data });
      this.dispatchEvent(message);
      if (this.onmessage) this.onmessage(message);
    };
    window.addEventListener("message", this.heard);
    const page = this.within.document;
    page.open();
    page.write(`<body><script>
      window.postMessage = (data) => parent.dispatchEvent(
        new MessageEvent("message", { data, source: window }));
      window.importScripts = (...urls) => urls.reduce((before, url) => before.then(() =>
        new Promise((done) => {
          const script = document.createElement("script");
          script.src = url;
          script.onload = done;
          document.body.appendChild(script);
        })), Promise.resolve());
    <\/script><script src="${url}"><\/script></body>`);
    page.close();
  }
  postMessage(data) {
    const send = () => this.within.dispatchEvent(new MessageEvent("message", { data }));
    if (this.within.document.readyState === "complete") send();
    else this.frame.addEventListener("load", send, { once: true });
  }
  terminate() {
    window.removeEventListener("message", this.heard);
    this.frame.remove();
  }
};
