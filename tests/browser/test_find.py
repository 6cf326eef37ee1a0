"""What is folded is found by the browser's own search, which opens the fold that holds it."""

from playwright.sync_api import expect

SECONDS = 60_000
FOLD = "details:has([data-testid=stExpanderDetails])"
METHOD = "This command, in the folder of the workspace, gives the same numbers:"


def test_a_closed_fold_keeps_nothing_from_the_browser_s_search(visit, small):
    reader = visit("desktop")
    reader.page.goto(f"{small}/overlaps")
    fold = reader.page.locator(FOLD).filter(has_text=METHOD)
    expect(fold).to_be_attached(timeout=SECONDS)
    reader.settle()

    expect(fold.get_by_text(METHOD)).to_be_hidden()
    expect(reader.page.locator(f"{FOLD} [inert]")).to_have_count(0)  # of what is inert no browser finds a word

    fold.evaluate("fold => { fold.open = true; }")  # as the browser's search does
    expect(fold.get_by_text(METHOD)).to_be_visible()
    fold.evaluate("fold => { fold.open = false; }")
    expect(fold.get_by_text(METHOD)).to_be_hidden()
    fold.locator("summary").click()
    expect(fold.get_by_text(METHOD)).to_be_visible()
