"""Compare two results of the same tests (JUnit XML): nothing may pass without us and fail with us."""

import argparse
import sys
from collections import Counter
from xml.etree import ElementTree


def read(path):
    """{name of the test: (outcome, message)}"""
    results = {}
    for case in ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        outcome, message = "passed", ""
        for child in case:
            if child.tag in ("failure", "error", "skipped"):
                outcome, message = child.tag, (child.get("message") or "") + "\n" + (child.text or "")
        if results.get(name, ("passed",))[0] == "passed":  # a failing tearDown is a second entry
            results[name] = outcome, message
    return results


def count(results, prefix):
    return sum(
        outcome == "passed" and name.startswith(prefix + ".") for name, (outcome, _message) in results.items()
    )


def by_module(results):
    return Counter(name.split(".")[0] for name, (outcome, _message) in results.items() if outcome == "passed")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("without_us")
    parser.add_argument("with_us")
    parser.add_argument("--all", action="store_true", help="a missing test is a failure too")
    parser.add_argument("--floor", action="append", default=[], metavar="PREFIX=NUMBER")
    return parser.parse_args()


def worse(before, after, expect_all):
    for name, (outcome, _message) in sorted(before.items()):
        now, message = after.get(name, ("missing" if expect_all else "not asked for", ""))
        if outcome == "passed" and now not in ("passed", "not asked for"):
            yield f"{name}: passes without us, {now} with us\n{message.strip()[-3000:]}"


def missed(after, floors):
    for floor in floors:
        prefix, number = floor.rsplit("=", 1)
        if (passing := count(after, prefix)) < int(number):
            yield f"{prefix}: {passing} tests pass, and at least {number} should: the comparison says nothing"


def main():
    arguments = parse_arguments()
    before, after = read(arguments.without_us), read(arguments.with_us)
    problems = [*worse(before, after, arguments.all), *missed(after, arguments.floor)]
    for problem in problems:
        print(problem, end="\n\n")
    alone, together = by_module(before), by_module(after)
    print(f"{'passing tests':24}{'without us':>12}{'with us':>12}")
    for module in sorted(alone | together):
        print(f"{module:24}{alone[module]:12}{together[module]:12}")
    passing = together.total()
    print(f"problems: {len(problems)}; tests passing with us: {passing} of {len(after)}")
    return 1 if problems or not passing else 0


if __name__ == "__main__":
    sys.exit(main())
