"""The pictures of the page in docs/pictures: a run of the reference app, its sample events, and the views as a browser draws them.

`make browser-pictures`. Look at them before they are committed.
"""

import io
import json
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from cdk_event_flow.synth import app_of, synthesize
from tests.browser.chromium import FLAGS, find
from tests.browser.conftest import ROOT, Run

INTO = ROOT / "docs" / "pictures"
COLOURS = 256
# Name, view, width, height, colours; `POISON` stands for the event that is dead-lettered,
# `FIRST` for the first; of that the first try is opened.
SHOTS = (
    ("page-flow", "flow", 1280, 640, "light"),
    ("page-waterfall", "events/POISON", 1280, 760, "light"),
    ("page-why-not", "send", 1280, 760, "dark"),
    ("page-try", "events/FIRST", 1280, 860, "dark"),
)


def main(into):
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        found = find(folder)
        if isinstance(found, str):
            sys.exit(found)
        program, environment = found
        assembly = Path(folder) / "cdk.out"
        synthesize(app_of(ROOT), assembly, folder=ROOT)
        run = Run(assembly, Path(folder))
        try:
            sent = fill(run)
            browser = driver.chromium.launch(executable_path=program, args=list(FLAGS), env=environment)
            for name, view, width, height, scheme in SHOTS:
                shot(
                    browser,
                    run,
                    into / f"{name}.png",
                    view.replace("POISON", str(sent["8-poison.json"])).replace("FIRST", str(sent["1-billed-only.json"])),
                    (width, height),
                    scheme,
                )
            browser.close()
        finally:
            run.end()


def fill(run):
    """Send the sample events, wait for their ends; their numbers by file."""
    sent = {}
    for file in sorted((ROOT / "events").glob("*.json")):
        sent[file.name] = run.ask("send", {"on": "Orders", "event": json.loads(file.read_text())})["id"]
    until = time.monotonic() + 60
    while any(event["state"] == "pending" for event in run.ask("events")["events"]):
        if time.monotonic() > until:
            sys.exit("the events did not come to an end")
        time.sleep(0.2)
    return sent


def shot(browser, run, file, view, size, scheme):
    """One picture, in few colours."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.goto(run.url)
    page.get_by_text("live,").wait_for()
    page.evaluate(f"location.hash = '#/{view}'")
    page.wait_for_timeout(1_500)
    if file.stem == "page-try":
        page.locator(".try-line").first.click()
        page.mouse.move(5, 5)
        page.wait_for_timeout(300)
    drawn = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    drawn.save(file, optimize=True)
    print(f"{file}: {file.stat().st_size // 1024} kB")
    context.close()


if __name__ == "__main__":
    main(INTO)
