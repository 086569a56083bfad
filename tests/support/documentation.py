"""The pages of the documentation that people write; the others are generated."""

from __future__ import annotations

from pathlib import Path

from exchange import docs

ROOT = Path(__file__).parents[2]
DOCS = Path(docs.__file__).parent
_GENERATED = {
    "api.md",
    "commands.md",
    "messages.md",
    "findings.da.md",
    "findings.en.md",
    "jobnet.da.md",
    "jobnet.en.md",
}
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(path for path in DOCS.glob("*.md") if path.name not in _GENERATED),
]
