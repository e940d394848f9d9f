"""How much of a product is free over time, and from when on so much of it is always free.

The curve is a staircase: each receipt lifts it from its date on, each promise lowers it. What may be
promised at a time is not what lies there then, but the lowest the curve comes to afterwards: otherwise
what was promised earlier for a later day would be missing on that day (this is what is called
available-to-promise with look-ahead).

The steps are kept in blocks, each with its lowest value and what is to be added to all of it, so that
asking and promising cost about the square root of the number of steps, not all of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import datetime

BLOCK = 256


class _Block:
    """Neighbouring steps: their times, their heights less ``offset``, and the lowest of those."""

    __slots__ = ("heights", "lowest", "offset", "times")

    def __init__(self, times: list[datetime], heights: list[int]):
        self.times = times
        self.heights = heights
        self.lowest = min(heights)
        self.offset = 0


class StockCurve:
    """The quantity that is free over time, in whole units; changes before ``start`` count from it on."""

    def __init__(self, start: datetime, on_hand: int, changes: Iterable[tuple[datetime, int]] = ()):
        """Build the curve from what is there at ``start`` and what comes and goes later."""
        times, heights = [start], [on_hand]
        for at, quantity in sorted(changes, key=lambda change: change[0]):
            if at <= times[-1]:
                heights[-1] += quantity
            else:
                times.append(at)
                heights.append(heights[-1] + quantity)
        self._blocks = [
            _Block(times[i : i + BLOCK], heights[i : i + BLOCK]) for i in range(0, len(times), BLOCK)
        ]
        self._starts = [block.times[0] for block in self._blocks]

    def add(self, at: datetime, quantity: int) -> None:
        """From ``at`` on there is so much more, or less."""
        place, index = self._step_at(at)
        block = self._blocks[place]
        heights = block.heights
        for i in range(index, len(heights)):
            heights[i] += quantity
        block.lowest = min(heights)
        for later in self._blocks[place + 1 :]:
            later.offset += quantity

    def earliest(self, quantity: int, not_before: datetime, until: datetime | None = None) -> datetime | None:
        """Return the first time from ``not_before`` on from which so much is always free, or None.

        With ``until``, what happens from then on does not matter (it can still be ordered); the answer is
        before it, or None.
        """
        after = until
        for place in range(self._last_before(until), -1, -1):
            block = self._blocks[place]
            wanted = quantity - block.offset
            if block.lowest >= wanted:
                after = block.times[0]
                continue
            for i in range(self._end_in(block, until) - 1, -1, -1):
                if block.heights[i] < wanted:
                    return self._not_before(after, not_before, until)
                after = block.times[i]
        return self._not_before(after, not_before, until)

    @staticmethod
    def _not_before(at: datetime | None, not_before: datetime, until: datetime | None) -> datetime | None:
        if at is None or at == until:
            return None
        at = max(at, not_before)
        return at if until is None or at < until else None

    def lowest_from(self, at: datetime, until: datetime | None = None) -> int:
        """Return the least that is free from ``at`` on, before ``until``; what is free at ``at`` at most."""
        first = max(bisect_right(self._starts, at) - 1, 0)
        lowest = None
        for place in range(first, max(self._last_before(until), first) + 1):
            block = self._blocks[place]
            begin = max(bisect_right(block.times, at) - 1, 0) if place == first else 0
            end = max(self._end_in(block, until), begin + 1)
            inner = block.lowest if not begin and end == len(block.times) else min(block.heights[begin:end])
            height = inner + block.offset
            lowest = height if lowest is None else min(lowest, height)
        assert lowest is not None
        return lowest

    def _last_before(self, until: datetime | None) -> int:
        """Return the place of the last block that begins before ``until``."""
        return len(self._blocks) - 1 if until is None else bisect_left(self._starts, until) - 1

    @staticmethod
    def _end_in(block: _Block, until: datetime | None) -> int:
        return len(block.times) if until is None else bisect_left(block.times, until)

    def _step_at(self, at: datetime) -> tuple[int, int]:
        """Return the place of the step that begins at ``at``, making it where there is none."""
        place = max(bisect_right(self._starts, at) - 1, 0)
        block = self._blocks[place]
        index = bisect_left(block.times, at)
        if index < len(block.times) and block.times[index] == at:
            return place, index
        if index == 0:  # before the beginning: it counts from the beginning on
            return place, 0
        block.times.insert(index, at)
        block.heights.insert(index, block.heights[index - 1])
        if len(block.times) > 2 * BLOCK:
            self._split(place)
            return self._step_at(at)
        return place, index

    def _split(self, place: int) -> None:
        block = self._blocks[place]
        right = _Block(block.times[BLOCK:], block.heights[BLOCK:])
        left = _Block(block.times[:BLOCK], block.heights[:BLOCK])
        left.offset = right.offset = block.offset
        self._blocks[place : place + 1] = [left, right]
        self._starts[place : place + 1] = [left.times[0], right.times[0]]
