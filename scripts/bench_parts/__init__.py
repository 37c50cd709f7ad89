"""The parts of `scripts/bench`: rawdock beside its peers, in turn in one run.

Read `goals` for what is asked of the figures, `cases` for what a measure is, `measure` for how it is taken, `site` for what it
is taken on, and `works/`, a module each, for what is measured. `clients/` and `native/` are the programs that are measured.
Standard library only: what is measured runs in an environment of its own, .venv-bench.
"""
