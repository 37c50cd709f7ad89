"""The names that a misspelt one may have been meant for."""

from collections.abc import Iterable

LIKENESS = 0.75  # of difflib: "tail" and "details", both parameters of logs, have 0.73

CLOSE = 0.88


def near(word: str, known: Iterable[str], likeness: float = LIKENESS, count: int = 3) -> list[str]:
    """The best first, at most `count`: those that differ in case, - and _ only, or else those that look alike, and none that
    look much less so."""
    from difflib import get_close_matches

    names = list(dict.fromkeys(known))
    same = [name for name in names if _bare(name) == _bare(word)]
    if same:
        return same
    by_low = {name.lower(): name for name in names}
    best = get_close_matches(word.lower(), by_low, count, likeness)
    close = get_close_matches(word.lower(), best, count, CLOSE)
    return [by_low[low] for low in close or best]


def _bare(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def one_of(names: Iterable[str], last: str = "or") -> str:
    """ "a, b or c"."""
    *most, end = names
    return f"{', '.join(most)} {last} {end}" if most else end


def meant(word: str, known: Iterable[str], likeness: float = LIKENESS) -> str:
    """ "did you mean a or b?", or "" where nothing is near."""
    names = near(word, known, likeness)
    return f"did you mean {one_of(names)}?" if names else ""
