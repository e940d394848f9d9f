"""Which known codes and names are like what was typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

LIKE_ENOUGH = 0.6
IS_A_PART = 0.75  # of a name
IS_A_WORD = 0.9  # of what was typed


def closest(code: str, known: Mapping[int, Sequence[str]], most: int = 3) -> list[int]:
    """Return whose codes or names are most like what was typed, at most so many, the likest first."""
    like = _Likeness(code)
    scores = {key: max(map(like.of, names), default=0.0) for key, names in known.items()}
    likest = sorted(
        (key for key, score in scores.items() if score >= LIKE_ENOUGH), key=lambda key: (-scores[key], key)
    )
    return likest[:most]


class _Likeness:
    """How like names are to one text; most are told apart without comparing them letter by letter."""

    def __init__(self, asked: str) -> None:
        """Keep what was typed, as it is compared."""
        self.asked = _plain(asked)
        self.words = {word for word in map(_plain, asked.split()) if len(word) > 1}
        self.matcher = SequenceMatcher(None, autojunk=False)
        self.matcher.set_seq2(self.asked)

    def of(self, name: str) -> float:
        """Return from 0 to 1 how like the name is."""
        name = _plain(name)
        if not self.asked or not name:
            return 0.0
        ratio = self._ratio(name)
        if name in self.words:
            return max(ratio, IS_A_WORD)
        # A part of a name, of some length, means it as much as a misspelt code does.
        return max(ratio, IS_A_PART) if len(self.asked) >= 4 and self.asked in name else ratio

    def _ratio(self, name: str) -> float:
        matcher = self.matcher
        matcher.set_seq1(name)
        if matcher.real_quick_ratio() < LIKE_ENOUGH or matcher.quick_ratio() < LIKE_ENOUGH:
            return 0.0
        return matcher.ratio()


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
