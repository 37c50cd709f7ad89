"""The parts of `scripts/probes`: every cause that the probe names, made in a real lab and compared with what it says."""
