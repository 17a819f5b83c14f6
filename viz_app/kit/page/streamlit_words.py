"""What Streamlit says by itself, as below a field or beside a file, in the reader's language.

It knows English alone. Its words stand in ``widgets.toml`` as it has them; the browser, which
watches what is drawn, puts those of the reader in their place: labels and hints wherever they are,
texts only in Streamlit's own parts, so that a column of a file may be called "Close".
"""

from functools import cache
from typing import Any

import streamlit as st

from viz_app.text import DEFAULT, language, texts, words

ROOM = "widgets."
KEY = "streamlit_words"
USED = "_streamlit_words"
"""Whether this session has ever spoken another language than English."""

JS = """
const HINTS = ["aria-label", "title", "placeholder"];
const PARTS = "[data-testid=stFileUploader], [data-testid=InputInstructions], [role=tooltip]," +
  "[data-testid=stTooltipContent], [data-testid=stElementToolbar], [data-testid=stHeader]," +
  "[data-testid=stStatusWidget], [data-testid=stMainMenuPopover], [data-testid=stToolbar]," +
  "[data-testid=stDialog] [data-testid=stDialogCloseButton], [role=listbox], [role=menu]," +
  "[role=dialog]";
export default function ({ data }) {
  const here = window.gatescopeWords ??= { shown: {} };
  const swapped = {};
  for (const [own, said] of Object.entries(data.words)) {
    swapped[own] = said;
    if (here.shown[own]) swapped[here.shown[own]] = said;
  }
  here.shown = data.words;
  const whole = new Map(Object.entries(swapped).filter(([own]) => !own.includes("{")));
  const filled = Object.entries(swapped).filter(([own]) => own.includes("{")).map(([own, said]) => {
    const [before, after] = own.split(/\\{\\w+\\}/);
    return { before, after, said };
  });
  const inWords = (text) => {
    const bare = text.trim();
    if (!bare || bare.length > 2000) return text;
    if (whole.has(bare)) return text.replace(bare, whole.get(bare));
    for (const { before, after, said } of filled) {
      const most = bare.length - after.length;
      if (bare.startsWith(before) && bare.endsWith(after) && before.length < most) {
        return said.replace(/\\{\\w+\\}/, bare.slice(before.length, most));
      }
    }
    return text;
  };
  const put = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      if (!node.parentElement?.closest(PARTS)) return;
      const said = inWords(node.data);
      if (said !== node.data) node.data = said;
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    for (const hint of HINTS) {
      const text = node.getAttribute(hint);
      if (text !== null && inWords(text) !== text) node.setAttribute(hint, inWords(text));
    }
  };
  const all = (root) => {
    put(root);
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) put(walk.currentNode);
  };
  here.watch?.disconnect();
  here.watch = null;
  all(document.body);
  if (!data.watch) return;
  here.watch = new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "childList") change.addedNodes.forEach(all);
      else put(change.target);
    }
  });
  here.watch.observe(document.body, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: HINTS,
  });
}
"""


def say_in_words() -> None:
    """Have the browser do so; in English there is nothing to do, but to undo it."""
    if language() == DEFAULT and not st.session_state.get(USED):
        return
    st.session_state[USED] = True
    own, said = texts(DEFAULT), words()
    told = {own[key]: said[key] for key in own if key.startswith(ROOM)}
    with st.container(key="streamlit_words_place"):
        _component()(
            key=KEY, data={"words": told, "watch": language() != DEFAULT}, height="content"
        )


@cache
def _component() -> Any:
    return st.components.v2.component("gatescope_streamlit_words", js=JS)
