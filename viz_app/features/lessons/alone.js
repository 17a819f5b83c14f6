// A lesson that plays by itself: `lesson` is what standalone.py made of it, `vegaEmbed` stands above.
const SVG = "http://www.w3.org/2000/svg";
const W = lesson.words;
const named = (name, value) => W.named.replace("{name}", name).replace("{value}", () => value);
const stage = document.getElementById("stage");

// what is right: the same rules as viz_app/kit/question.py
const close = (a, b, tolerance) => Math.abs(a - b) <= tolerance * (1 + 1e-9) + 1e-12;
const scaled = (q, value) => (q.log ? Math.log10(Math.max(value, q.low)) : value);
const sorted = (answer) => [...answer].sort((a, b) => a - b);
function right(q, answer) {
  if (q.kind === "one") return answer === q.truth;
  if (q.kind === "number") return close(scaled(q, answer), scaled(q, q.truth), q.near);
  if (q.kind === "order") return answer.every((each, k) => each === q.truth[k]);
  if (q.kind === "curve") {
    const gaps = answer.map((height, k) => Math.abs(height - q.truth[k]));
    return close(gaps.reduce((a, b) => a + b, 0) / gaps.length, 0, q.near);
  }
  const truth = sorted(q.truth);
  return sorted(answer).every((place, k) => Math.abs(place - truth[k]) <= q.near);
}
function exact(q, answer) {
  if (q.kind === "number")
    return Math.abs(scaled(q, answer) - scaled(q, q.truth)) <= q.notch * 0.52;
  if (q.kind === "place") return sorted(answer).every((place, k) => place === sorted(q.truth)[k]);
  return right(q, answer);
}
function saidOf(q, answer) {
  if (right(q, answer)) return "";
  if (q.kind === "one") return q.wrong[answer] ?? q.other;
  for (const { answer: typical, text } of q.typical) {
    const like =
      q.kind === "place"
        ? answer.some((one) => typical.some((other) => Math.abs(one - other) <= q.near))
        : right({ ...q, truth: typical }, answer);
    if (like) return text;
  }
  const mean = (values) => [values].flat().reduce((a, b) => a + b, 0) / [values].flat().length;
  if (q.kind === "number" || q.kind === "curve")
    return (mean(answer) < mean(q.truth) ? q.below : q.above) || q.other;
  return q.other;
}

const make = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (name === "html") node.innerHTML = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false) node.setAttribute(name, value === true ? "" : value);
  node.append(...children.filter((child) => child !== null));
  return node;
};
const draw = (tag, attributes, text) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return node;
};

// widgets: each calls changed(answer), or changed(null) while there is none
const widgets = {
  one(q, changed) {
    return make("div", { role: "radiogroup" }, ...q.options.map((html, k) =>
      make("label", { class: "option" },
        make("input", { type: "radio", name: q.id, onchange: () => changed(k) }),
        make("span", { html }))));
  },
  number(q, changed) {
    const low = scaled(q, q.low), high = scaled(q, q.high);
    const written = make("output", {}, "");
    const show = () => {
      const at = Number(slider.value);
      const value = q.log ? Number((10 ** at).toPrecision(2)) : at;
      const answer = Math.min(Math.max(value, q.low), q.high);
      written.textContent = `${Number(answer.toPrecision(6))} ${q.unit}`;
      return answer;
    };
    const hint = make("small", { html: W.move });
    const slide = () => { changed(show()); hint.remove(); };
    const slider = make("input", {
      type: "range", min: low, max: high, step: q.log ? (high - low) / 60 : q.step,
      value: scaled(q, q.start), "aria-label": q.unit || W.number, oninput: slide,
    });
    show();
    return make("div", {}, make("div", { class: "number" }, slider, written), hint);
  },
  place(q, changed) {
    const fields = q.truth.map(() => make("input", {
      type: "number", min: 0, max: q.places - 1, "aria-label": W[`place_${q.axis}`],
      inputmode: "numeric",
      oninput: () => {
        const places = fields.map((field) => Number(field.value));
        const all = fields.every((field) => field.value !== "" && field.checkValidity());
        changed(all && new Set(places).size === places.length ? sorted(places) : null);
      },
    }));
    return make("div", { class: "places" }, make("span", {}, `${W[`place_${q.axis}`]} `), ...fields);
  },
  curve(q, changed) {
    const heights = q.at.map(() => (q.low + q.high) / 2);
    const place = make("div"), hint = make("small", { html: W.move });
    const show = () => place.replaceChildren(curve(q, heights, null));
    const slide = () => { show(); changed([...heights]); hint.remove(); };
    const sliders = q.at.map((at, k) => make("label", { class: "point" },
      make("span", {}, `${q.titles[0]} ${at}`),
      make("input", {
        type: "range", min: q.low, max: q.high, step: (q.high - q.low) / 50, value: heights[k],
        oninput: (event) => { heights[k] = Number(event.target.value); slide(); },
      })));
    queueMicrotask(show);
    return make("div", {}, place, ...sliders, hint);
  },
  order(q, changed) {
    const chosen = [];
    const place = make("div");
    const show = () => {
      place.replaceChildren(
        make("ol", {}, ...chosen.map((k) => make("li", { html: q.options[k] }))),
        ...q.options.map((html, k) => (chosen.includes(k) ? null
          : make("button", { class: "thing", html, onclick: () => { chosen.push(k); show(); } })))
          .filter((each) => each !== null),
        make("button", {
          class: "quiet", disabled: !chosen.length, html: W.anew,
          onclick: () => { chosen.length = 0; show(); },
        }));
      changed(chosen.length === q.options.length ? [...chosen] : null);
    };
    queueMicrotask(show);
    return place;
  },
};

// the guess beside what is right: hollow and dashed, and filled
const EDGE = 20;
function frame(height, told) {
  const width = Math.min(600, stage.clientWidth - 24);
  const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, width, role: "img", "aria-label": told });
  return [svg, EDGE, width - EDGE];
}
function number(q, guess) {
  const [svg, left, right] = frame(112, `${named(W.guess, guess)} ${named(W.truth, q.said)}`);
  const share = (v) => (scaled(q, v) - scaled(q, q.low)) / (scaled(q, q.high) - scaled(q, q.low));
  svg.append(draw("line", { x1: left, x2: right, y1: 80, y2: 80, class: "axis" }));
  for (const [value, x, anchor] of [[q.low, left, "start"], [q.high, right, "end"]])
    svg.append(draw("text", { x, y: 102, class: "tick", "text-anchor": anchor }, value));
  for (const [value, name, y, text] of [
    [q.truth, "true", 20, named(W.truth, q.said)], [guess, "own", 52, named(W.guess, guess)]]) {
    const x = left + share(value) * (right - left), after = share(value) < 0.5;
    svg.append(
      draw("line", { x1: x, x2: x, y1: y, y2: 80, class: name }),
      draw("circle", { cx: x, cy: y, r: 7, class: name }),
      draw("text", { x: x + (after ? 14 : -14), y: y + 5, class: name,
        "text-anchor": after ? "start" : "end" }, text));
  }
  return svg;
}
function curve(q, guess, truth) {
  const told = truth ? `${named(W.guess, guess.join(", "))} ${named(W.truth, q.said)}` : W.guess;
  const [svg, , right] = frame(250, told);
  const left = 50, x = (k) => left + ((right - left) * (k + 0.5)) / q.at.length;
  const y = (h) => 195 - (165 * (h - q.low)) / (q.high - q.low);
  svg.append(draw("line", { x1: left, x2: right, y1: 195, y2: 195, class: "axis" }));
  for (const height of [q.low, q.high])
    svg.append(draw("text", { x: left - 8, y: y(height) + 5, class: "tick", "text-anchor": "end" }, height));
  q.at.forEach((at, k) => svg.append(
    draw("text", { x: x(k), y: 215, class: "tick", "text-anchor": "middle" }, at)));
  svg.append(
    draw("text", { x: (left + right) / 2, y: 240, class: "tick", "text-anchor": "middle" }, q.titles[0]),
    draw("text", { x: left, y: 14, class: "tick" }, q.titles[1]));
  const last = guess.length - 1;
  for (const [heights, name, other] of [[guess, "own", truth], [truth, "true", guess]]) {
    if (!heights) continue;
    svg.append(draw("polyline", { points: heights.map((h, k) => `${x(k)},${y(h)}`).join(" "), class: name }));
    heights.forEach((h, k) => svg.append(draw("circle", { cx: x(k), cy: y(h), r: 6, class: name })));
    if (!truth) continue;
    const above = heights[last] === other[last] ? name === "true" : heights[last] > other[last];
    svg.append(draw("text", { x: x(last), y: y(heights[last]) + (above ? -13 : 24), class: name,
      "text-anchor": "end" }, name === "own" ? W.guess : W.truth));
  }
  return svg;
}
function places(q, guess) {
  const [svg, left, right] = frame(104, `${named(W.guess, guess.join(", "))} ${named(W.truth, q.said)}`);
  const width = (right - left) / q.places;
  const cell = (place, name) => svg.append(
    draw("rect", { x: left + place * width, y: 34, width, height: 40, class: name }));
  for (let place = 0; place < q.places; place++) cell(place, "ground");
  q.truth.forEach((place) => cell(place, "true"));
  guess.forEach((place) => cell(place, "own"));
  svg.append(
    draw("text", { x: left, y: 22, class: "own" }, named(W.guess, guess.join(", "))),
    draw("text", { x: right, y: 22, class: "true", "text-anchor": "end" }, named(W.truth, q.said)),
    draw("text", { x: left, y: 96, class: "tick" }, 0),
    draw("text", { x: right, y: 96, class: "tick", "text-anchor": "end" }, q.places - 1));
  return svg;
}
const pictures = { number, curve: (q, guess) => curve(q, guess, q.truth), place: places };

const kept = {
  get(id) {
    try { return JSON.parse(localStorage.getItem(`${lesson.id}.${id}`)); } catch { return null; }
  },
  put(id, value) {
    try { localStorage.setItem(`${lesson.id}.${id}`, JSON.stringify(value)); } catch { /* a file may keep nothing */ }
  },
};

// the guess on the step's own picture: rows as viz_app/kit/chart/guessed.py draws them
const inWords = (q, answer) =>
  q.kind === "place" ? answer.join(" · ")
    : `${answer}${q.unit === "%" ? "" : " "}${q.unit}`.trim();
const own = (q, answer) => [answer].flat().map((value) => ({
  value, whose: "own", share: 1,
  text: q.kind === "place" ? W.guess : named(W.guess, inWords(q, answer)),
}));

function answered(q, given, drawn) {
  const fine = right(q, given.answer);
  const verdict = !fine ? W.differs : exact(q, given.answer) ? W.right : W.close;
  const parts = [make("p", { class: fine ? "verdict fine" : "verdict" },
    make("strong", {}, verdict))];
  if (q.kind === "one" || q.kind === "order") {
    const text = (answer) => [answer].flat().map((k) => q.options[k]).join(" → ");
    parts.push(
      make("p", { html: named(W.guess, text(given.answer)) }),
      make("p", { html: named(W.truth, `<strong>${text(q.truth)}</strong>`) }));
  } else if (drawn)
    parts.push(
      make("p", {}, named(W.guess, inWords(q, given.answer))),
      make("p", {}, named(W.truth, ""), make("strong", {}, q.said)));
  else parts.push(pictures[q.kind](q, given.answer));
  const wrong = saidOf(q, given.answer);
  if (wrong) parts.push(make("p", { html: wrong }));
  parts.push(make("p", { html: q.because }));
  return make("div", { class: "answer", "aria-live": "polite" }, ...parts);
}
function ask(q, then, drawn = false) {
  const place = make("div", { class: "question" });
  const given = kept.get(q.id);
  const show = (given) => {
    place.replaceChildren(make("p", { class: "asks", html: q.asks }), answered(q, given, drawn));
    then(true, given.answer);
  };
  if (given) { show(given); return place; }
  let answer = null, sure = null;
  const guess = make("button", {
    class: "guess", disabled: true, html: W.button,
    onclick: () => { kept.put(q.id, { answer, sure }); show({ answer, sure }); },
  });
  place.append(
    make("p", { class: "asks", html: q.asks }),
    widgets[q.kind](q, (found) => { answer = found; guess.disabled = found === null; }),
    make("fieldset", {}, make("legend", { html: W.sure }), ...W.sures.map((html, k) =>
      make("label", {},
        make("input", { type: "radio", name: `${q.id}-sure`, onchange: () => { sure = k + 1; } }),
        make("span", { html })))),
    guess);
  return place;
}

function chart(picture, rows) {
  if (!picture) return make("div");
  const inside = make("div", { "aria-hidden": "true" });
  const place = make("figure", { role: "img", "aria-label": picture.alternative }, inside);
  const narrow = window.innerWidth < 700;
  const made = narrow ? picture.narrow : picture.wide;
  const there = (made.datasets ?? {})[lesson.guesses] ?? [];
  const spec = rows.length
    ? { ...made, datasets: { ...made.datasets, [lesson.guesses]: [...there, ...rows] } } : made;
  document.fonts.ready.then(() =>
    vegaEmbed(inside, spec, { mode: "vega-lite", actions: false, renderer: "svg" }));
  return place;
}

const parts = [...lesson.steps, { id: "closing", closing: lesson.closing }];
function show(k) {
  const step = parts[k];
  const nodes = [make("p", { class: "where" }, W.where[k])];
  if (step.closing) {
    nodes.push(make("h2", { html: W.closing }));
    for (const q of step.closing) nodes.push(ask(q, () => {}));
  } else {
    const picture = make("div"), after = make("div");
    nodes.push(make("div", { html: step.words }), picture);
    const reveal = (done, answer) => {
      const rows = step.drawn && answer !== undefined ? own(step.question, answer) : [];
      picture.replaceChildren(chart(done ? step.view : step.before, rows));
      if (!done) return;
      for (const [name, html] of [["then", step.then], ["change", step.change], ["build", step.build]])
        if (html) after.append(make("div", { class: name, html }));
    };
    reveal(!step.question);
    if (step.question) nodes.push(ask(step.question, reveal, step.drawn));
    nodes.push(after);
  }
  const go = (to, html, on) => make("button", {
    html, disabled: !on, onclick: () => { location.hash = parts[to].id; } });
  nodes.push(make("nav", {},
    go(k - 1, W.back, k > 0), go(k + 1, W.next, k + 1 < parts.length)));
  stage.replaceChildren(...nodes);
  window.scrollTo(0, 0);
}
const here = () => Math.max(0, parts.findIndex((part) => `#${part.id}` === location.hash));
window.addEventListener("hashchange", () => show(here()));
window.played = { right, exact, saidOf, lesson };
show(here());
