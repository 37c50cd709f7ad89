"""The clients that are measured, a program each: WORK ARGUMENT… on the command line, the daemon in the environment as the
docker CLI has it, one line of JSON on stdout. Each imports what its own library needs and no more, for the memory's sake.
"""
