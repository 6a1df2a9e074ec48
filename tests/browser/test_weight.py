"""What the home page costs on a bad line: few requests, few bytes, nothing that jumps about."""

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

MOST_REQUESTS = 8
MOST_BYTES = 60 * 1024
WATCH = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
window.largest = "";
new PerformanceObserver((list) => {
  const node = list.getEntries().at(-1).element;
  window.largest = node ? (node.currentSrc || node.textContent).trim() : "";
}).observe({ type: "largest-contentful-paint", buffered: true });
"""


@pytest.mark.parametrize("width", [360, 1280])
def test_home_is_light_still_and_whole_in_its_html(site: str, page: Page, width: int) -> None:
    page = page.context.new_page()
    page.set_viewport_size({"width": width, "height": 640})
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    network.on(
        "Network.responseReceived",
        lambda event: kinds.update({event["requestId"]: event["type"]}),
    )
    network.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    page.add_init_script(WATCH)
    page.goto(f"{site}/", wait_until="networkidle")
    page.mouse.wheel(0, 3000)
    assert 0 < len(kinds) <= MOST_REQUESTS
    weight = sum(size for number, size in sizes.items() if kinds[number] != "Image")
    assert 5_000 < weight <= MOST_BYTES
    assert page.evaluate("window.shift") == 0
    largest = page.evaluate("window.largest")
    assert largest
    html = page.request.get(f"{site}/").text()
    assert page.evaluate(
        "([html, words]) => new DOMParser().parseFromString(html, 'text/html')"
        ".body.textContent.includes(words)",
        [html, largest],
    )
