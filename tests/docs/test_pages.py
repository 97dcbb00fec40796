"""Every example of the documentation runs, or says why not; every link leads somewhere."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest
from support.pages import HELD_ELSEWHERE, ROOT, Session, blocks, pages

GENERATED = sorted((ROOT / "docs" / "reference").glob("make_*.py"))


RUN_HERE = [page for page in pages() if str(page) not in HELD_ELSEWHERE]


@pytest.mark.parametrize("page", RUN_HERE, ids=str)
def test_every_block_says_what_it_is(page: Path) -> None:
    blocks(page)


@pytest.mark.parametrize("page", HELD_ELSEWHERE)
def test_a_page_that_is_run_elsewhere_is_run(page: str) -> None:
    assert (ROOT / page).exists() == (ROOT / HELD_ELSEWHERE[page]).exists()


@pytest.mark.timeout(330)
@pytest.mark.parametrize(
    "page", [page for page in RUN_HERE if "```" in (ROOT / page).read_text("utf-8")], ids=str
)
def test_the_examples_do_what_the_page_says(page: Path, request: pytest.FixtureRequest) -> None:
    session = Session(page)
    try:
        missing = session.missing()
        if missing is not None:
            if request.config.getoption("--require-programs"):
                pytest.fail(missing, pytrace=False)
            pytest.skip(missing)
        session.run()
    finally:
        session.close()


@pytest.mark.parametrize("maker", GENERATED, ids=lambda path: path.stem)
def test_a_page_that_is_written_by_a_program_is_up_to_date(maker: Path) -> None:
    made: Callable[[], str] = runpy.run_path(str(maker))["page"]
    page = maker.with_name(maker.stem.removeprefix("make_").replace("_", "-") + ".md")
    assert made() == page.read_text("utf-8"), f"write it anew: python {maker.relative_to(ROOT)}"


def _anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()) for heading in headings]
    return {heading.strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", pages(), ids=str)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", (ROOT / page).read_text("utf-8")):
        if "://" in target or target.startswith("mailto:"):
            continue
        file, _, anchor = target.partition("#")
        path = (ROOT / page).parent / file if file else ROOT / page
        if not path.exists() or (anchor and anchor not in _anchors(path.read_text("utf-8"))):
            broken.append(target)
    assert [] == broken


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    names = [str(page.relative_to("docs")) for page in pages() if page.parts[0] == "docs"]
    assert [] == [name for name in names if name != "README.md" and f"({name})" not in index]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("```sh\ntrue\nfalse\n```\n", "line 2 on ended with status 1"),
        ("```console\n$ echo one\ntwo\n```\n", "says\ntwo"),
        ("```python\nassert 1 == 2\n```\n", "line 2, in <module>"),
        ("```python\ndef test_it():\n    assert not 1\n```\n", "1 failed"),
        ("```\ntrue\n```\n", "the fence says ''"),
        ("Like so:\n\n    true\n", "an indented block does not say what it is"),
        ("<!-- not run: no -->\n```sh\ntrue\n```\n", "say why it is not run"),
    ],
)
def test_a_page_that_is_wrong_is_found_out(tmp_path: Path, text: str, complaint: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    session = None
    with pytest.raises((AssertionError, ValueError)) as caught:
        session = Session(page)
        session.run()
    if session is not None:
        session.close()
    assert complaint in str(caught.value)
