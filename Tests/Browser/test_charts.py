"""Charts of pages, as Tests/ReportingTests keeps one, in a real browser."""

import pytest
from pages import complaints


@pytest.fixture
def url(repo):
    return (repo / "Tests" / "ReportingTests" / "Snapshots" / "page-charts.html").as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_a_chart_which_asks_for_nothing(browser, url, scheme):
    with browser.page(url, color_scheme=scheme) as (page, said, asked):
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert complaints(page) == []
        assert said == [] and asked == [url]
        # Who sees no chart reads the same figures.
        table = page.get_by_role("table", name="Latency by version (ms)")
        rows = table.get_by_role("row").all_inner_texts()
        assert rows == ["Version\tp50\tp95", "v1\t900\t2,500", "v2\t850\t1,800", "v3\tnot known\t1,750", "<v4>\t700\t1,500"]
        chart = page.get_by_role("img", name="Latency by version (ms)")
        assert chart.locator("text").all_text_contents()[-4:] == ["v1", "v2", "v3", "<v4>"]


def test_a_chart_shows_its_figures(browser, url):
    with browser.page(url) as (page, _, _):
        bars = page.get_by_role("img", name="Tokens by version").locator("g").nth(3).locator("rect")
        heights = [bars.nth(index).bounding_box()["height"] for index in range(4)]
        # 305, 315, 325 and 335.
        assert [round(height / heights[0], 2) for height in heights] == [1.0, 1.03, 1.07, 1.1]
        points = page.get_by_role("img", name="Latency by version").locator("circle")
        assert points.count() == 7
        colours = page.evaluate("[...document.querySelectorAll('g')].map(each => getComputedStyle(each).getPropertyValue('--s'))")
        assert len(set(colours)) == 6
