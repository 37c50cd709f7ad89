"""The parts of `scripts/lab`: a real dockerd in network namespaces without any route outside.

Read `topologies` for what can be built, `instance` for where one lives, `lifecycle` for its coming and going.
Standard library only: the lab has to run before any virtual environment exists.
"""
