# Needs `python3 -m venv .venv && .venv/bin/pip install -e '.[dev]'`; `just` lists the steps.

bin := ".venv/bin"

default:
    @just --list

# everything, on a clean copy, as on a machine that has only Python and pip
gate:
    .ci/run

# the tests, or those of one place: just test tests/rules
test *where:
    {{bin}}/python -m pytest {{where}}

# style, format and types
check:
    {{bin}}/ruff check .
    {{bin}}/ruff format --check .
    {{bin}}/mypy

# mend what can be mended
format:
    {{bin}}/ruff check --fix .
    {{bin}}/ruff format .

# write the reference and the output of commands in the pages
docs:
    {{bin}}/python docs/generate.py

# start-up time against a Python that does nothing
bench:
    {{bin}}/python benchmarks/startup.py

# single bits flipped in a store, each found
bitflips:
    {{bin}}/python benchmarks/bitflips.py
