"""The page Glossary: all terms, one that is asked for, and what is looked for."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from viz_app.kit.glossary import TERMS


def listed(app: AppTest) -> str:
    """The list as it is sent."""
    assert not app.exception
    (body,) = [html.proto.body for html in app.get("html") if 'class="glossary"' in html.proto.body]
    return str(body)


def test_every_term_is_listed_once(open_app: Callable[..., AppTest]) -> None:
    """With its meaning and a link to where it is seen."""
    shown = listed(open_app("glossary"))
    assert {key: shown.count(f'id="{key}"') for key in TERMS} == dict.fromkeys(TERMS, 1)
    assert shown.count("<article") == len(TERMS)
    assert all(f'href="{term.page.replace("&", "&amp;")}"' in shown for term in TERMS.values())
    assert 'class="terms asked"' not in shown


def test_the_term_of_a_link_stands_first(open_app: Callable[..., AppTest]) -> None:
    """And the link stays in the address."""
    app = open_app("glossary", term="half_life")
    shown = listed(app)
    assert shown.index('id="half_life"') == shown.index("id=")
    assert app.query_params["term"] == "half_life"
    assert len(app.warning) == 0


@pytest.mark.parametrize("name", ["<b>nothing</b>", "x" * 3000, "group_gates", ""])
def test_a_term_that_is_not_there_is_said(open_app: Callable[..., AppTest], name: str) -> None:
    """As text, and all are listed."""
    app = open_app("glossary", term=name)
    assert listed(app).count("<article") == len(TERMS)
    assert len(app.warning) == bool(name)
    assert all(warning.value.count("<") == warning.value.count("\\<") for warning in app.warning)


def test_terms_are_found(open_app: Callable[..., AppTest]) -> None:
    """By a part of name or meaning, from the address too; of what is nowhere it is said."""
    app = open_app("glossary", find="gradient clipping")
    assert listed(app).count("<article") == 1
    app.text_input[0].set_value("update gate").run()
    assert 'id="update_gate"' in listed(app)
    assert app.query_params["find"] == "update gate"
    app.text_input[0].set_value("$x^2$ <i>").run()
    assert listed(app).count("<article") == len(TERMS)
    assert len(app.warning) == 1
