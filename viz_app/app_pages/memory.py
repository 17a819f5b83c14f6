"""Memory: how long does this network remember, by six measures?"""

import streamlit as st

from viz_app.app_pages import cached, cached_memory, choices, parts
from viz_app.text import name_of, say
from viz_app.views import memory, memory_words, snippets
from viz_app.views.settings import score

choices.require_runs()
choices.restore()
beside = parts.heading(say("memory.title"), say("memory.question"))
names = choices.choose_task(beside[0])
log = beside[1].toggle(say("memory.log"), key="memory_log", help=say("memory.log_help"))
runs = [cached.run_of(name) for name in names]
st.caption("  \n".join(f"{name_of('cell', run.config.cell)}: {score(run)}" for run in runs))
found = cached_memory.by_cell(tuple(names))
specs = cached_memory.specs(tuple(names), log, parts.theme())
parts.line_legend(memory.legend(specs.names, parts.theme()))
columns = st.columns(len(specs.panels), gap="small")
for column, spec, alternative in zip(columns, specs.panels, specs.alternatives, strict=True):
    column.vega_lite_chart(dict(spec), theme=None, width="stretch", alt=alternative)
st.caption(say("memory.how_log" if log else "memory.how", last=runs[0].task.length - 1))
st.table(memory_words.half_lives(found))
st.markdown(f"#### {say('memory.disagree')}")
st.markdown("\n\n".join(memory_words.sentences(found)))
if runs[0].task.input_kind == "pixels":
    st.caption(say("memory.pixels"))
parts.downloads(
    "memory",
    lambda: memory.compare(runs, log=log, theme=parts.theme()),
    lambda: memory.table(found),
)
parts.python(snippets.memory(names, log, parts.theme()))
choices.remember(run=st.session_state["run"])
