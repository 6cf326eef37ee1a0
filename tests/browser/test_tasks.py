"""Ten tasks, each done by the keyboard alone from the first page on; the answer stands where the docs say."""

import pytest

from docs import tasks
from tests.amount import amount

MOST_TABS = 120
FOCUSED = "one => one === document.activeElement"
SOME = [task for task in tasks.TASKS if len(task.steps) > 2 or task in tasks.TASKS[::3]]  # each way of a step
ROWS = tasks.PAGE.read_text(encoding="utf-8").splitlines()


def by_keyboard(part) -> None:
    """Go to a part of the page by the tabulator, and press it, as if there were no pointer."""
    page = part.page
    part.wait_for(timeout=tasks.MS)
    for _tab in range(MOST_TABS):
        if part.evaluate(FOCUSED):
            break
        page.keyboard.press("Tab")
    assert part.evaluate(FOCUSED), f"the keyboard does not reach {part}"
    if part.evaluate("one => one.tagName") != "INPUT":
        page.keyboard.press("Enter")


@pytest.mark.slow
@pytest.mark.parametrize("task", amount(SOME, tasks.TASKS), ids=lambda task: task.question)
def test_each_task_is_done_by_the_keyboard_alone(visit, invented, task):
    page = visit().page
    tasks.begin(page, f"{invented}/")

    tasks.do(page, task, by_keyboard)

    assert page.get_by_role("heading", level=1).inner_text() == task.where.split(", ")[0]


def test_the_table_of_the_docs_holds_each_task():
    for task in tasks.TASKS:
        row = next(line for line in ROWS if line.startswith(f"| {task.question} |"))
        assert row.split(" | ")[1] == str(tasks.presses(task))
        assert row.endswith(f"| {task.where} |")
