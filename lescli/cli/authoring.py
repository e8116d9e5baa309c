"""`les services test` and `new`: what the author of a service needs, without a store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Exit, LesError
from .options import Common, verb
from .run import complain

if TYPE_CHECKING:
    from ..testing.found import Tried


@verb
def services_test(
    common: Common,
    path: Annotated[str, typer.Argument(help="A folder, its service.toml, or an installed service.", metavar="PATH|S")],
) -> int:
    """Run a service's own patients. Prints nothing when every expectation holds, else a sentence for each failure."""
    from ..testing.service_tests import problems_of_tests

    tried = _tried(path)
    if tried.tests is None:
        raise LesError(
            f"{tried.where} has no tests.toml", "write one beside service.toml; `les services new NAME` shows how"
        )
    faults, failures = problems_of_tests(tried.service, tried.tests)
    for fault in faults:
        complain(f"tests.toml: {fault}")
    for failure in failures:
        complain(failure)
    if failures and tried.python_left_out:
        complain(f"{tried.where} has Python of its own, which was not run: install its package, then name the service")
    return Exit.REFUSED if faults or failures else Exit.DONE


def _tried(path: str) -> Tried:
    """The service that a person named by its folder or by its name."""
    from ..testing.found import installed_service, service_in_folder

    folder = Path(path).parent if Path(path).name == "service.toml" else Path(path)
    return service_in_folder(folder) if (folder / "service.toml").is_file() else installed_service(path)
