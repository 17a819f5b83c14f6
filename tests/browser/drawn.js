// Remembers what is drawn, so that a test can find it: a canvas has no elements to look for.
// `drawn()` lists the texts and pictures of every chart in the window's coordinates, whether the
// chart is a canvas or an SVG.
(() => {
  const held = new WeakMap();
  const kept = (canvas) => {
    if (!held.has(canvas)) held.set(canvas, { texts: new Map(), images: new Map() });
    return held.get(canvas);
  };
  const at = (context, x, y) => {
    const m = context.getTransform();
    return [m.a * x + m.c * y + m.e, m.b * x + m.d * y + m.f];
  };
  const canvas2d = CanvasRenderingContext2D.prototype;
  const { fillText, drawImage, clearRect } = canvas2d;

  canvas2d.fillText = function (text, x, y, ...rest) {
    const [left, top] = at(this, x, y);
    const key = `${Math.round(left)},${Math.round(top)}`;
    const flat = this.getTransform().b === 0;
    const width = flat ? at(this, x + this.measureText(text).width, y)[0] - left : 0;
    const line = { fill: this.fillStyle, width, align: this.textAlign };
    kept(this.canvas).texts.set(key, { text: String(text), x: left, y: top, ...line });
    return fillText.call(this, text, x, y, ...rest);
  };
  canvas2d.drawImage = function (image, ...numbers) {
    if (image.src && numbers.length === 4) {
      const [x, y, width, height] = numbers;
      const [left, top] = at(this, x, y);
      const [right, bottom] = at(this, x + width, y + height);
      const key = `${Math.round(left)},${Math.round(top)},${image.src}`; // signs lie on a heatmap
      const size = { width: right - left, height: bottom - top };
      kept(this.canvas).images.set(key, { url: image.src, x: left, y: top, ...size });
    }
    return drawImage.call(this, image, ...numbers);
  };
  canvas2d.clearRect = function (x, y, width, height) {
    const [left, top] = at(this, x, y);
    const [right, bottom] = at(this, x + width, y + height);
    for (const things of Object.values(kept(this.canvas))) {
      for (const [key, thing] of things) {
        const inside = thing.x >= left - 1 && thing.x <= right + 1;
        if (inside && thing.y >= top - 1 && thing.y <= bottom + 1) things.delete(key);
      }
    }
    return clearRect.call(this, x, y, width, height);
  };
  for (const side of ["width", "height"]) {
    const own = Object.getOwnPropertyDescriptor(HTMLCanvasElement.prototype, side);
    const set = function (value) {
      held.delete(this); // a canvas that is given a size is blank
      own.set.call(this, value);
    };
    Object.defineProperty(HTMLCanvasElement.prototype, side, { ...own, set });
  }

  const ofCanvas = (canvas) => {
    const box = canvas.getBoundingClientRect();
    const scale = box.width / canvas.width || 1;
    const placed = (thing) => ({
      ...thing,
      x: box.x + thing.x * scale,
      y: box.y + thing.y * scale,
      ...(thing.width && { width: thing.width * scale, height: thing.height * scale }),
    });
    const { texts, images } = kept(canvas);
    return {
      kind: "canvas",
      texts: [...texts.values()].map(placed),
      images: [...images.values()].map(placed),
    };
  };
  const ofSvg = (svg) => {
    const texts = [...svg.querySelectorAll("text")].map((text) => {
      const { x, bottom } = text.getBoundingClientRect();
      return { text: text.textContent, x, y: bottom, fill: getComputedStyle(text).fill };
    });
    const images = [...svg.querySelectorAll("image")].map((image) => {
      const { x, y, width, height } = image.getBoundingClientRect();
      return { url: image.href.baseVal, x, y, width, height };
    });
    return { kind: "svg", texts, images };
  };
  window.drawn = () =>
    [...document.querySelectorAll(".vega-embed")].map((chart) => {
      const { x, y, width, height } = chart.getBoundingClientRect();
      const canvas = chart.querySelector("canvas");
      const svg = chart.querySelector("svg.marks");
      const found = canvas ? ofCanvas(canvas) : svg ? ofSvg(svg) : { texts: [], images: [] };
      return { x, y, width, height, ...found };
    });
})();
