"""What each operation does, in our own words; which docker commands it serves; how its bodies stream.

Columns: operationId | stream kinds | docker commands | summary. "-" is none. Kinds, from the daemon's routes and measured:
hijack (both directions after 101), websocket, frames (stdout and stderr in 8 byte frames, unless there is a TTY), json-stream
(documents one after the other), tar-out and tar-in (an archive comes or goes), late-body (headers at once, the body when the
container stops), head-only.
"""

STREAMS = {
    "hijack": "after 101 the connection carries both directions; frames unless there is a TTY",
    "websocket": "a WebSocket, never in frames",
    "frames": "stdout and stderr in frames of 8 bytes and a payload, unless the container has a TTY",
    "json-stream": "one JSON document after the other; an error may come after 200",
    "tar-out": "a tar archive comes back",
    "tar-in": "a tar archive is the body",
    "late-body": "the headers come at once, the body when the container has stopped",
    "head-only": "headers alone, no body",
}

TEXT = """\
SystemPing | - | - | Ask whether the daemon is there, and for its API
SystemPingHead | head-only | - | The same as headers alone
SystemAuth | - | docker login | Check a user and password at a registry
ImageBuild | tar-in json-stream | docker build | Build an image from a tar archive with a Dockerfile
BuildPrune | - | docker builder prune | Throw away what the build cache holds unused
ImageCommit | - | docker commit | Make an image of a container's changes
ConfigList | - | docker config ls | List the swarm's configs
ConfigCreate | - | docker config create | Store a config in the swarm
ConfigDelete | - | docker config rm | Remove a config from the swarm
ConfigInspect | - | docker config inspect | Show one config with its data
ConfigUpdate | - | - | Change a config's labels, all that may change
ContainerCreate | - | docker create, docker run | Make a container from an image, without starting it
ContainerList | - | docker ps | List containers, the running ones or all
ContainerPrune | - | docker container prune | Remove every stopped container
ContainerDelete | - | docker rm | Remove a container
ContainerArchive | tar-out | docker cp | Get a container's file or folder as a tar archive
ContainerArchiveInfo | head-only | docker cp | Show size, mode and time of a path in a container
PutContainerArchive | tar-in | docker cp | Unpack a tar archive inside a container
ContainerAttach | hijack | docker attach, docker run | Join a container's input and output
ContainerAttachWebsocket | websocket | - | Join a container's input and output from a browser
ContainerChanges | - | docker diff | List the files that a container changed
ContainerExec | - | docker exec | Prepare a command in a running container
ContainerExport | tar-out | docker export | Get all of a container's files as a tar archive
ContainerInspect | - | docker inspect | Show all that is known of one container
ContainerKill | - | docker kill | Send a signal to a container
ContainerLogs | frames | docker logs | Read what a container printed, and follow it
ContainerPause | - | docker pause | Freeze a container's processes
ContainerRename | - | docker rename | Give a container another name
ContainerResize | - | docker attach, docker run | Tell a container's TTY its size
ContainerRestart | - | docker restart | Stop a container and start it again
ContainerStart | - | docker start, docker run | Start a container
ContainerStats | json-stream | docker stats | Measure a container's processor, memory and traffic
ContainerStop | - | docker stop | Stop a container, and kill it when time is up
ContainerTop | - | docker top | List a container's processes
ContainerUnpause | - | docker unpause | Let a frozen container go on
ContainerUpdate | - | docker update | Change a container's limits and its restart policy
ContainerWait | late-body | docker wait, docker run | Wait until a container stops, for its exit code
DistributionInspect | - | docker manifest inspect | Ask a registry for an image's digest and platforms
SystemEvents | json-stream | docker events | Watch what happens to containers, images and more
ExecInspect | - | docker exec | Show an exec, and its exit code when it has ended
ExecResize | - | docker exec | Tell an exec's TTY its size
ExecStart | hijack | docker exec | Run the command that was prepared in a container
ImageCreate | json-stream tar-in | docker pull, docker import | Pull an image, or make one from a tar archive
ImageGetAll | tar-out | docker save | Get several images as one tar archive
ImageList | - | docker images | List the images that the daemon has
ImageLoad | tar-in json-stream | docker load | Take images in from a tar archive
ImagePrune | - | docker image prune | Remove images that nothing uses
ImageSearch | - | docker search | Search Docker Hub for images
ImageDelete | - | docker rmi | Take a tag away, and with the last the image
ImageAttestations | - | - | List statements about an image, such as its origin
ImageGet | tar-out | docker save | Get one image as a tar archive
ImageHistory | - | docker history | List an image's layers and the steps that made them
ImageInspect | - | docker image inspect | Show all that is known of one image
ImagePush | json-stream | docker push | Send an image to a registry
ImageTag | - | docker tag | Give an image one more name
SystemInfo | - | docker info | Show how the daemon is set up, and what it counts
NetworkList | - | docker network ls | List networks
NetworkCreate | - | docker network create | Make a network
NetworkPrune | - | docker network prune | Remove networks that no container is on
NetworkDelete | - | docker network rm | Remove a network
NetworkInspect | - | docker network inspect | Show one network, its subnets and who is on it
NetworkConnect | - | docker network connect | Put a container on a network
NetworkDisconnect | - | docker network disconnect | Take a container off a network
NodeList | - | docker node ls | List the swarm's nodes
NodeDelete | - | docker node rm | Remove a node from the swarm
NodeInspect | - | docker node inspect | Show one node of the swarm
NodeUpdate | - | docker node update | Change a node's role, availability or labels
PluginList | - | docker plugin ls | List plugins
PluginCreate | tar-in | docker plugin create | Make a plugin from a tar archive
GetPluginPrivileges | - | docker plugin install | Ask which rights a plugin would want
PluginPull | json-stream | docker plugin install | Install a plugin with the rights agreed to
PluginDelete | - | docker plugin rm | Remove a plugin
PluginDisable | - | docker plugin disable | Turn a plugin off
PluginEnable | - | docker plugin enable | Turn a plugin on
PluginInspect | - | docker plugin inspect | Show one plugin
PluginPush | json-stream | docker plugin push | Send a plugin to a registry
PluginSet | - | docker plugin set | Change a plugin's settings
PluginUpgrade | json-stream | docker plugin upgrade | Put another version of a plugin in its place
SecretList | - | docker secret ls | List the swarm's secrets
SecretCreate | - | docker secret create | Store a secret in the swarm
SecretDelete | - | docker secret rm | Remove a secret from the swarm
SecretInspect | - | docker secret inspect | Show one secret, without what it keeps
SecretUpdate | - | - | Change a secret's labels, all that may change
ServiceList | - | docker service ls | List the swarm's services
ServiceCreate | - | docker service create | Make a service
ServiceDelete | - | docker service rm | Remove a service
ServiceInspect | - | docker service inspect | Show one service
ServiceLogs | frames | docker service logs | Read what a service's containers printed
ServiceUpdate | - | docker service update, scale, rollback | Change a service, or take the last change back
Session | hijack | - | Open the channel by which BuildKit asks its client
SwarmInspect | - | docker swarm join-token | Show the swarm and the tokens to join it
SwarmInit | - | docker swarm init | Found a swarm with this daemon as its manager
SwarmJoin | - | docker swarm join | Join a swarm
SwarmLeave | - | docker swarm leave | Leave the swarm
SwarmUnlock | - | docker swarm unlock | Give a locked manager its key
SwarmUnlockkey | - | docker swarm unlock-key | Show the key that unlocks managers
SwarmUpdate | - | docker swarm update, ca | Change the swarm's settings, or its tokens
SystemDataUsage | - | docker system df | Show what takes how much space
TaskList | - | docker service ps, docker node ps | List the swarm's tasks
TaskInspect | - | docker inspect | Show one task of a service
TaskLogs | frames | docker service logs | Read what one task printed
SystemVersion | - | docker version | Show the versions of daemon, API and their parts
VolumeList | - | docker volume ls | List volumes
VolumeCreate | - | docker volume create | Make a volume
VolumePrune | - | docker volume prune | Remove volumes that no container uses
VolumeDelete | - | docker volume rm | Remove a volume
VolumeInspect | - | docker volume inspect | Show one volume
VolumeUpdate | - | docker volume update | Change a cluster volume's availability
"""

# Parameters of the query that the daemon takes though no specification names them. Source: moby daemon/server/router,
# container_routes.go and build_routes.go. They are never called misspelt.
UNDOCUMENTED = {
    "ContainerLogs": ("details", "format"),
    "ImageBuild": ("buildid", "cgroupparent", "cpusetmems", "isolation", "securityopt", "session", "ulimits"),
}
