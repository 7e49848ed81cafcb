"""Tables of docs/verification.md from the JSON results of the validation tests.

usage: verification_page.py RESULTS PICTURES
A test leaves properties verification_N = physics|problem|resolution|quantity|ours|reference|tolerance|source. RESULTS
holds fast.json and, after a run with --all, slow.json. PICTURES is scripts/verification_pictures.txt.
"""

import json
import pathlib
import sys

HEADER = """# Verification

Made by `scripts/verification.sh` from the validation tests: do not edit. Every row is one comparison of a test in
`tests/validation`; the tests fail where a row is outside its tolerance. Orders are measured between the two resolutions
named. Rows of slow tests are marked with *s*; `scripts/verification.sh --all` runs them. `eddyline solve` with the config
under a picture makes what it shows.
"""


def rows_of(path, slow):
    """(physics, cells of the row, whether the test passed) in the order of the tests."""
    if not path.exists():
        return
    for suite in json.loads(path.read_text())["testsuites"]:
        for test in suite["testsuite"]:
            passed = not test.get("failures")
            keys = [key for key in test if key.startswith("verification_")]
            for key in sorted(keys, key=lambda key: int(key.rsplit("_", 1)[1])):
                physics, *cells = test[key].split("|")
                yield physics, cells, passed, slow


class Picture:
    """A line of the list of pictures."""

    def __init__(self, line):
        self.name, self.physics, self.case, self.config, overrides, _, self.caption = line.split("|")
        self.path = f"images/verification_{self.name}.png"
        self.command = f"eddyline solve configs/{self.config}"
        self.command += "".join(f" --set {assignment}" for assignment in overrides.split())


def pictures_of(path):
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return [picture for picture in map(Picture, lines) if (pathlib.Path("docs") / picture.path).exists()]


def main():
    results, pictures = pathlib.Path(sys.argv[1]), pictures_of(pathlib.Path(sys.argv[2]))
    tables, titles = {}, {}

    def key_of(physics):
        return titles.setdefault(physics.lower(), physics[:1].upper() + physics[1:])

    for path, slow in (("fast.json", False), ("slow.json", True)):
        for physics, cells, passed, is_slow in rows_of(results / path, slow):
            tables.setdefault(key_of(physics), []).append((cells, passed, is_slow))
    print(HEADER)
    count = sum(len(rows) for rows in tables.values())
    failed = sum(not passed for rows in tables.values() for _, passed, _ in rows)
    print(f"{count} comparisons, {failed} in tests that fail.\n" if failed else f"{count} comparisons, all passed.\n")
    for physics in sorted(set(tables) | {key_of(picture.physics) for picture in pictures}):
        shown = [picture for picture in pictures if key_of(picture.physics) == physics]
        print(f"## {physics}\n")
        if physics in tables:
            print("| case | resolution | quantity | ours | reference | tolerance | source | picture |")
            print("|---|---|---|---|---|---|---|---|")
        for (problem, resolution, quantity, ours, reference, tolerance, source), passed, slow in tables.get(physics, []):
            marks = (" *s*" if slow else "") + ("" if passed else " **fails**")
            if tolerance == "at least":
                reference, tolerance = "", f"at least {reference}"
            links = ", ".join(f"[{picture.name}]({picture.path})" for picture in shown if picture.case in problem)
            print(f"| {problem}{marks} | {resolution} | {quantity} | {ours} | {reference} | {tolerance} | {source} | {links} |")
        if physics in tables:
            print()
        for picture in shown:
            print(f"![{picture.caption}]({picture.path})\n\n*{picture.caption}: `{picture.command}`*\n")


if __name__ == "__main__":
    main()
