"""Claims at the terminal: train what is missing, say what came out, and write it down."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from gatescope.experiments.claims import CLAIMS, Claim, ClaimResult, save_claim
from viz_app.commands import _options as options
from viz_app.commands._sweep import swept, workers
from viz_app.features import Claims
from viz_app.features.claims import lessons as claims_lessons
from viz_app.features.claims import words as claims_words
from viz_app.kit import export
from viz_app.kit.tables import in_columns
from viz_app.text import say


def command() -> TyperCommand:
    """``gatescope claim``."""
    key = options.argument("claim_key", "KEY", claims=", ".join(CLAIMS))
    folder = options.out_folder("claim_out", default=None)
    return options.made_command(run, [options.parameter("key", str, key), folder, workers()])


def run(given: Mapping[str, Any]) -> None:
    """Run a claim; the same line takes up what was stopped.

    Raises
    ------
    ValueError
        When there is no such claim, or no place to write; the message lists the claims there are.
    """
    listed = ", ".join(CLAIMS)
    if given["key"] is None:
        raise ValueError(say("cli.which_claim", claims=listed))
    if given["key"] not in CLAIMS:
        raise ValueError(say("cli.no_claim", name=given["key"], claims=listed))
    if given["out"] is None:
        raise ValueError(say("cli.claim_needs_out", name=given["key"]))
    chosen, out = CLAIMS[given["key"]], Path(given["out"])
    print(say(f"claims.says_{chosen.key}"))
    print(claims_words.sources(chosen))
    print(claims_words.budget(chosen), flush=True)
    out.mkdir(parents=True, exist_ok=True)
    result = chosen.measure(trained(chosen, out, given["workers"]))
    write(chosen, result, out)
    tell(chosen, result)
    print(say("cli.saved_claim", out=out))


def trained(chosen: Claim, out: Path, processes: int | None) -> dict[str, Any]:
    """Every run of a claim by its label, trained where it was not there."""
    configs = chosen.configs()
    if not configs:
        return {}
    runs = swept(list(configs.values()), out, workers=processes)
    return dict(zip(configs, runs, strict=True))


def write(chosen: Claim, result: ClaimResult, out: Path) -> None:
    """The numbers as CSV and JSON, the curves as CSV, and the figure."""
    result.table.to_csv(out / f"{chosen.key}.csv", index=False, float_format="%.6g")
    result.curves.to_csv(out / f"{chosen.key}-curves.csv", index=False, float_format="%.6g")
    save_claim(chosen, result, out / f"{chosen.key}.json")
    chart = Claims(chosen.key, str(out)).chart()
    for kind in ("svg", "png"):
        export.save(chart, out / f"{chosen.key}.{kind}")


def tell(chosen: Claim, result: ClaimResult) -> None:
    """The numbers, the parts, the verdict and what is to be learnt from it."""
    for table in (claims_words.numbers(chosen, result), claims_words.parts(result)):
        print(f"\n{in_columns(table)}")
    if claims_words.no_paper(result):
        print(claims_words.no_paper(result))
    print(claims_words.rule(chosen))
    print(f"\n{claims_words.verdict(chosen, result)}")
    for lesson in claims_lessons.lessons(chosen, result):
        print(lesson)
    if result.seconds:
        print(claims_words.took(result))
