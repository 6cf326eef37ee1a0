"""The declared answers, in the order of `lindero --help`."""

from lindero.app.answers.declared import DeclaredAnswer
from lindero.app.answers.far import FAR

_ANSWERS = (
    FAR,
)  # fmt: skip  # one a line, for `make new-answer`
DECLARED: dict[str, DeclaredAnswer] = {answer.name: answer for answer in _ANSWERS}
