"""Ten tasks, each done by the keyboard alone from the first page on; the answer stands where the docs say."""

from collections.abc import Sequence
from dataclasses import replace

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


def walks(of: Sequence[tasks.Task]) -> list[list[tasks.Task]]:
    """Tasks that one visit does: each begins with the steps of the one before it, and goes on."""
    found: list[list[tasks.Task]] = []
    for task in of:
        if found and task.steps[: len(found[-1][-1].steps)] == found[-1][-1].steps:
            found[-1].append(task)
        else:
            found.append([task])
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    "walk", walks(amount(SOME, tasks.TASKS)), ids=lambda walk: " ".join(task.question for task in walk)
)
def test_each_task_is_done_by_the_keyboard_alone(visit, invented, walk):
    page = visit().page
    tasks.begin(page, f"{invented}/")
    taken = 0
    for task in walk:
        tasks.do(page, replace(task, steps=task.steps[taken:]), by_keyboard)
        taken = len(task.steps)

        assert page.get_by_role("heading", level=1).inner_text() == task.where.split(", ")[0]


def test_the_table_of_the_docs_holds_each_task():
    for task in tasks.TASKS:
        row = next(line for line in ROWS if line.startswith(f"| {task.question} |"))
        assert row.split(" | ")[1] == str(tasks.presses(task))
        assert row.endswith(f"| {task.where} |")
