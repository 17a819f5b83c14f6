// The words of a page that stand out from their ground by less than `least` : 1 (WCAG 2): each with
// its contrast. What is disabled, hidden or under a picture is left out.
(least) => {
  const parse = (text) => {
    const found = text.match(/[\d.]+/g).map(Number);
    return found.length > 3 ? found : [...found, 1];
  };
  const over = (top, below) =>
    [0, 1, 2].map((k) => top[k] * top[3] + below[k] * (1 - top[3])).concat(1);
  const light = (colour) => {
    const share = colour.slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * share[0] + 0.7152 * share[1] + 0.0722 * share[2];
  };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const weak = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || element.closest("style, script, noscript, svg, [disabled], [aria-disabled=true]"))
      continue;
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height || box.width < 2) continue;
    let opacity = 1, visible = true;
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      opacity *= Number(style.opacity);
      visible = visible && style.visibility !== "hidden" && style.display !== "none";
    }
    if (!visible || opacity === 0) continue;
    // a slider's value stands above its thumb, not on it
    const below = ground(element.closest(".stSlider") ?? element);
    const colour = parse(getComputedStyle(element).color);
    const seen = over([...colour.slice(0, 3), colour[3] * opacity], below);
    const [dark, bright] = [light(seen), light(below)].sort((one, other) => one - other);
    const contrast = (bright + 0.05) / (dark + 0.05);
    if (contrast < least) weak.push(`${contrast.toFixed(2)}: ${text.slice(0, 40)}`);
  }
  return [...new Set(weak)];
}
