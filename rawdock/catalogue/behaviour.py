"""What changed for a client without a field or a parameter that would show it, each with the version that brought it.

Source: moby's CHANGELOG of the API and the daemon's routes, beside measurements on 20.10 (API 1.41).
"""

BEHAVIOUR = (
    ((1, 42), "logs, attach and exec say whether they come in frames: multiplexed-stream beside raw-stream"),
    ((1, 42), "pruning volumes removes anonymous ones only, unless the filter all=true is given"),
    ((1, 42), "attaching over a WebSocket heeds stdin, stdout and stderr"),
    ((1, 42), "waiting refuses an unknown condition with 400"),
    ((1, 42), "/_ping names Builder-Version and Swarm in its headers"),
    ((1, 43), "images without a tag are listed without <none>:<none>"),
    ((1, 44), "a container may be created on several networks, each with a MAC address of its own"),
    ((1, 44), "creating a container reports all that is wrong with its configuration at once"),
    ((1, 46), "building or importing an image gives an event: create"),
    ((1, 48), "in the streams of pull, push and build, error and progress are deprecated; errorDetail stays"),
    ((1, 52), "events come as application/jsonl, and as ndjson or json-seq when Accept asks for it"),
    ((1, 52), "events have lost their old fields status, id and from"),
    ((1, 52), "/system/df answers with totals for each kind, and lists objects with verbose=true"),
    ((1, 53), "/session and /grpc are deprecated"),
    ((1, 54), "connecting a container to a network heeds MacAddress"),
)
