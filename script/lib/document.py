"""The measured parts of documents: each stands between two marks, and the prose around it is written by hand."""

from processes import ROOT

PERFORMANCE = ROOT / "docs" / "performance.md"


def write_part(name: str, measured: str) -> None:
    """Replaces that part of docs/performance.md and leaves the rest."""
    start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
    head, rest = PERFORMANCE.read_text().split(start)
    PERFORMANCE.write_text(f"{head}{start}\n{measured}\n{end}{rest.split(end)[1]}")
