"""The advice of Table 1 of the specification (NICE TA204) for a patient's age, risk factors and T-score."""

from __future__ import annotations

from datetime import date

from lescli.api import Advice, Patient, RegisterEntry, ServiceSpec, TableSpec, age_on


def t_score_advice(spec: ServiceSpec, patient: Patient, entry: RegisterEntry, as_of: date) -> tuple[Advice, ...]:
    """One line of advice, or none when T-score or risk factors are not recorded. It never blocks a claim.

    Age is that on the day of the first dose, if recorded, because treatment was decided on then.
    """
    t_score, risk_factors = entry.detail("t_score"), entry.detail("risk_factors")
    if not isinstance(t_score, float) or not isinstance(risk_factors, int):
        return ()
    started = entry.detail("first_dose_on")
    age = age_on(patient.date_of_birth, started if isinstance(started, date) else as_of)
    table = spec.table("t_score")
    return (Advice(text=_advice(table, age, risk_factors, t_score), clause=table.clause),)


def _advice(table: TableSpec, age: int, risk_factors: int, t_score: float) -> str:
    rows = [row for row in table.rows if age >= int(row[0])]
    about = f"age {age}, {risk_factors} risk factors, T-score {t_score}"
    if not rows:
        return f"{about}: the table begins at age {table.rows[0][0]}"
    # If there are more risk factors than the table has columns, the last column counts.
    column = min(max(risk_factors, 0), len(table.columns) - 2)
    threshold = rows[-1][column + 1]
    if not threshold:
        return f"{about}: not recommended in the table"
    verdict = "recommended" if t_score <= float(threshold) else "not recommended"
    return f"{about}: {verdict} (the table says at or below {threshold})"
