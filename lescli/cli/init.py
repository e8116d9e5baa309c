"""`les init`: make the practice's store."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .encrypt import KeyFile, Passphrase, chosen_key, tell_of_key
from .options import Common, verb


@verb
def init(
    common: Common,
    practice: Annotated[str, typer.Option("--practice", help="The practice's ODS code.", metavar="ODS")],
    name: Annotated[str, typer.Option("--name", help="The practice's name.", metavar="TEXT")],
    encrypted: Annotated[bool, typer.Option("--encrypted", help="Encrypt it, with the key in a file.")] = False,
    key_file: KeyFile = None,
    passphrase: Passphrase = False,
) -> int:
    """Make the store. It is encrypted with --encrypted, --key-file or --passphrase, or when LES_KEY_FILE is set."""
    from ..codes import parse_practice
    from ..model import Practice
    from ..store import create_store
    from ..store.database.connection import check_free
    from ..store.database.location import refuse_network_share
    from ..store.safety.rekey import named_by_environment

    try:
        code = parse_practice(practice)
    except ValueError as fault:
        raise UsageError(f"--practice: {fault}") from None
    if not name.strip() or not name.isprintable():
        raise UsageError("--name: the practice's name is empty or not printable")
    refuse_network_share(common.path)
    owner = Practice(ods_code=code, name=name.strip())
    file = key_file or (None if passphrase else named_by_environment())
    if encrypted or passphrase or file is not None:
        check_free(common.path)
        with chosen_key(common, code, file, passphrase=passphrase) as chosen:
            create_store(common.path, owner, chosen.key).close()
        common.done(f"made the encrypted store {common.path}")
        tell_of_key(common, chosen)
    else:
        create_store(common.path, owner).close()
        common.done(f"made the store {common.path}")
    common.tell("next: `les services sign SERVICE --from DATE` for each contract, then `les import FILE`")
    common.tell(
        "earlier months were claimed by other means? say so once a service: "
        "`les services set SERVICE setting.claims_from=2026-05 --from 2026-05-01 --source TEXT`"
    )
    return Exit.DONE
