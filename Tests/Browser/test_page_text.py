"""Whatever a template holds, a parser of HTML finds that text in the page, and no element that is not the page's own."""

import random
import re

import html5lib
import pytest
from jobs import JobFolder, registered

# What breaks out of elements, attributes, comments, style sheets and tables, or looks like what it is not.
PIECES = [
    *("<script>alert(1)</script>", "</td></tr></table>", "</details>", "<img src=x onerror=alert(1)>", "<!--", "-->"),
    *("]]>", "<![CDATA[", "&lt;", "&amp", "&#0;", "&#x3c;b>", "</style>", "</title>", "<plaintext>", "<svg onload=x>"),
    *('"', "'", "`", "=", "<", ">", "&", "\\", "{{x}}", "</", "<a href='javascript:x'>", '" onclick="x', "<?php", "%3C"),
    *("\u202e", "\u2066", "\u200f", "\u2028", "\x0b", "\x0c", "\x1b[31m", "\x7f", "\x85", "\ufffe", "\u00a0", "\u200b"),
    *("e\u0301", "👩‍👩‍👧", "עברית", "質問", "\U0010fffd", " ", "  ", "\t", "\n", "\n\n", "\r", "word", "other", "7"),
]
# All that a page is made of.
ELEMENTS = set(
    "html head meta title style body header main section h1 h2 h3 h4 dl div dt dd bdi code time span ul li strong p "
    "table caption thead tbody tr th td details summary a del ins".split()
)
ATTRIBUTES = set(
    "lang charset name content http-equiv class id role aria-label aria-labelledby tabindex scope colspan dir "
    "href rel open datetime".split()
)
STEERING = re.compile("[\0-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def visible(text: str, kept: str = "") -> str:
    """The text with what could steer a terminal, or nobody sees, made visible, as every report has it."""
    short = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}

    def shown(found: re.Match) -> str:
        return found[0] if found[0] in kept else short.get(found[0], f"\\u{{{ord(found[0]):x}}}")

    return STEERING.sub(shown, text)


def text_of(chance: random.Random) -> str:
    """A template, of lines that are often alike."""
    return "x" + "".join(chance.choices(PIECES, k=chance.randrange(40)))


def changed(text: str, chance: random.Random) -> str:
    """The same with something else here and there."""
    words = re.split(r"(\s+)", text)
    for _ in range(chance.randrange(1, 4)):
        words[chance.randrange(len(words))] = "".join(chance.choices(PIECES, k=chance.randrange(3)))
    return "x" + "".join(words)


@pytest.fixture(params=range(4))
def planned(request, program, tmp_path):
    """The page of a plan that changes some prompts of a job and makes others, and both texts of each."""
    chance = random.Random(request.param)
    job = JobFolder(tmp_path / "job", aliases=["production"], syntax="none")
    registry = tmp_path / """reg<b>"'&amp;"""
    before, after, about = {}, {}, {}
    for number in range(30):
        name = f"p{number}"
        before[name] = text_of(chance) if number % 6 else None
        after[name] = changed(before[name], chance) if before[name] else text_of(chance)
        # A spec is YAML, which has other ends of lines and other characters.
        about[name] = re.sub("[\x85\u2028\ufffe]", "", text_of(chance))
    for name, text in before.items():
        if text is not None:
            job.add(name, text, ending=".<b>'.md")
    program("run", job.write(), "--registry", f"file:{registry}")
    for name, text in after.items():
        job.add(name, text, ending=".<b>'.md", description=about[name], tags={"note": about[name]})
    page = tmp_path / "page.html"
    program("plan", job.write(), "--registry", f"file:{registry}", "--report", page)
    return page.read_text(), before, after, about


def test_the_page_has_the_texts_and_no_element_more(planned):
    source, before, after, about = planned
    tree = html5lib.parse(source, namespaceHTMLElements=False)
    elements = [each for each in tree.iter()]
    assert all(isinstance(each.tag, str) for each in elements), "a comment"
    # Each start tag in the source is the page's own, and the parser finds the same ones in the same order.
    page, seal, rest = source.rpartition("\n<!-- promptreg ")
    assert seal and re.fullmatch(r"[0-9a-z]+ -->\n", rest)
    body = page[: page.index("<style>") + 7] + page[page.index("</style>") :]
    written = re.findall(r'<([a-z][a-z0-9]*)((?: [a-z-]+="[^"<>]*")*)>', body)
    assert [name for name, _ in written] == [each.tag for each in elements]
    assert body.count("<") == len(written) + len(re.findall(r"</[a-z][a-z0-9]*>", body)) + len(["<!DOCTYPE html>"])
    assert {each.tag for each in elements} <= ELEMENTS
    assert {key for each in elements for key in each.attrib} <= ATTRIBUTES
    assert all(re.match(r"#prompt-\d+$", each.get("href")) for each in elements if each.get("href"))

    blocks = {"".join(block.find("summary/h3").itertext()): block for block in tree.iter("details")}
    assert set(blocks) == set(after)
    for name, block in blocks.items():
        check_texts(block, registered_text(before[name]), registered_text(after[name]))
        items = ["".join(each.itertext()) for each in block.iter("li")]
        assert f"description = {visible(about[name])}" in items
        assert f"tag note = {visible(about[name])}" in items


def registered_text(text: str | None) -> str | None:
    """What a file of a text is registered as."""
    return None if text is None else registered(text.encode(), "none")


def check_texts(block, old: str | None, new: str) -> None:
    """Compares the two columns of a template with its texts."""
    sides = {"old": {}, "new": {}}
    for row in block.findall("table/tbody/tr"):
        cells = row.findall("td")
        if "hunk" in row.get("class", ""):
            continue
        pairs = [cells[:2], cells[2:]] if old is not None else [[None, None], cells]
        for side, (at, text) in zip(sides, pairs):
            if at is not None and at.text:
                sides[side][int(at.text)] = "".join(text.itertext())
        if old is not None and all(len(pair) == 2 and pair[0].text for pair in pairs):
            # What is not marked is the same on both sides, but for blanks between marks.
            assert unmarked(pairs[0][1]) == unmarked(pairs[1][1])
    rest = {}
    for side, text in (("old", old), ("new", new)):
        lines = [] if text is None else text.split("\n")
        for number, shown in sides[side].items():
            assert shown == visible(lines[number - 1], kept="\t")
        rest[side] = [line for number, line in enumerate(lines, 1) if number not in sides[side]]
    # What is in neither column is the same in both texts.
    assert rest["old"] == rest["new"]


def unmarked(cell) -> str:
    """The text of a cell that is not marked, without blanks."""
    text = (cell.text or "") + "".join(each.tail or "" for each in cell)
    return "".join(text.split())
