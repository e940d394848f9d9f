"""Split the test files into shards that take about the same time, and keep how long each file takes.

shards.py list NUMBER OF   the files of a shard, one a line
shards.py record XML…      keep the seconds of a run in bin/test-seconds.txt, from its JUnit XML
shards.py sum XML…         one line with the totals of these runs; fails when one is missing or empty
"""

import re
import sys
from collections import Counter, defaultdict
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
SECONDS = Path(__file__).with_name("test-seconds.txt")
# Races and kills measure how long things take: they are in one shard, so that they do not meet each other.
TOGETHER = ("test_reservation_races.py", "test_allocator_killed.py")
HEADER = "# Seconds each test file takes, written by bin/shards.py record. What is not here is estimated.\n"


def files():
    return sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("addons/*/tests/test_*.py"))


def recorded():
    if not SECONDS.exists():
        return {}
    lines = [line.split() for line in SECONDS.read_text().splitlines() if not line.startswith("#")]
    return {path: float(seconds) for path, seconds in lines}


def estimated(path):
    """Guess from what is in it: a second for a test, 4 for a class, 15 for a walk through the browser."""
    text = (ROOT / path).read_text()
    return (
        1
        + len(re.findall(r"^    def test_", text, re.M))
        + 4 * text.count("@tagged")
        + 15 * text.count("start_tour")
    )


def split(paths, number):
    """Return the shards: the longest first, each to the shard that has the least; the same every time."""
    known = recorded()
    units = defaultdict(list)
    for path in paths:
        units["together" if path.endswith(TOGETHER) else path].append(path)
    cost = {path: known.get(path, estimated(path)) for path in paths}
    shards, loads = [[] for _ in range(number)], [0.0] * number
    for unit in sorted(units.values(), key=lambda unit: (-sum(map(cost.get, unit)), unit)):
        lightest = loads.index(min(loads))
        shards[lightest] += unit
        loads[lightest] += sum(map(cost.get, unit))
    return [sorted(shard) for shard in shards]


def cases(xml_files):
    return [case for xml in xml_files for case in ElementTree.parse(xml).iter("testcase")]


def record(xml_files):
    names = {path[: -len(".py")].replace("/", "."): path for path in files()}
    seconds = Counter()
    for case in cases(xml_files):
        path = next(
            (path for name, path in names.items() if f"{case.get('classname')}.".startswith(f"{name}.")), None
        )
        if path:
            seconds[path] += float(case.get("time") or 0)
    kept = {path: value for path, value in {**recorded(), **seconds}.items() if path in names.values()}
    SECONDS.write_text(HEADER + "".join(f"{path} {kept[path]:.0f}\n" for path in sorted(kept)))


def total(xml_files):
    """Return the totals in words, and whether everything passed."""
    counts = Counter()
    for xml in xml_files:
        try:
            suite = next(ElementTree.parse(xml).iter("testsuite"))
        except (OSError, ElementTree.ParseError):
            return f"{xml} was not written: not all tests were run", False
        counts.update({name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")})
    bad = {name: counts[name] for name in ("failures", "errors", "skipped") if counts[name]}
    words = [
        f"{counts['tests'] - sum(bad.values())} passed",
        *(f"{count} {name}" for name, count in bad.items()),
    ]
    return f"{', '.join(words)}, in {len(xml_files)} shards together", counts["tests"] > 0


def main(command, *arguments):
    if command == "list":
        number, of = map(int, arguments)
        print("\n".join(split(files(), of)[number - 1]))
    elif command == "record":
        record(arguments)
    elif command == "sum":
        words, complete = total(arguments)
        print(words)
        return 0 if complete else 1
    else:
        sys.exit(__doc__)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
