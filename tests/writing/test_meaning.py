"""What is true of each character, by hand; units that were built to know it are found."""

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from gatescope import TrainConfig, record
from gatescope.models import SequenceModel
from gatescope.tasks.characters import Characters, book
from gatescope.training import build_model
from gatescope.writing import MEANINGS, labels_of, probe

TASK = Characters()
LABELS = {
    "quotes": ("a `b don't!' c", "00111111111000"),
    "brackets": ("a (b) c", "0011000"),
    "line": ("ab\ncd", "12012"),
    "word": ("ab, cd'e", "12001201"),
    "word_end": ("ab, don't ", "0100000010"),
    "capital": ("a Bc D", "010010"),
}


@pytest.mark.parametrize("meaning", MEANINGS)
def test_labels_by_hand(meaning: str) -> None:
    text, expected = LABELS[meaning]
    assert labels_of(meaning, text).astype(int).tolist() == [int(digit) for digit in expected]


def test_an_unknown_meaning_is_told() -> None:
    with pytest.raises(ValueError, match="there is no meaning 'mood'; available: quotes"):
        labels_of("mood", "a")


def test_how_quotation_marks_are_found() -> None:
    """Of the 1,108 opened 1,105 are closed by the rule, as its docstring says."""
    text, _ = book()
    closed = [
        place for place, character in enumerate(text)
        if character == "'" and not text[place + 1 : place + 2].isalpha()
    ]  # fmt: skip
    assert (text.count("`"), len(closed)) == (1108, 1105)
    inside = labels_of("quotes", text)
    assert inside.mean() == pytest.approx(0.38, abs=0.01)


def knowing() -> SequenceModel:
    """An LSTM whose unit 2 holds -1 in its cell while a bracket is open, and 0 elsewhere."""
    torch.manual_seed(0)
    model = build_model(TrainConfig(task="characters", hidden_size=4)).eval()
    layer = model.recurrent
    opens, closes = (TASK.characters.index(character) for character in "()")
    with torch.no_grad():
        for weight in layer.parameters():
            weight.mul_(0.1)
        rows = {name: 4 * number + 2 for number, name in enumerate("ifgo")}
        for row in rows.values():
            layer.weight_ih_l0[row] = layer.weight_hh_l0[row] = 0
            layer.bias_ih_l0[row] = layer.bias_hh_l0[row] = 0
        layer.bias_ih_l0[rows["i"]], layer.weight_ih_l0[rows["i"], opens] = -30, 60
        layer.bias_ih_l0[rows["f"]], layer.weight_ih_l0[rows["f"], closes] = 30, -60
        layer.bias_ih_l0[rows["g"]] = -30
    return model


def test_a_unit_that_was_built_to_know_is_found() -> None:
    found = next(each for each in probe(knowing(), TASK) if each.meaning == "brackets")
    assert (found.signal, found.unit, found.sign) == ("cell_state", 2, -1)
    assert found.score == pytest.approx(1.0)
    assert found.linear == pytest.approx(1.0)
    assert abs(found.control - 0.5) < 0.2


def test_scores_are_those_of_scikit_learn_and_scipy() -> None:
    """On the test part; the unit is the best of the validation part."""
    model = build_model(TrainConfig(task="characters", cell="gru", hidden_size=5)).eval()
    texts, states = [], []
    for split in ("validation", "test"):
        codes = TASK.held_out(split).codes[:2500].tolist()
        texts.append("".join(TASK.characters[code] for code in codes))
        (leaf,) = record(model, TASK.encode(texts[-1])).leaves
        states.append(leaf["hidden_state"].values[:, 0])
    for found in probe(model, TASK, most=2500):
        labels = [labels_of(found.meaning, text) for text in texts]
        graded = found.meaning in ("line", "word")

        def score(values: np.ndarray, label: np.ndarray, graded: bool = graded) -> float:
            return float(
                spearmanr(values, label).statistic if graded else roc_auc_score(label, values)
            )

        middle = 0.0 if graded else 0.5
        by_unit = [abs(score(states[0][:, k], labels[0]) - middle) for k in range(5)]
        assert found.unit == int(np.argmax(by_unit))
        value = score(found.sign * states[1][:, found.unit], labels[1])
        assert found.score == pytest.approx(value, abs=1e-9)
        assert found.share == (None if graded else pytest.approx(labels[1].mean()))
