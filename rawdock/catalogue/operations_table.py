"""The Engine API's operations.

Written by scripts/catalogue from the facts of the API specifications 1.25 to 1.56; do not edit.
Long because it is a table.
A line without indent: operationId, method, path, tag. Under it: its parameters (place, name, type), its body
(type), that body's own fields (name, type), what it answers (status:type), and the media types that come (produces) and
go (consumes). since= and until= are API versions, inclusive; without since= it is in the first.
"""

FIRST, LAST = (1, 25), (1, 56)
TEXT = """\
SystemPing GET /_ping System
 answers 200:string 500:ErrorResponse
 produces text/plain
 consumes application/json text/plain
SystemPingHead HEAD /_ping System since=1.40
 answers 200:string 500:ErrorResponse
 produces text/plain
 consumes application/json text/plain
SystemAuth POST /auth System
 body AuthConfig
 answers 200:AuthResponse 204: 401:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/json
ImageBuild POST /build Image
 query dockerfile string default="Dockerfile"
 query t string
 query remote string
 query q boolean default=false
 query nocache boolean default=false
 query cachefrom string
 query pull string
 query rm boolean default=true
 query forcerm boolean default=false
 query memory integer
 query memswap integer
 query cpushares integer
 query cpusetcpus string
 query cpuperiod integer
 query cpuquota integer
 query buildargs string
 query shmsize integer
 query squash boolean
 query labels string
 query networkmode string
 header Content-type string(application/x-tar) default="application/x-tar"
 header X-Registry-Config string
 query extrahosts string since=1.28
 query platform string since=1.34 default=""
 query target string since=1.37 default=""
 query version string(1|2) since=1.38 default="1"
 query outputs string since=1.40 default=""
 body string:binary
 answers 200: 400:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/octet-stream
BuildPrune POST /build/prune Image since=1.31
 query keep-storage integer:int64 since=1.39 until=1.51
 query all boolean since=1.39
 query filters string since=1.39
 query reserved-space integer:int64 since=1.48
 query max-used-space integer:int64 since=1.48
 query min-free-space integer:int64 since=1.48
 answers 200:object 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
ImageCommit POST /commit Image
 query container string
 query repo string
 query tag string
 query comment string
 query author string
 query pause boolean default=true
 query changes string
 body ContainerConfig
 answers 201:IDResponse 404:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/json
ConfigList GET /configs Config since=1.30
 query filters string
 answers 200:array<Config> 500:ErrorResponse 503:ErrorResponse
 produces application/json
 consumes application/json text/plain
ConfigCreate POST /configs/create Config since=1.30
 body ConfigSpec+object
 answers 201:IDResponse 409:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json
 consumes application/json
ConfigDelete DELETE /configs/{id} Config since=1.30
 path id string required
 answers 204: 404:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json
 consumes application/json text/plain
ConfigInspect GET /configs/{id} Config since=1.30
 path id string required
 answers 200:Config 404:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json
 consumes application/json text/plain
ConfigUpdate POST /configs/{id}/update Config since=1.30
 path id string required
 query version integer:int64 required
 body ConfigSpec
 answers 200: 400:ErrorResponse 404:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
ContainerCreate POST /containers/create Container
 query name string
 query platform string since=1.41 default=""
 body ContainerConfig+object
 field HostConfig HostConfig
 field NetworkingConfig NetworkingConfig
 answers 201:ContainerCreateResponse 400:ErrorResponse 404:ErrorResponse 409:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/json application/octet-stream
ContainerList GET /containers/json Container
 query all boolean default=false
 query limit integer
 query size boolean default=false
 query filters string
 answers 200:array<ContainerSummary> 400:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
ContainerPrune POST /containers/prune Container
 query filters string
 answers 200:object 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
ContainerDelete DELETE /containers/{id} Container
 path id string required
 query v boolean default=false
 query force boolean default=false
 query link boolean since=1.27 default=false
 answers 204: 400:ErrorResponse 404:ErrorResponse 409:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
ContainerArchive GET /containers/{id}/archive Container
 path id string required
 query path string required
 answers 200: 400:ErrorResponse 404:ErrorResponse 500:ErrorResponse
 produces application/x-tar
 consumes application/json text/plain
ContainerArchiveInfo HEAD /containers/{id}/archive Container
 path id string required
 query path string required
 answers 200: 400:ErrorResponse 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
PutContainerArchive PUT /containers/{id}/archive Container
 path id string required
 query path string required
 query noOverwriteDirNonDir string
 query copyUIDGID string since=1.39
 body string:binary
 answers 200: 400:ErrorResponse 403:ErrorResponse 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/x-tar application/octet-stream
ContainerAttach POST /containers/{id}/attach Container
 path id string required
 query detachKeys string
 query logs boolean default=false
 query stream boolean default=false
 query stdin boolean default=false
 query stdout boolean default=false
 query stderr boolean default=false
 answers 101: 200: 400:ErrorResponse 404:ErrorResponse 500:ErrorResponse
 produces application/vnd.docker.raw-stream application/vnd.docker.multiplexed-stream
 consumes application/json text/plain
ContainerAttachWebsocket GET /containers/{id}/attach/ws Container
 path id string required
 query detachKeys string
 query logs boolean default=false
 query stream boolean default=false
 query stdin boolean since=1.42 default=false
 query stdout boolean since=1.42 default=false
 query stderr boolean since=1.42 default=false
 answers 101: 200: 400:ErrorResponse 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
ContainerChanges GET /containers/{id}/changes Container
 path id string required
 answers 200:array<FilesystemChange> 404:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
ContainerExec POST /containers/{id}/exec Exec
 path id string required
 body object
 field AttachStdin boolean
 field AttachStdout boolean
 field AttachStderr boolean
 field ConsoleSize array<integer>
 field DetachKeys string
 field Tty boolean
 field Env array<string>
 field Cmd array<string>
 field Privileged boolean
 field User string
 field WorkingDir string
 answers 201:IDResponse 404:ErrorResponse 409:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/json
ContainerExport GET /containers/{id}/export Container
 path id string required
 answers 200: 404:ErrorResponse 500:ErrorResponse
 produces application/octet-stream
 consumes application/json text/plain
ContainerInspect GET /containers/{id}/json Container
 path id string required
 query size boolean default=false
 answers 200:ContainerInspectResponse 404:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
ContainerKill POST /containers/{id}/kill Container
 path id string required
 query signal string default="SIGKILL"
 answers 204: 404:ErrorResponse 409:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
ContainerLogs GET /containers/{id}/logs Container
 path id string required
 query follow boolean default=false
 query stdout boolean default=false
 query stderr boolean default=false
 query since integer default=0
 query timestamps boolean default=false
 query tail string default="all"
 query until integer since=1.35 default=0
 answers 200:string:binary 404:ErrorResponse 500:ErrorResponse
 produces application/vnd.docker.raw-stream application/vnd.docker.multiplexed-stream
 consumes application/json text/plain
ContainerPause POST /containers/{id}/pause Container
 path id string required
 answers 204: 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
ContainerRename POST /containers/{id}/rename Container
 path id string required
 query name string required
 answers 204: 404:ErrorResponse 409:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
ContainerResize POST /containers/{id}/resize Container
 path id string required
 query h integer required
 query w integer required
 answers 200: 404:ErrorResponse 500:ErrorResponse
 produces text/plain
 consumes application/octet-stream
ContainerRestart POST /containers/{id}/restart Container
 path id string required
 query t integer
 query signal string since=1.42
 answers 204: 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
ContainerStart POST /containers/{id}/start Container
 path id string required
 query detachKeys string
 answers 204: 304: 400:ErrorResponse 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
ContainerStats GET /containers/{id}/stats Container
 path id string required
 query stream boolean default=true
 query one-shot boolean since=1.41 default=false
 answers 200:ContainerStatsResponse 404:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
ContainerStop POST /containers/{id}/stop Container
 path id string required
 query t integer
 query signal string since=1.42
 answers 204: 304: 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
ContainerTop GET /containers/{id}/top Container
 path id string required
 query ps_args string default="-ef"
 answers 200:ContainerTopResponse 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
ContainerUnpause POST /containers/{id}/unpause Container
 path id string required
 answers 204: 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
ContainerUpdate POST /containers/{id}/update Container
 path id string required
 body Resources+object
 field RestartPolicy RestartPolicy
 answers 200:ContainerUpdateResponse 404:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/json
ContainerWait POST /containers/{id}/wait Container
 path id string required
 query condition string(not-running|next-exit|removed) since=1.30 default="not-running"
 answers 200:ContainerWaitResponse 400:ErrorResponse 404:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
DistributionInspect GET /distribution/{name}/json Distribution since=1.30
 path name string required
 answers 200:DistributionInspect 401:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
SystemEvents GET /events System
 query since string
 query until string
 query filters string
 answers 200:EventMessage 400:ErrorResponse 500:ErrorResponse
 produces application/jsonl application/x-ndjson application/json-seq
 consumes application/json text/plain
ExecInspect GET /exec/{id}/json Exec
 path id string required
 answers 200:object 404:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
ExecResize POST /exec/{id}/resize Exec
 path id string required
 query h integer required
 query w integer required
 answers 200: 400:ErrorResponse 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
ExecStart POST /exec/{id}/start Exec
 path id string required
 body object
 field Detach boolean
 field Tty boolean
 field ConsoleSize array<integer>
 answers 200: 404:ErrorResponse 409:ErrorResponse
 produces application/vnd.docker.raw-stream application/vnd.docker.multiplexed-stream
 consumes application/json
ImageCreate POST /images/create Image
 query fromImage string
 query fromSrc string
 query repo string
 query tag string
 header X-Registry-Auth string
 query platform string since=1.32 default=""
 query message string since=1.39
 query changes array<string> since=1.40
 body string
 answers 200: 404:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes text/plain application/octet-stream
ImageGetAll GET /images/get Image
 query names array<string>
 query platform array<string> since=1.48 collection=multi
 answers 200:string:binary 500:ErrorResponse
 produces application/x-tar
 consumes application/json text/plain
ImageList GET /images/json Image
 query all boolean default=false
 query filters string
 query digests boolean default=false
 query shared-size boolean since=1.42 default=false
 query manifests boolean since=1.47 default=false
 query identity boolean since=1.54 default=false
 answers 200:array<ImageSummary> 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
ImageLoad POST /images/load Image
 query quiet boolean default=false
 query platform array<string> since=1.48 collection=multi
 body string:binary
 answers 200: 500:ErrorResponse
 produces application/json
 consumes application/x-tar
ImagePrune POST /images/prune Image
 query filters string
 answers 200:object 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
ImageSearch GET /images/search Image
 query term string required
 query limit integer
 query filters string
 answers 200:array<object> 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
ImageDelete DELETE /images/{name} Image
 path name string required
 query force boolean default=false
 query noprune boolean default=false
 query platforms array<string> since=1.50
 answers 200:array<ImageDeleteResponseItem> 404:ErrorResponse 409:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
ImageAttestations GET /images/{name}/attestations Image since=1.55
 path name string required
 query platform array<string> collection=multi
 query type array<string> collection=multi
 query statement boolean default=false
 answers 200:array<AttestationStatement> 400:ErrorResponse 404:ErrorResponse 500:ErrorResponse 501:ErrorResponse
 produces application/json
 consumes application/json text/plain
ImageGet GET /images/{name}/get Image
 path name string required
 query platform array<string> since=1.48 collection=multi
 answers 200:string:binary 500:ErrorResponse
 produces application/x-tar
 consumes application/json text/plain
ImageHistory GET /images/{name}/history Image
 path name string required
 query platform string since=1.48
 answers 200:array<ImageHistoryResponseItem> 404:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
ImageInspect GET /images/{name}/json Image
 path name string required
 query manifests boolean since=1.48 default=false
 query platform string since=1.49
 answers 200:ImageInspect 404:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
ImagePush POST /images/{name}/push Image
 path name string required
 query tag string
 header X-Registry-Auth string required
 query platform string since=1.46
 answers 200: 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/octet-stream
ImageTag POST /images/{name}/tag Image
 path name string required
 query repo string
 query tag string
 answers 201: 400:ErrorResponse 404:ErrorResponse 409:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
SystemInfo GET /info System
 answers 200:SystemInfo 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
NetworkList GET /networks Network
 query filters string
 answers 200:array<NetworkSummary> 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
NetworkCreate POST /networks/create Network
 body object
 field Name string
 field Driver string
 field Scope string
 field Internal boolean
 field Attachable boolean
 field Ingress boolean
 field ConfigOnly boolean
 field ConfigFrom ConfigReference
 field IPAM IPAM
 field EnableIPv4 boolean
 field EnableIPv6 boolean
 field Options map<string>
 field Labels map<string>
 answers 201:NetworkCreateResponse 400:ErrorResponse 403:ErrorResponse 404:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/json
NetworkPrune POST /networks/prune Network
 query filters string
 answers 200:object 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
NetworkDelete DELETE /networks/{id} Network
 path id string required
 answers 204: 403:ErrorResponse 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
NetworkInspect GET /networks/{id} Network
 path id string required
 query verbose boolean since=1.28 default=false
 query scope string since=1.31
 answers 200:NetworkInspect 404:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
NetworkConnect POST /networks/{id}/connect Network
 path id string required
 body NetworkConnectRequest
 answers 200: 400:ErrorResponse 403:ErrorResponse 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json
NetworkDisconnect POST /networks/{id}/disconnect Network
 path id string required
 body NetworkDisconnectRequest
 answers 200: 403:ErrorResponse 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json
NodeList GET /nodes Node
 query filters string
 answers 200:array<Node> 500:ErrorResponse 503:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
NodeDelete DELETE /nodes/{id} Node
 path id string required
 query force boolean default=false
 answers 200: 404:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
NodeInspect GET /nodes/{id} Node
 path id string required
 answers 200:Node 404:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
NodeUpdate POST /nodes/{id}/update Node
 path id string required
 query version integer:int64 required
 body NodeSpec
 answers 200: 400:ErrorResponse 404:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
PluginList GET /plugins Plugin
 query filters string since=1.28
 answers 200:array<Plugin> 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
PluginCreate POST /plugins/create Plugin
 query name string required
 body string:binary
 answers 204: 500:ErrorResponse
 produces application/json text/plain
 consumes application/x-tar
GetPluginPrivileges GET /plugins/privileges Plugin
 query name string until=1.26 required
 query remote string since=1.27 required
 answers 200:array<PluginPrivilege> 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
PluginPull POST /plugins/pull Plugin
 query remote string required
 query name string
 header X-Registry-Auth string
 body array<PluginPrivilege>
 answers 204: 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
PluginDelete DELETE /plugins/{name} Plugin
 path name string required
 query force boolean default=false
 answers 200:Plugin 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
PluginDisable POST /plugins/{name}/disable Plugin
 path name string required
 query force boolean since=1.28
 answers 200: 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
PluginEnable POST /plugins/{name}/enable Plugin
 path name string required
 query timeout integer default=0
 answers 200: 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
PluginInspect GET /plugins/{name}/json Plugin
 path name string required
 answers 200:Plugin 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
PluginPush POST /plugins/{name}/push Plugin
 path name string required
 answers 200: 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
PluginSet POST /plugins/{name}/set Plugin
 path name string required
 body array<string>
 answers 204: 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json
PluginUpgrade POST /plugins/{name}/upgrade Plugin since=1.26
 path name string required
 query remote string required
 header X-Registry-Auth string
 body array<PluginPrivilege>
 answers 204: 404:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
SecretList GET /secrets Secret
 query filters string
 answers 200:array<Secret> 500:ErrorResponse 503:ErrorResponse
 produces application/json
 consumes application/json text/plain
SecretCreate POST /secrets/create Secret
 body SecretSpec+object
 answers 201:IDResponse 409:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json
 consumes application/json
SecretDelete DELETE /secrets/{id} Secret
 path id string required
 answers 204: 404:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json
 consumes application/json text/plain
SecretInspect GET /secrets/{id} Secret
 path id string required
 answers 200:Secret 404:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json
 consumes application/json text/plain
SecretUpdate POST /secrets/{id}/update Secret since=1.26
 path id string required
 query version integer:int64 required
 body SecretSpec
 answers 200: 400:ErrorResponse 404:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
ServiceList GET /services Service
 query filters string
 query status boolean since=1.41
 answers 200:array<Service> 500:ErrorResponse 503:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
ServiceCreate POST /services/create Service
 header X-Registry-Auth string
 body ServiceSpec+object
 answers 201:ServiceCreateResponse 400:ErrorResponse 403:ErrorResponse 409:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json
 consumes application/json
ServiceDelete DELETE /services/{id} Service
 path id string required
 answers 200: 404:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
ServiceInspect GET /services/{id} Service
 path id string required
 query insertDefaults boolean since=1.29 default=false
 answers 200:Service 404:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
ServiceLogs GET /services/{id}/logs Service
 path id string required
 query details boolean default=false
 query follow boolean default=false
 query stdout boolean default=false
 query stderr boolean default=false
 query since integer default=0
 query timestamps boolean default=false
 query tail string default="all"
 answers 200:string:binary 404:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/vnd.docker.raw-stream application/vnd.docker.multiplexed-stream
 consumes application/json text/plain
ServiceUpdate POST /services/{id}/update Service
 path id string required
 query version integer required
 query registryAuthFrom string(spec|previous-spec) default="spec"
 header X-Registry-Auth string
 query rollback string since=1.28
 body ServiceSpec+object
 answers 200:ServiceUpdateResponse 400:ErrorResponse 404:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json
 consumes application/json
Session POST /session Session since=1.31
 answers 101: 400:ErrorResponse 500:ErrorResponse
 produces application/vnd.docker.raw-stream
 consumes application/json text/plain
SwarmInspect GET /swarm Swarm
 answers 200:Swarm 404:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
SwarmInit POST /swarm/init Swarm
 body object
 field ListenAddr string
 field AdvertiseAddr string
 field DataPathAddr string
 field DataPathPort integer:uint32
 field DefaultAddrPool array<string>
 field ForceNewCluster boolean
 field SubnetSize integer:uint32
 field Spec SwarmSpec
 answers 200:string 400:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
SwarmJoin POST /swarm/join Swarm
 body object
 field ListenAddr string
 field AdvertiseAddr string
 field DataPathAddr string
 field RemoteAddrs array<string>
 field JoinToken string
 answers 200: 400:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
SwarmLeave POST /swarm/leave Swarm
 query force boolean default=false
 answers 200: 500:ErrorResponse 503:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
SwarmUnlock POST /swarm/unlock Swarm
 body object
 field UnlockKey string
 answers 200: 500:ErrorResponse 503:ErrorResponse
 produces application/json
 consumes application/json
SwarmUnlockkey GET /swarm/unlockkey Swarm
 answers 200:object 500:ErrorResponse 503:ErrorResponse
 produces application/json text/plain
 consumes application/json
SwarmUpdate POST /swarm/update Swarm
 query version integer:int64 required
 query rotateWorkerToken boolean default=false
 query rotateManagerToken boolean default=false
 query rotateManagerUnlockKey boolean default=false
 body SwarmSpec
 answers 200: 400:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
SystemDataUsage GET /system/df System
 query type array<string(container|image|volume|build-cache)> since=1.42 collection=multi
 query verbose boolean since=1.52 default=false
 answers 200:object 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
TaskList GET /tasks Task
 query filters string
 answers 200:array<Task> 500:ErrorResponse 503:ErrorResponse
 produces application/json
 consumes application/json text/plain
TaskInspect GET /tasks/{id} Task
 path id string required
 answers 200:Task 404:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json
 consumes application/json text/plain
TaskLogs GET /tasks/{id}/logs Task since=1.29
 path id string required
 query details boolean default=false
 query follow boolean default=false
 query stdout boolean default=false
 query stderr boolean default=false
 query since integer default=0
 query timestamps boolean default=false
 query tail string default="all"
 answers 200:string:binary 404:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/vnd.docker.raw-stream application/vnd.docker.multiplexed-stream
 consumes application/json text/plain
SystemVersion GET /version System
 answers 200:SystemVersion 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
VolumeList GET /volumes Volume
 query filters string:json
 answers 200:VolumeListResponse 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
VolumeCreate POST /volumes/create Volume
 body VolumeCreateRequest
 answers 201:Volume 500:ErrorResponse
 produces application/json
 consumes application/json
VolumePrune POST /volumes/prune Volume
 query filters string
 answers 200:object 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
VolumeDelete DELETE /volumes/{name} Volume
 path name string required
 query force boolean default=false
 answers 204: 404:ErrorResponse 409:ErrorResponse 500:ErrorResponse
 produces application/json text/plain
 consumes application/json text/plain
VolumeInspect GET /volumes/{name} Volume
 path name string required
 answers 200:Volume 404:ErrorResponse 500:ErrorResponse
 produces application/json
 consumes application/json text/plain
VolumeUpdate PUT /volumes/{name} Volume since=1.42
 path name string required
 query version integer:int64 required
 body object
 field Spec ClusterVolumeSpec
 answers 200: 400:ErrorResponse 404:ErrorResponse 500:ErrorResponse 503:ErrorResponse
 produces application/json
 consumes application/json
"""
