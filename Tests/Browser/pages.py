"""Pages in a real browser: Debian's Chromium, without a window."""

import shutil
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

# The rules of WCAG 2.2 AA, and what axe holds to be good practice.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}


class Browser:
    """The browser; each page is in a context of its own, as in a new private window."""

    def __init__(self):
        self.playwright = sync_playwright().start()
        # A container has no sandbox of its own kind, and little memory to share.
        self.chromium = self.playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )

    def stop(self) -> None:
        """Ends it."""
        self.chromium.close()
        self.playwright.stop()

    @contextmanager
    def page(self, url: str, **context):
        """A page, what was said on its console, and what it asked for."""
        opened = self.chromium.new_context(**context)
        page = opened.new_page()
        said, asked = [], []
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.on("request", lambda request: asked.append(request.url))
        try:
            page.goto(url)
            yield page, said, asked
        finally:
            opened.close()


def complaints(page: Page) -> list[str]:
    """What axe finds that keeps somebody from using the page."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes'][:3]]}" for each in found]
