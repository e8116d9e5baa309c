"""Tools for testing a plugin: practices written as plain-text tables, and answers compared with tables.

    surgery = Surgery(service_of(lescli_denosumab, origin="package"), activity='''
        patient | date
        Ann     | 2026-05-04
    ''')
    assert_claim(surgery, '''
        patient | date       | verdict | reason   | price
        Ann     | 2026-05-04 | payable | accepted | 20.00
    ''', month="2026-05")

`problems_of(service)` asks a service about both sides of each of its boundaries and lists what it gets wrong.
"""

from .answers import (
    assert_claim,
    assert_measures,
    assert_recall,
    assert_register,
    claim_rows,
    measure_rows,
    recall_rows,
    register_rows,
    table_rows,
)
from .contract import not_yet_of, problems_of
from .surgery import PRACTICE, Surgery
from .tables import assert_rows, assert_rows_in_order, nhs_number, read_table, snomed_concept, table_text

__all__ = [
    "PRACTICE",
    "Surgery",
    "assert_claim",
    "assert_measures",
    "assert_recall",
    "assert_register",
    "assert_rows",
    "assert_rows_in_order",
    "claim_rows",
    "measure_rows",
    "nhs_number",
    "not_yet_of",
    "problems_of",
    "read_table",
    "recall_rows",
    "register_rows",
    "snomed_concept",
    "table_rows",
    "table_text",
]
