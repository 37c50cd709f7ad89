"""Taking the measures: one client after the other in rounds, each in a process of its own, each answer checked."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

from lab_parts.commands import LabError

from .cases import Case, Done, Run
from .goals import Figure, Sample

LIMIT = 300  # seconds for one run


def figures(case: Case, runner: Path) -> dict[str, Figure]:
    """Each client's figure, measured in turn (A B C A B C), so that what slows the machine down slows all of them down.

    Raises LabError for a client that fails or whose bytes are not what they must be.
    """
    samples: dict[str, list[Sample]] = {name: [] for name in case.runs}
    sizes: dict[str, int | None] = {}
    if case.before:
        started(case.before, runner, f"what comes before {case.name}")
    with case.beside():
        for _ in range(case.rounds):
            for name, run in case.runs.items():
                found, sizes[name] = sample(run, runner, f"{name} at {case.name}")
                samples[name].append(found)
    if case.same_bytes and len(set(sizes.values())) > 1:
        raise LabError(f"{case.name}: the clients do not agree on the number of bytes: {sizes}")
    return {name: Figure.of(found) for name, found in samples.items()}


def sample(run: Run, runner: Path, what: str) -> tuple[Sample, int | None]:
    """(the measures, the bytes that came or went) of one run. Raises LabError."""
    stdout, wall, cpu, memory = started(run, runner, what)
    try:
        done = run.reads(stdout, wall)
    except (ValueError, KeyError) as error:
        raise LabError(f"{what} answered {stdout[:200]!r}, expected a line of JSON") from error
    if run.writes:
        size = run.writes.stat().st_size
        run.writes.unlink()
        done = Done(done.seconds, size, size, done.cpu)
    if run.expect is not None and done.bytes is not None and done.bytes != run.expect:
        raise LabError(f"{what}: {done.bytes} bytes, expected {run.expect}")
    cpu = cpu if done.cpu is None else done.cpu
    return Sample(done.seconds / done.amount, cpu / done.amount, memory), done.bytes


def started(run: Run, runner: Path, what: str) -> tuple[bytes, float, float, float]:
    """(stdout, wall seconds, CPU seconds, largest resident set in MiB) of a run. Raises LabError with its last words."""
    ours, report = os.pipe()
    with (run.stdin or Path(os.devnull)).open("rb") as stdin:
        into = run.stdout.open("wb") if run.stdout else None
        try:
            done = subprocess.run(
                [str(runner), run.network, str(report), *run.words],
                env=dict(run.environment),
                stdin=stdin,
                stdout=into or subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=[report],
                timeout=LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise LabError(f"{what} took over {LIMIT} s") from error
        finally:
            os.close(report)
            if into:
                into.close()
    with open(ours, "rb") as pipe:
        said = pipe.read().split()
    if done.returncode or len(said) != 5:
        words = (done.stderr or b"").decode(errors="replace").strip()[-2000:]
        raise LabError(f"{what} failed with {done.returncode}: `{' '.join(run.words)[:300]}`: {words}")
    wall, user, system, memory = map(int, said[:4])
    return done.stdout or b"", wall / 1e9, (user + system) / 1e6, memory / 1024


def profile(case: Case, runner: Path) -> str:
    """What cProfile says of ours at a case: where the time of each goes."""
    told = []
    with case.beside():
        for name, run in case.runs.items():
            if not any("rawdock_" in word or word == "ours" for word in run.words):
                continue
            told.append(f"{name} at {case.name}")
            profiled = replace(run, environment={**run.environment, "BENCH_PROFILE": "1"})
            stdout = started(profiled, runner, f"{name} at {case.name}")[0].decode()
            told += [
                line.rstrip()
                for line in stdout.splitlines()[:-1]
                if line.strip() and not line.lstrip().startswith(("Ordered by", "List reduced"))
            ]
            if run.writes:
                run.writes.unlink(missing_ok=True)
    return "\n".join(told)
