"""The verbs, in the order in which a practice first needs them: name -> (module, function, one line of help).

It is a table without imports, so that `les --help` and the choice of a verb cost nothing.
"""

from __future__ import annotations

VERBS: dict[str, tuple[str, str, str]] = {
    "demo": ("demo", "demo", "make a synthetic practice and walk it through every verb"),
    "init": ("store", "init", "make the practice's store"),
    "rename": ("store", "rename", "change the practice's name"),
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
    "services unset": ("services", "services_unset", "take back a local term that was set by mistake"),
    "services sign": ("services", "services_sign", "record that the practice holds a contract"),
    "services unsign": ("services", "services_unsign", "record the end of a contract"),
    "services check": ("services", "services_check", "list every fault of a service.toml"),
    "services test": ("authoring", "services_test", "run a service's own patients; silent when all is as expected"),
    "services diff": ("authoring", "services_diff", "what changed between two services, in words and in pounds"),
    "services new": ("authoring", "services_new", "start a service: a folder with service.toml, README and tests"),
    "services add": ("services", "services_add", "add a service from a folder"),
    "services allow": ("services", "services_allow", "allow a package that is not part of les to provide a service"),
    "services disallow": ("services", "services_disallow", "take back the permission of such a package"),
    "services remove": ("services", "services_remove", "remove a service added from a folder"),
    "register": ("register", "register", "show or change the register of one service"),
    "recall": ("questions", "recall", "who is due, overdue or upcoming, in the order to ring them"),
    "invite": ("records", "invite", "record a contact with a patient"),
    "claim": ("claims", "claim", "preview a month's claim, or submit it once"),
    "claims": ("claims", "claims", "what was claimed, corrected, paid and is owed"),
    "claims show": ("claims", "claims_show", "one claim, row by row"),
    "claims reverse": ("corrections", "claims_reverse", "take one claimed row back"),
    "claims withdraw": ("corrections", "claims_withdraw", "take back a whole claim that is not paid"),
    "claims pay": ("claims", "claims_pay", "record a payment"),
    "report": ("questions", "report", "the measures, audit and return a specification asks for"),
    "evidence": ("questions", "evidence", "a pack of what claimed rows must show when checked after payment"),
    "explain": ("questions", "explain", "everything the rules say about one patient"),
    "status": ("questions", "status", "what cannot wait: deadlines, money at risk, overdue recalls, clocks"),
    "duties": ("duties", "duties", "what a specification asks of the practice beyond coded work, and what is due"),
    "clinician": ("records", "clinician", "who may do what, until when"),
    "incident": ("records", "incident", "record an untoward event, with its deadline for reporting"),
    "month": ("month", "month", "the whole month of every signed service, safe to run again"),
    "year": ("year", "year", "by service and month what was claimed, paid, is owed and lost"),
    "reconcile": ("reconcile", "reconcile", "the commissioner's figures against ours, and why they differ"),
    "group claim": ("group", "group_claim", "preview a month's claims of many practices"),
    "group recall": ("group", "group_recall", "count who is due in many practices"),
    "group report": ("group", "group_report", "add up the measures of many practices"),
    "group networks": ("group", "group_networks", "the work of each network by month, its rate and projection"),
    "group status": ("group", "group_status", "what cannot wait in many practices, a line each"),
    "group check": ("group", "group_check", "a commissioner checks the claims that practices sent"),
    "group key": ("group", "group_key", "make the key with which practices add digests to their claims"),
    "group verify": ("group", "group_verify", "check that the stores of many practices are whole"),
    "verify": ("store", "verify", "check that the store is whole; silent when it is"),
    "doctor": ("store", "doctor", "check how this machine is set up"),
    "config": ("config", "config", "the settings of this computer, and where each comes from"),
    "config set": ("config", "config_set", "write one setting to the settings file"),
    "config unset": ("config", "config_unset", "take one setting out of the settings file"),
    "completion install": ("completion", "completion_install", "complete verbs, services and months in your shell"),
    "completion show": ("completion", "completion_show", "print the script that completes in a shell"),
    "completion uninstall": ("completion", "completion_uninstall", "take completion out of your shell again"),
    "audit": ("store", "audit", "who asked the store what, and when"),
    "backup": ("store", "backup", "copy the store, and check the copy"),
    "restore": ("store", "restore", "put a backup in the store's place"),
}


WRITES = frozenset(
    {
        *("init", "rename", "encrypt", "rekey", "decrypt", "import", "quarantine", "restore"),
        *("patients merge", "patients apart", "patients settle", "register", "recall", "invite"),
        *("services set", "services unset", "services sign", "services unsign", "services add", "services remove"),
        *("services allow", "services disallow", "claim", "claims reverse", "claims withdraw", "claims pay", "month"),
        *("duties", "clinician", "incident"),
    }
)
"""The verbs that change the practice's store, whatever they write in its audit trail; some only with an option.
docs/how-to/take-something-back.md says how each is taken back."""

MONTHLY = ("import", "status", "recall", "claim", "claims", "report")
"""The six commands of a month, as `les` alone shows them."""

GROUPS: dict[str, tuple[str, ...]] = {
    "Each month": ("import", "status", "recall", "invite", "claim", "claims", "report", "month", "year"),
    "Patients and work": ("register", "explain", "patients", "quarantine", "clinician", "incident", "duties"),
    "Contracts and services": ("services",),
    "When it is checked": ("reconcile", "evidence", "audit", "verify"),
    "Many practices": ("group",),
    "The store and this computer": (
        *(
            "demo",
            "init",
            "rename",
            "backup",
            "restore",
            "encrypt",
            "rekey",
            "decrypt",
            "doctor",
            "config",
            "completion",
        ),
    ),
}
"""The groups of the overview: each has first words of verbs. A test holds that every verb is in one."""


def _listed(names: list[str]) -> str:
    width = max(map(len, names)) + 2
    return "".join(f"  {name:<{width}}{VERBS[name][2]}\n" for name in names)


def short_overview() -> str:
    """The text of `les` alone: the month in six commands, and the names of the others."""
    others = "".join(f"  {line}\n" for title, words in GROUPS.items() for line in _wrapped(title, words))
    return (
        "les runs a GP practice's Local Enhanced Services. A month is:\n\n"
        f"{_listed(list(MONTHLY))}\n"
        f"everything it can do, by group:\n{others}\n"
        "example: les claim --month 2026-05\n"
        "`les --help` lists every verb, `les VERB --help` tells more about one;\n"
        "`les demo` makes a practice and shows a whole month\n"
    )


def _wrapped(title: str, words: tuple[str, ...], width: int = 76) -> list[str]:
    """A group in lines of at most so many characters. textwrap would be one more import for `les` alone."""
    lines = [f"{title}:"]
    for place, word in enumerate(words):
        text = word if place == len(words) - 1 else f"{word},"
        if len(lines[-1]) + 1 + len(text) > width:
            lines.append("   ")
        lines[-1] += f" {text}"
    return lines


def words_of(first: str) -> list[str]:
    """The verbs that begin with a word, in the table's order."""
    return [name for name in VERBS if name.split(" ")[0] == first]


def overview() -> str:
    """The text of `les --help`: every verb in its group, and the options that all have."""
    lines = "".join(
        f"{title}:\n{_listed([name for word in words for name in words_of(word)])}\n" for title, words in GROUPS.items()
    )
    return (
        "usage: les VERB [options]\n\n"
        "Runs a GP practice's Local Enhanced Services: registers, recalls, claims and reports.\n\n"
        f"{lines}"
        "options of every verb:\n"
        "  --store FILE     the practice's store (before or after the verb)\n"
        "  --as-of DATE     the day the question is asked on (before or after the verb)\n"
        "  --format FORMAT  table, json or csv\n"
        "  --json           the same as --format json\n"
        "  --out FILE       write to FILE; its suffix picks the format\n"
        "                   (.json .csv .xlsx .html .md .ics .eml .parquet)\n"
        "  --quiet, -v      nothing on success; more detail\n\n"
        "example: les claim --month 2026-05\n"
        "`les VERB --help` tells more about a verb; `les --version` prints the version, and with -v\n"
        "the commit it was built from, Python and SQLite.\n"
    )
