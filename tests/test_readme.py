"""The README says what is true."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_quoted_journey_is_the_real_one() -> None:
    """A newcomer who reads the journey in the README has read the code."""
    quoted = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    source = (ROOT / "workflows" / "data_collection_voucher.py").read_text(encoding="utf-8")
    assert quoted
    for code in quoted:
        assert code.rstrip("\n") in source


def test_every_link_into_the_project_leads_somewhere() -> None:
    """No reader follows a link to nothing."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_folder_on_the_map_exists() -> None:
    """The map of the folders is a map of this house."""
    (house,) = re.findall(r"## The house\n\n```\n(.*?)```", README, re.DOTALL)
    parent = ROOT
    for line in house.splitlines():
        name = line.split()[0]
        parent = ROOT / name if not line.startswith(" ") else parent
        folder = parent if not line.startswith(" ") else parent / name
        assert folder.is_dir(), line
