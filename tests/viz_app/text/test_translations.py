"""Every other language beside English: the same texts, the same values, and the house's terms."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from gatescope.errors import SENTENCES
from tests.viz_app.text.made_up import write
from viz_app.kit.words import FORMS
from viz_app.text import DEFAULT, FOLDER, languages, texts

OTHERS = sorted(languages(FOLDER) - {DEFAULT})
SINGLE = ("zh",)
"""Languages whose nouns have one form."""

TERMS = {
    r"recurrent neural networks?": "循环神经网络",
    r"hidden states?": "隐藏状态",
    r"cell states?": "细胞状态",
    r"input gates?": "输入门",
    r"forget gates?": "遗忘门",
    r"output gates?": "输出门",
    r"reset gates?": "重置门",
    r"update gates?": "更新门",
    r"\bcandidates?\b": "候选",
    r"\bgradient norms?\b": "梯度范数",
    r"\bgradients?\b": "梯度",
    r"vanish\w* gradients?": "梯度消失",
    r"explod\w* gradients?": "梯度爆炸",
    r"\bclip(ping|ped)?\b": "裁剪",
    r"backpropagation through time": "时间反向传播",
    r"long-term dependenc": "长期依赖",
    r"half-li(fe|ves)": "半衰期",
    r"\bsaturated\b": "饱和",
    r"forget(-gate)? bias": "遗忘门偏置",
    r"\bchrono initiali[sz]": "时间尺度初始化",
    r"no-memory baseline": "无记忆基线",
    r"persistence": "持续性",
    r"confidence intervals?": "置信区间",
    r"\baccurac(y|ies)\b": "准确率",
    r"learning rate": "学习率",
    r"batch size": "批大小",
    r"\boverfit": "过拟合",
    r"\btraining set": "训练集",
    r"\btest set": "测试集",
    r"recurrent dropout": "循环随机失活",
    r"\bdropout\b": "随机失活",
    r"early stopping|stopped early": "提前停止",
    r"\bbidirectional\b": "双向",
    r"sequence to sequence": "序列到序列",
    r"\bencoders?\b": "编码器",
    r"\bdecoders?\b": "解码器",
    r"\battention\b": "注意力",
    r"\bembedding": "嵌入|词向量",
    r"\bJacobian": "雅可比矩阵",
    r"fixed points?": "不动点",
    r"linear probes?": "线性探针",
    r"\binterventions?\b": "干预",
    r"\bconnectivity\b": "连接强度",
    r"adding problem": "加法问题",
    r"delayed recall": "延迟回忆",
    r"temporal order": "时间顺序",
    r"\bparity\b": "奇偶校验",
    r"\bdistractors?\b": "干扰项",
    r"prepared (run|network)s?": "预置模型",
    r"\bheatmaps?\b": "热图",
    r"\brandom seeds?\b": "种子",
}
"""What an English text says, and what the Chinese one of the same key says then."""

NEVER = (
    "隐状态", "隐含状态", "隐层", "隐藏态", "单元状态", "元胞",
    "忘记门", "记忆门", "闸", "门限", "梯度消散", "梯度弥散",
    "梯度爆发", "梯度截断", "剪裁", "剪切", "随时间反向传播", "沿时间反向传播",
    "长时依赖", "长程依赖", "长距离依赖", "半寿命", "候选状态", "候选记忆",
    "学习速率", "批尺寸", "批量大小", "批次大小", "过度拟合", "校验集",
    "正确率", "准确度", "热力图", "热度图", "干扰物", "干扰因素",
    "信赖区间", "置信度区间", "早停", "丢弃法", "雅克比", "雅各比",
    "固定点", "时间步长", "时步", "持久性", "基准线", "无记忆基准",
    "遗忘偏置", "神经单元", "编码端", "探测器", "相加问题", "奇偶性",
    "延时回忆", "预训练", "预先训练", "词嵌入", "连通性", "您",
)  # fmt: skip
"""Other names for the same, which textbooks have too: one thing has one name here."""

SHOWN = re.compile(r"\{[^{}]*\}|`[^`]*`|--[\w-]+|\b\w+(, \w+){3,}|\bupdate gatescope\b")
"""Of an English text what is no word of it: values, code, options, lists of names."""


def english() -> dict[str, str]:
    """All texts, those of errors among them."""
    return texts(DEFAULT) | {f"error.{name}": text for name, text in SENTENCES.items()}


def read(folder: Path) -> dict[str, str]:
    """The texts of a folder itself, without what it takes from English."""
    return {
        f"{path.stem}.{name}": text
        for path in folder.glob("*.toml")
        for name, text in tomllib.loads(path.read_text(encoding="utf-8")).items()
    }


def values(text: str) -> set[str]:
    """What stands in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def faults(said: Mapping[str, str]) -> dict[str, Any]:
    """What a language lacks, what it has too many, and what it fills in otherwise."""
    known = english()
    both = said.keys() & known.keys()
    return {
        "lacking": sorted(known.keys() - said.keys()),
        "unknown": sorted(said.keys() - known.keys()),
        "values": sorted(key for key in both if values(said[key]) != values(known[key])),
        "empty": sorted(key for key in both if said[key].strip() != said[key] or not said[key]),
    }


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_all_texts_with_the_same_values(language: str) -> None:
    """None is English in the middle, and none has a value that nobody gives."""
    assert not any(faults(read(FOLDER / language)).values()), faults(read(FOLDER / language))


@pytest.mark.parametrize("language", SINGLE)
def test_one_form_is_enough_where_nouns_have_one(language: str) -> None:
    """A second one would never be said."""
    plural = [key for key, text in english().items() if FORMS in text]
    said = read(FOLDER / language)
    assert len(plural) > 50
    assert [key for key in plural if FORMS in said[key]] == []


def test_what_a_language_lacks_is_found(tmp_path: Path) -> None:
    """A whole one passes; one key less, one more and another value do not."""
    write(tmp_path)
    whole = read(tmp_path / "qq")
    assert not any(faults(whole).values())
    less = {key: text for key, text in whole.items() if key != "gates.title"}
    assert faults(less)["lacking"] == ["gates.title"]
    assert faults(whole | {"gates.more": "x"})["unknown"] == ["gates.more"]
    assert faults(whole | {"gates.title": "{x}"})["values"] == ["gates.title"]
    assert faults(whole | {"gates.title": " x"})["empty"] == ["gates.title"]


def without(said: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Texts whose English says a term and that do not: key, term and text."""
    found = []
    for key, text in english().items():
        bare = SHOWN.sub(" ", text)
        for term, name in TERMS.items():
            if re.search(term, bare, re.IGNORECASE) and not re.search(name, said[key]):
                found.append((key, name, said[key]))
    return found


ELSEWHERE = {
    "bench.what", "retention.what",  # {clip} and {seeds} bring the word
    "architectures.fix_python", "app.score_nearer", "error.trace_schema",
    "cli.picture",  # a list of what can be typed
}  # fmt: skip


def test_one_term_for_one_thing_in_chinese() -> None:
    """As textbooks have them; a text may fill in a term."""
    said = read(FOLDER / "zh")
    assert [found for found in without(said) if found[0] not in ELSEWHERE] == []
    broken = said | {"signal.hidden_state": "隐状态"}
    assert ("signal.hidden_state", "隐藏状态", "隐状态") in without(broken)


def test_no_other_name_for_it_in_chinese() -> None:
    """Neither on pages, nor in lessons."""
    files = {path: path.read_text(encoding="utf-8") for path in (FOLDER / "zh").rglob("*.toml")}
    assert [
        (path.name, name) for path, text in files.items() for name in NEVER if name in text
    ] == []
