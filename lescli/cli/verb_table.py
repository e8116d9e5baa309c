"""The verbs, in the order in which a practice first needs them: name -> (module, function, one line of help).

It is a table without imports, so that `les --help` and the choice of a verb cost nothing.
"""

from __future__ import annotations

VERBS: dict[str, tuple[str, str, str]] = {
    "demo": ("demo", "demo", "make a synthetic practice and walk it through every verb"),
    "init": ("store", "init", "make the practice's store"),
    "encrypt": ("encrypt", "encrypt", "encrypt a store"),
    "rekey": ("encrypt", "rekey", "give an encrypted store another key"),
    "decrypt": ("encrypt", "decrypt", "turn an encrypted store back into a plain file"),
    "import": ("imports", "import_", "read exports of the clinical system"),
    "quarantine": ("imports", "quarantine", "rows that an import refused, and why"),
    "patients": ("patients", "patients", "NHS numbers that may be one person's, and what was decided"),
    "patients merge": ("patients", "patients_merge", "record that two NHS numbers are one person's"),
    "patients apart": ("patients", "patients_apart", "record that two NHS numbers are two people, or undo a merge"),
    "patients doubts": ("patients", "patients_doubts", "facts that the newest export no longer states"),
    "patients settle": ("patients", "patients_settle", "decide whether such a fact holds"),
    "services": ("services", "services", "list the services"),
    "services show": ("services", "services_show", "a service's terms, clause by clause, with local ones"),
    "services set": ("services", "services_set", "set what a specification leaves open, with its source"),
    "services sign": ("services", "services_sign", "record that the practice holds a contract"),
    "services unsign": ("services", "services_unsign", "record the end of a contract"),
    "services check": ("services", "services_check", "list every fault of a service.toml"),
    "services test": ("authoring", "services_test", "run a service's own patients; silent when all is as expected"),
    "services diff": ("authoring", "services_diff", "what changed between two services, in words and in pounds"),
    "services new": ("authoring", "services_new", "start a service: a folder with service.toml, README and tests"),
    "services add": ("services", "services_add", "add a service from a folder"),
    "services allow": ("services", "services_allow", "allow a package that is not part of les to provide a service"),
    "services remove": ("services", "services_remove", "remove a service added from a folder"),
    "register": ("register", "register", "show or change the register of one service"),
    "recall": ("questions", "recall", "who is due, overdue or upcoming, in the order to ring them"),
    "invite": ("records", "invite", "record a contact with a patient"),
    "claim": ("claims", "claim", "preview a month's claim, or submit it once"),
    "claims": ("claims", "claims", "what was claimed, corrected, paid and is owed"),
    "claims show": ("claims", "claims_show", "one claim, row by row"),
    "claims reverse": ("claims", "claims_reverse", "take one claimed row back"),
    "claims withdraw": ("claims", "claims_withdraw", "take back a whole claim that is not paid"),
    "claims pay": ("claims", "claims_pay", "record a payment"),
    "report": ("questions", "report", "the measures, audit and return a specification asks for"),
    "evidence": ("questions", "evidence", "a pack of what claimed rows must show when checked after payment"),
    "explain": ("questions", "explain", "everything the rules say about one patient"),
    "status": ("questions", "status", "what cannot wait: deadlines, money at risk, overdue recalls, clocks"),
    "duties": ("duties", "duties", "what a specification asks of the practice beyond coded work, and what is due"),
    "clinician": ("records", "clinician", "who may do what, until when"),
    "incident": ("records", "incident", "record an untoward event, with its deadline for reporting"),
    "month": ("month", "month", "the whole month of every signed service, safe to run again"),
    "reconcile": ("reconcile", "reconcile", "the commissioner's figures against ours, and why they differ"),
    "group claim": ("group", "group_claim", "preview a month's claims of many practices"),
    "group recall": ("group", "group_recall", "count who is due in many practices"),
    "group report": ("group", "group_report", "add up the measures of many practices"),
    "group status": ("group", "group_status", "what cannot wait in many practices, a line each"),
    "group verify": ("group", "group_verify", "check that the stores of many practices are whole"),
    "verify": ("store", "verify", "check that the store is whole; silent when it is"),
    "doctor": ("store", "doctor", "check how this machine is set up"),
    "audit": ("store", "audit", "who asked the store what, and when"),
    "backup": ("store", "backup", "copy the store, and check the copy"),
    "restore": ("store", "restore", "put a backup in the store's place"),
}


def overview() -> str:
    """The text of `les --help`."""
    width = max(map(len, VERBS)) + 2
    lines = "".join(f"  {name:<{width}}{help_}\n" for name, (_, _, help_) in VERBS.items())
    return (
        "usage: les VERB [options]\n\n"
        "Runs a GP practice's Local Enhanced Services: registers, recalls, claims and reports.\n\n"
        f"{lines}\n"
        "options of every verb:\n"
        "  --store FILE     the practice's store (before or after the verb)\n"
        "  --as-of DATE     the day the question is asked on (before or after the verb)\n"
        "  --format FORMAT  table, json or csv\n"
        "  --json           the same as --format json\n"
        "  --out FILE       write to FILE; its suffix picks the format (.json .csv .xlsx .html .md .ics .eml)\n"
        "  --quiet, -v      nothing on success; more detail\n\n"
        "example: les claim --month 2026-05\n"
        "`les VERB --help` tells more about a verb; `les --version` prints the version, and with -v\n"
        "the commit it was built from, Python and SQLite.\n"
    )
