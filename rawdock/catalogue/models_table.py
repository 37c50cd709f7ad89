"""The Engine API's models.

Written by scripts/catalogue from the facts of the API specifications 1.25 to 1.56; do not edit.
Long because it is a table.
A line without indent: a model and its type. Under it: its fields (name, type). since= and until= are API versions,
inclusive: of a model, those in whose specification it has this name.
"""
# ruff: noqa: E501

FIRST, LAST = (1, 25), (1, 56)
TEXT = """\
Address object since=1.32
 Addr string
 PrefixLen integer
AttestationStatement object since=1.55
 Descriptor OCIDescriptor
 PredicateType string
 Statement object
AuthConfig object
 username string
 password string
 email string until=1.51
 serveraddress string
AuthResponse object since=1.52
 Status string
 IdentityToken string
BuildCache object since=1.39
 ID string
 Parent string until=1.41
 Type string(internal|frontend|source.local|source.git.checkout|exec.cachemount|regular)
 Description string
 InUse boolean
 Shared boolean
 Size integer
 CreatedAt string:dateTime
 LastUsedAt string:dateTime
 UsageCount integer
 Parents array<string> since=1.42
BuildCacheDiskUsage object since=1.52
 ActiveCount integer:int64
 TotalCount integer:int64
 Reclaimable integer:int64
 TotalSize integer:int64
 Items array<any>
BuildIdentity object since=1.53
 Ref string
 CreatedAt string:date-time
BuildInfo object
 id string
 stream string
 error string until=1.51
 errorDetail ErrorDetail
 status string
 progress string until=1.51
 progressDetail ProgressDetail
 aux ImageID since=1.36
ChangeType integer(0|1|2) since=1.43
ClusterInfo object
 ID string
 Version ObjectVersion
 CreatedAt string:dateTime
 UpdatedAt string:dateTime
 Spec SwarmSpec
 TLSInfo TLSInfo since=1.30
 RootRotationInProgress boolean since=1.30
 DefaultAddrPool array<string:CIDR> since=1.39
 SubnetSize integer:uint32 since=1.39
 DataPathPort integer:uint32 since=1.40
ClusterVolume object since=1.42
 ID string
 Version ObjectVersion
 CreatedAt string:dateTime
 UpdatedAt string:dateTime
 Spec ClusterVolumeSpec
 Info object
 PublishStatus array<object>
ClusterVolumeSpec object since=1.42
 Group string
 AccessMode object
Commit object since=1.32
 ID string
 Expected string until=1.48
Config object
 Hostname string until=1.29
 Domainname string until=1.29
 User string until=1.29
 AttachStdin boolean until=1.29
 AttachStdout boolean until=1.29
 AttachStderr boolean until=1.29
 ExposedPorts map<object({})> until=1.29
 Tty boolean until=1.29
 OpenStdin boolean until=1.29
 StdinOnce boolean until=1.29
 Env array<string> until=1.29
 Cmd array|string until=1.29
 Healthcheck HealthConfig until=1.29
 ArgsEscaped boolean until=1.29
 Image string until=1.29
 Volumes object until=1.29
 WorkingDir string until=1.29
 Entrypoint array|string until=1.29
 NetworkDisabled boolean until=1.29
 MacAddress string until=1.29
 OnBuild array<string> until=1.29
 Labels map<string> until=1.29
 StopSignal string until=1.29
 StopTimeout integer until=1.29
 Shell array<string> until=1.29
 ID string since=1.30
 Version ObjectVersion since=1.30
 CreatedAt string:dateTime since=1.30
 UpdatedAt string:dateTime since=1.30
 Spec ConfigSpec since=1.30
ConfigReference object since=1.41
 Network string
ConfigSpec object since=1.30
 Name string
 Labels map<string>
 Data string
 Templating Driver since=1.37
ContainerBlkioStatEntry object since=1.48
 major integer:uint64
 minor integer:uint64
 op string
 value integer:uint64
ContainerBlkioStats object since=1.48
 io_service_bytes_recursive array<ContainerBlkioStatEntry>
 io_serviced_recursive array<ContainerBlkioStatEntry>
 io_queue_recursive array<ContainerBlkioStatEntry>
 io_service_time_recursive array<ContainerBlkioStatEntry>
 io_wait_time_recursive array<ContainerBlkioStatEntry>
 io_merged_recursive array<ContainerBlkioStatEntry>
 io_time_recursive array<ContainerBlkioStatEntry>
 sectors_recursive array<ContainerBlkioStatEntry>
ContainerCPUStats object since=1.48
 cpu_usage ContainerCPUUsage
 system_cpu_usage integer:uint64
 online_cpus integer:uint32
 throttling_data ContainerThrottlingData
ContainerCPUUsage object since=1.48
 total_usage integer:uint64
 percpu_usage array<integer:uint64>
 usage_in_kernelmode integer:uint64
 usage_in_usermode integer:uint64
ContainerConfig object since=1.30
 Hostname string
 Domainname string
 User string
 AttachStdin boolean
 AttachStdout boolean
 AttachStderr boolean
 ExposedPorts map<object({})>
 Tty boolean
 OpenStdin boolean
 StdinOnce boolean
 Env array<string>
 Cmd array<string>
 Healthcheck HealthConfig
 ArgsEscaped boolean
 Image string
 Volumes map<object({})>
 WorkingDir string
 Entrypoint array<string>
 NetworkDisabled boolean
 MacAddress string until=1.51
 OnBuild array<string>
 Labels map<string>
 StopSignal string
 StopTimeout integer
 Shell array<string>
ContainerCreateResponse object since=1.42
 Id string
 Warnings array<string>
ContainerInspectResponse object since=1.48
 Id string
 Created string:dateTime
 Path string
 Args array<string>
 State ContainerState
 Image string
 ResolvConfPath string
 HostnamePath string
 HostsPath string
 LogPath string
 Name string
 RestartCount integer
 Driver string
 Platform string
 ImageManifestDescriptor OCIDescriptor
 MountLabel string
 ProcessLabel string
 AppArmorProfile string
 ExecIDs array<string>
 HostConfig HostConfig
 GraphDriver DriverData
 SizeRw integer:int64
 SizeRootFs integer:int64
 Mounts array<MountPoint>
 Config ContainerConfig
 NetworkSettings NetworkSettings
 Storage Storage since=1.52
ContainerMemoryStats object since=1.48
 usage integer:uint64
 max_usage integer:uint64
 stats map<integer:uint64>
 failcnt integer:uint64
 limit integer:uint64
 commitbytes integer:uint64
 commitpeakbytes integer:uint64
 privateworkingset integer:uint64
ContainerNetworkStats object since=1.48
 rx_bytes integer:uint64
 rx_packets integer:uint64
 rx_errors integer:uint64
 rx_dropped integer:uint64
 tx_bytes integer:uint64
 tx_packets integer:uint64
 tx_errors integer:uint64
 tx_dropped integer:uint64
 endpoint_id string
 instance_id string
ContainerPidsStats object since=1.48
 current integer:uint64
 limit integer:uint64
ContainerState object since=1.39
 Status string(created|running|paused|restarting|removing|exited|dead)
 Running boolean
 Paused boolean
 Restarting boolean
 OOMKilled boolean
 Dead boolean
 Pid integer
 ExitCode integer
 Error string
 StartedAt string
 FinishedAt string
 Health Health
ContainerStatsResponse object since=1.48
 name string
 id string
 read string:date-time
 preread string:date-time
 pids_stats ContainerPidsStats
 blkio_stats ContainerBlkioStats
 num_procs integer:uint32
 storage_stats ContainerStorageStats
 cpu_stats ContainerCPUStats
 precpu_stats ContainerCPUStats
 memory_stats ContainerMemoryStats
 networks any
 os_type string since=1.52
ContainerStatus object since=1.44
 ContainerID string
 PID integer
 ExitCode integer
ContainerStorageStats object since=1.48
 read_count_normalized integer:uint64
 read_size_bytes integer:uint64
 write_count_normalized integer:uint64
 write_size_bytes integer:uint64
ContainerSummary object
 Id string since=1.40
 Names array<string> since=1.40
 Image string since=1.40
 ImageID string since=1.40
 Command string since=1.40
 Created integer:int64 since=1.40
 Ports array<PortSummary> since=1.40
 SizeRw integer:int64 since=1.40
 SizeRootFs integer:int64 since=1.40
 Labels map<string> since=1.40
 State string(created|running|paused|restarting|exited|removing|dead) since=1.40
 Status string since=1.40
 HostConfig object since=1.40
 NetworkSettings object since=1.40
 Mounts array<MountPoint> since=1.40
 ImageManifestDescriptor OCIDescriptor since=1.48
 Health object since=1.52
ContainerThrottlingData object since=1.48
 periods integer:uint64
 throttled_periods integer:uint64
 throttled_time integer:uint64
ContainerTopResponse object since=1.48
 Titles array<string>
 Processes array<array<string>>
ContainerUpdateResponse object since=1.48
 Warnings array<string>
ContainerWaitExitError object since=1.39
 Message string
ContainerWaitResponse object since=1.39
 StatusCode integer:int64
 Error ContainerWaitExitError
ContainerdInfo object since=1.46
 Address string
 Namespaces object
ContainersDiskUsage object since=1.52
 ActiveCount integer:int64
 TotalCount integer:int64
 Reclaimable integer:int64
 TotalSize integer:int64
 Items array<any>
CreateImageInfo object
 error string until=1.51
 status string
 progress string until=1.51
 progressDetail ProgressDetail
 id string since=1.36
 errorDetail ErrorDetail since=1.39
DeviceInfo object since=1.50
 Source string
 ID string
DeviceMapping object
 PathOnHost string
 PathInContainer string
 CgroupPermissions string
DeviceRequest object since=1.40
 Driver string
 Count integer
 DeviceIDs array<string>
 Capabilities array<array<string>>
 Options map<string>
DistributionInspect object since=1.40
 Descriptor OCIDescriptor
 Platforms array<OCIPlatform>
Driver object since=1.31
 Name string
 Options map<string>
DriverData object since=1.47
 Name string
 Data map<string>
EndpointIPAMConfig object since=1.32
 IPv4Address string
 IPv6Address string
 LinkLocalIPs array<string>
EndpointPortConfig object
 Name string
 Protocol string(tcp|udp|sctp)
 TargetPort integer
 PublishedPort integer
 PublishMode string(ingress|host) since=1.34
EndpointResource object since=1.52
 Name string
 EndpointID string
 MacAddress string
 IPv4Address string
 IPv6Address string
EndpointSettings object
 IPAMConfig EndpointIPAMConfig
 Links array<string>
 Aliases array<string>
 NetworkID string
 EndpointID string
 Gateway string
 IPAddress string
 IPPrefixLen integer
 IPv6Gateway string
 GlobalIPv6Address string
 GlobalIPv6PrefixLen integer:int64
 MacAddress string
 DriverOpts map<string> since=1.32
 DNSNames array<string> since=1.44
 GwPriority integer:int64 since=1.48
EndpointSpec object
 Mode string(vip|dnsrr)
 Ports array<EndpointPortConfig>
EngineDescription object since=1.32
 EngineVersion string
 Labels map<string>
 Plugins array<object>
ErrorDetail object
 code integer
 message string
ErrorResponse object
 message string
EventActor object since=1.40
 ID string
 Attributes map<string>
EventMessage object since=1.40
 Type string(builder|config|container|daemon|image|network|node|plugin|secret|service|volume)
 Action string
 Actor EventActor
 scope string(local|swarm)
 time integer:int64
 timeNano integer:int64
FilesystemChange object since=1.43
 Path string
 Kind ChangeType
FirewallInfo object since=1.49
 Driver string
 Info array<array<string>>
GenericResources array<object> since=1.32
GraphDriver object until=1.27
 Name string
 Data map<string>
GraphDriverData object since=1.28 until=1.46
 Name string
 Data map<string>
Health object since=1.39
 Status string(none|starting|healthy|unhealthy)
 FailingStreak integer
 Log array<HealthcheckResult>
HealthConfig object since=1.27
 Test array<string>
 Interval integer:int64
 Timeout integer:int64
 Retries integer
 StartPeriod integer:int64 since=1.29
 StartInterval integer:int64 since=1.44
HealthcheckResult object since=1.39
 Start string:date-time
 End string:dateTime
 ExitCode integer
 Output string
HostConfig Resources+object
 Binds array<string>
 ContainerIDFile string
 LogConfig object
 NetworkMode string
 PortBindings PortMap
 RestartPolicy RestartPolicy
 AutoRemove boolean
 VolumeDriver string
 VolumesFrom array<string>
 Mounts array<Mount>
 CapAdd array<string>
 CapDrop array<string>
 Dns array<string:ip-address>
 DnsOptions array<string>
 DnsSearch array<string>
 ExtraHosts array<string>
 GroupAdd array<string>
 IpcMode string
 Cgroup string
 Links array<string>
 OomScoreAdj integer
 PidMode string
 Privileged boolean
 PublishAllPorts boolean
 ReadonlyRootfs boolean
 SecurityOpt array<string>
 StorageOpt map<string>
 Tmpfs map<string>
 UTSMode string
 UsernsMode string
 ShmSize integer:int64
 Sysctls map<string>
 Runtime string
 ConsoleSize array<integer>
 Isolation string(default|process|hyperv|)
 MaskedPaths array<string> since=1.38
 ReadonlyPaths array<string> since=1.38
 Capabilities array<string> since=1.40 until=1.40
 CgroupnsMode string(private|host) since=1.41
 Annotations map<string> since=1.43
IDResponse object since=1.48
 Id string
IPAM object
 Driver string
 Config array<IPAMConfig>
 Options map<string>
IPAMConfig object since=1.41
 Subnet string
 IPRange string
 Gateway string
 AuxiliaryAddresses map<string>
IPAMStatus object since=1.52
 Subnets map<SubnetStatus>
IdResponse object until=1.47
 Id string
Identity object since=1.53
 Signature array<SignatureIdentity>
 Pull array<PullIdentity>
 Build array<BuildIdentity>
Image object until=1.38
 Id string
 RepoTags array<string>
 RepoDigests array<string>
 Parent string
 Comment string
 Created string
 Container string
 ContainerConfig ContainerConfig
 DockerVersion string
 Author string
 Config ContainerConfig
 Architecture string
 Os string
 Size integer:int64
 VirtualSize integer:int64
 GraphDriver GraphDriverData
 RootFS object
 OsVersion string since=1.28
 Metadata object since=1.31
ImageConfig object since=1.39
 Hostname string until=1.49
 Domainname string until=1.49
 User string
 AttachStdin boolean until=1.49
 AttachStdout boolean until=1.49
 AttachStderr boolean until=1.49
 ExposedPorts map<object({})>
 Tty boolean until=1.49
 OpenStdin boolean until=1.49
 StdinOnce boolean until=1.49
 Env array<string>
 Cmd array<string>
 Healthcheck HealthConfig
 ArgsEscaped boolean
 Image string until=1.49
 Volumes map<object({})>
 WorkingDir string
 Entrypoint array<string>
 NetworkDisabled boolean until=1.49
 MacAddress string until=1.49
 OnBuild array<string>
 Labels map<string>
 StopSignal string
 StopTimeout integer until=1.49
 Shell array<string>
ImageDeleteResponse object until=1.27
 Untagged string
 Deleted string
ImageDeleteResponseItem object since=1.28
 Untagged string
 Deleted string
ImageHistoryResponseItem object
 Id string
 Created integer:int64
 CreatedBy string
 Tags array<string>
 Size integer:int64
 Comment string
ImageID object since=1.36
 ID string
ImageInspect object since=1.39
 Id string
 RepoTags array<string>
 RepoDigests array<string>
 Parent string until=1.51
 Comment string
 Created string:dateTime
 Container string until=1.44
 ContainerConfig ContainerConfig until=1.44
 DockerVersion string until=1.51
 Author string
 Config ImageConfig
 Architecture string
 Variant string
 Os string
 OsVersion string
 Size integer:int64
 VirtualSize integer:int64 until=1.43
 GraphDriver DriverData
 RootFS object
 Metadata object
 Descriptor OCIDescriptor since=1.48
 Manifests array<ImageManifestSummary> since=1.48
 Identity Identity since=1.53
ImageManifestSummary object since=1.47
 ID string
 Descriptor OCIDescriptor
 Available boolean
 Size object
 Kind string(image|attestation|unknown)
 ImageData object
 AttestationData object
ImageSummary object
 Id string
 ParentId string
 RepoTags array<string>
 RepoDigests array<string>
 Created integer
 Size integer:int64
 SharedSize integer:int64
 VirtualSize integer:int64 until=1.43
 Labels map<string>
 Containers integer
 Manifests array<ImageManifestSummary> since=1.47
 Descriptor OCIDescriptor since=1.48
ImagesDiskUsage object since=1.52
 ActiveCount integer:int64
 TotalCount integer:int64
 Reclaimable integer:int64
 TotalSize integer:int64
 Items array<any>
IndexInfo object since=1.32
 Name string
 Mirrors array<string>
 Secure boolean
 Official boolean
JoinTokens object since=1.32
 Worker string
 Manager string
KnownSignerIdentity string(DHI) since=1.53
Limit object since=1.41
 NanoCPUs integer:int64
 MemoryBytes integer:int64
 Pids integer:int64
LocalNodeState string(|inactive|pending|active|error|locked) since=1.32
ManagerStatus object since=1.32
 Leader boolean
 Reachability Reachability
 Addr string
Mount object
 Target string
 Source string
 Type MountType
 ReadOnly boolean
 BindOptions object
 VolumeOptions object
 TmpfsOptions object
 Consistency string since=1.29
 ImageOptions object since=1.48
MountPoint object
 Type MountType
 Name string
 Source string
 Destination string
 Driver string
 Mode string
 RW boolean
 Propagation string
MountType string(bind|cluster|image|npipe|tmpfs|volume)
NRIInfo object since=1.53
 Info array<array<string>>
Network object
 Name string
 Id string
 Created string:dateTime
 Scope string
 Driver string
 EnableIPv6 boolean
 IPAM IPAM
 Internal boolean
 Containers map<NetworkContainer> until=1.51
 Options map<string>
 Labels map<string>
 Attachable boolean since=1.27
 Ingress boolean since=1.29
 ConfigFrom ConfigReference since=1.41
 ConfigOnly boolean since=1.41
 Peers array<PeerInfo> since=1.41
 EnableIPv4 boolean since=1.47
NetworkAttachment object
 Network Network
 Addresses array<string:cidr>
NetworkAttachmentConfig object since=1.39
 Target string
 Aliases array<string>
 DriverOpts map<string>
NetworkConfig object until=1.31
 Bridge string
 Gateway string
 Address string
 IPPrefixLen integer
 MacAddress string
 PortMapping string
 Ports array<Port>
NetworkConnectRequest object since=1.52
 Container string
 EndpointConfig EndpointSettings
NetworkContainer object until=1.51
 EndpointID string
 MacAddress string
 IPv4Address string
 IPv6Address string
 Name string since=1.30
NetworkCreateResponse object since=1.46
 Id string
 Warning string
NetworkDisconnectRequest object since=1.52
 Container string
 Force boolean
NetworkInspect Network since=1.52
 Containers map<EndpointResource>
 Services map<any>
 Status NetworkStatus
NetworkSettings object since=1.32
 Bridge string until=1.51
 SandboxID string
 HairpinMode boolean until=1.51
 LinkLocalIPv6Address string until=1.51
 LinkLocalIPv6PrefixLen integer until=1.51
 Ports PortMap
 SandboxKey string
 SecondaryIPAddresses array<Address> until=1.51
 SecondaryIPv6Addresses array<Address> until=1.51
 EndpointID string until=1.51
 Gateway string until=1.51
 GlobalIPv6Address string until=1.51
 GlobalIPv6PrefixLen integer until=1.51
 IPAddress string until=1.51
 IPPrefixLen integer until=1.51
 IPv6Gateway string until=1.51
 MacAddress string until=1.51
 Networks map<EndpointSettings>
NetworkStatus object since=1.52
 IPAM IPAMStatus
NetworkSummary Network since=1.52
NetworkTaskInfo object since=1.52
 Name string
 EndpointID string
 EndpointIP string
 Info map<string>
NetworkingConfig object since=1.39
 EndpointsConfig map<EndpointSettings>
Node object
 ID string
 Version ObjectVersion
 CreatedAt string:dateTime
 UpdatedAt string:dateTime
 Spec NodeSpec
 Description NodeDescription
 Status NodeStatus since=1.32
 ManagerStatus ManagerStatus since=1.32
NodeDescription object since=1.32
 Hostname string
 Platform Platform
 Resources ResourceObject
 Engine EngineDescription
 TLSInfo TLSInfo
NodeSpec object
 Name string
 Labels map<string>
 Role string(worker|manager)
 Availability string(active|pause|drain)
NodeState string(unknown|down|ready|disconnected) since=1.32
NodeStatus object since=1.32
 State NodeState
 Message string
 Addr string
OCIDescriptor object since=1.40
 mediaType string
 digest string
 size integer:int64
 urls array<string:uri> since=1.48
 annotations map<string> since=1.48
 data string since=1.48
 platform OCIPlatform since=1.48
 artifactType string since=1.48
OCIPlatform object since=1.40
 architecture string
 os string
 os.version string
 os.features array<string>
 variant string
ObjectVersion object since=1.27
 Index integer:uint64
PeerInfo object since=1.41
 Name string
 IP string
PeerNode object since=1.32
 NodeID string
 Addr string
Platform object since=1.32
 Architecture string
 OS string
Plugin object
 Id string
 Name string
 Enabled boolean
 Settings object
 Config object
 PluginReference string since=1.26
PluginDevice object
 Name string
 Description string
 Settable array<string>
 Path string
PluginEnv object
 Name string
 Description string
 Settable array<string>
 Value string
PluginInterfaceType object until=1.51
 Prefix string
 Capability string
 Version string
PluginMount object
 Name string
 Description string
 Settable array<string>
 Source string
 Destination string
 Type string
 Options array<string>
PluginPrivilege object since=1.40
 Name string
 Description string
 Value array<string>
PluginsInfo object since=1.32
 Volume array<string>
 Network array<string>
 Authorization array<string>
 Log array<string>
Port object until=1.51
 IP string:ip-address
 PrivatePort integer:uint16
 PublicPort integer:uint16
 Type string(tcp|udp|sctp)
PortBinding object since=1.32
 HostIp string
 HostPort string
PortMap map<array<PortBinding>> since=1.32
PortStatus object since=1.44
 Ports array<EndpointPortConfig>
PortSummary object since=1.52
 IP string:ip-address
 PrivatePort integer:uint16
 PublicPort integer:uint16
 Type string(tcp|udp|sctp)
ProcessConfig object
 privileged boolean
 user string
 tty boolean
 entrypoint string
 arguments array<string>
ProgressDetail object
 code integer until=1.35
 message integer until=1.35
 current integer since=1.36
 total integer since=1.36
PullIdentity object since=1.53
 Repository string
PushImageInfo object
 error string until=1.51
 status string
 progress string until=1.51
 progressDetail ProgressDetail
 errorDetail ErrorDetail since=1.48
Reachability string(unknown|unreachable|reachable) since=1.32
RegistryServiceConfig object since=1.32
 AllowNondistributableArtifactsCIDRs array<string> until=1.48
 AllowNondistributableArtifactsHostnames array<string> until=1.48
 InsecureRegistryCIDRs array<string>
 IndexConfigs map<IndexInfo>
 Mirrors array<string>
ResourceObject object since=1.32
 NanoCPUs integer:int64
 MemoryBytes integer:int64
 GenericResources GenericResources
Resources object
 CpuShares integer
 Memory integer:int64
 CgroupParent string
 BlkioWeight integer
 BlkioWeightDevice array<object>
 BlkioDeviceReadBps array<ThrottleDevice>
 BlkioDeviceWriteBps array<ThrottleDevice>
 BlkioDeviceReadIOps array<ThrottleDevice>
 BlkioDeviceWriteIOps array<ThrottleDevice>
 CpuPeriod integer:int64
 CpuQuota integer:int64
 CpuRealtimePeriod integer:int64
 CpuRealtimeRuntime integer:int64
 CpusetCpus string
 CpusetMems string
 Devices array<DeviceMapping>
 DiskQuota integer:int64 until=1.39
 MemoryReservation integer:int64
 MemorySwap integer:int64
 MemorySwappiness integer:int64
 NanoCpus integer:int64
 OomKillDisable boolean
 PidsLimit integer:int64
 Ulimits array<object>
 CpuCount integer:int64
 CpuPercent integer:int64
 IOMaximumIOps integer:int64
 IOMaximumBandwidth integer:int64
 NanoCPUs integer:int64 since=1.27 until=1.27
 DeviceCgroupRules array<string> since=1.28
 KernelMemory integer:int64 since=1.36 until=1.41
 Init boolean since=1.37
 DeviceRequests array<DeviceRequest> since=1.40
 KernelMemoryTCP integer:int64 since=1.40 until=1.51
RestartPolicy object
 Name string(|no|always|unless-stopped|on-failure)
 MaximumRetryCount integer
RootFSStorage object since=1.52
 Snapshot RootFSStorageSnapshot
RootFSStorageSnapshot object since=1.52
 Name string
Runtime object since=1.32
 path string
 runtimeArgs array<string>
 status map<string> since=1.44
Secret object
 ID string
 Version ObjectVersion
 CreatedAt string:dateTime
 UpdatedAt string:dateTime
 Spec SecretSpec
SecretSpec object
 Name string
 Labels map<string>
 Data string
 Driver Driver since=1.31
 Templating Driver since=1.37
Service object
 ID string
 Version ObjectVersion
 CreatedAt string:dateTime
 UpdatedAt string:dateTime
 Spec ServiceSpec
 Endpoint object
 UpdateStatus object
 ServiceStatus object since=1.41
 JobStatus object since=1.41
ServiceCreateResponse object since=1.44
 ID string
 Warnings array<string>
ServiceInfo object since=1.52
 VIP string
 Ports array<string>
 LocalLBIndex integer:int
 Tasks array<NetworkTaskInfo>
ServiceSpec object
 Name string
 Labels map<string>
 TaskTemplate TaskSpec
 Mode object
 UpdateConfig object
 Networks array<NetworkAttachmentConfig>
 EndpointSpec EndpointSpec
 RollbackConfig object since=1.28
ServiceUpdateResponse object
 Warnings array<string>
SignatureIdentity object since=1.53
 Name string
 Timestamps array<SignatureTimestamp>
 KnownSigner KnownSignerIdentity
 DockerReference string
 Signer SignerIdentity
 SignatureType SignatureType
 Error string
 Warnings array<string>
SignatureTimestamp object since=1.53
 Type SignatureTimestampType
 URI string
 Timestamp string:date-time
SignatureTimestampType string(Tlog|TimestampAuthority) since=1.53
SignatureType string(bundle-v0.3|simplesigning-v1) since=1.53
SignerIdentity object since=1.53
 CertificateIssuer string
 SubjectAlternativeName string
 Issuer string
 BuildSignerURI string
 BuildSignerDigest string
 RunnerEnvironment string
 SourceRepositoryURI string
 SourceRepositoryDigest string
 SourceRepositoryRef string
 SourceRepositoryIdentifier string
 SourceRepositoryOwnerURI string
 SourceRepositoryOwnerIdentifier string
 BuildConfigURI string
 BuildConfigDigest string
 BuildTrigger string
 RunInvocationURI string
 SourceRepositoryVisibilityAtSigning string
Storage object since=1.52
 RootFS RootFSStorage
SubnetStatus object since=1.52
 IPsInUse integer:uint64
 DynamicIPsAvailable integer:uint64
Swarm ClusterInfo+object since=1.32
 JoinTokens JoinTokens
SwarmInfo object since=1.32
 NodeID string
 NodeAddr string
 LocalNodeState LocalNodeState
 ControlAvailable boolean
 Error string
 RemoteManagers array<PeerNode>
 Nodes integer
 Managers integer
 Cluster ClusterInfo
SwarmSpec object
 Name string
 Labels map<string>
 Orchestration object
 Raft object
 Dispatcher object
 CAConfig object
 EncryptionConfig object
 TaskDefaults object
SystemInfo object since=1.32
 ID string
 Containers integer
 ContainersRunning integer
 ContainersPaused integer
 ContainersStopped integer
 Images integer
 Driver string
 DriverStatus array<array<string>>
 DockerRootDir string
 SystemStatus array<array<string>> until=1.40
 Plugins PluginsInfo
 MemoryLimit boolean
 SwapLimit boolean
 CpuCfsPeriod boolean
 CpuCfsQuota boolean
 CPUShares boolean
 CPUSet boolean
 OomKillDisable boolean
 IPv4Forwarding boolean
 BridgeNfIptables boolean until=1.49
 BridgeNfIp6tables boolean until=1.49
 Debug boolean
 NFd integer
 NGoroutines integer
 SystemTime string
 LoggingDriver string
 CgroupDriver string(cgroupfs|systemd|none)
 NEventsListener integer
 KernelVersion string
 OperatingSystem string
 OSType string
 Architecture string
 NCPU integer
 MemTotal integer:int64
 IndexServerAddress string
 RegistryConfig RegistryServiceConfig
 GenericResources GenericResources
 HttpProxy string
 HttpsProxy string
 NoProxy string
 Name string
 Labels array<string>
 ExperimentalBuild boolean
 ServerVersion string
 ClusterStore string until=1.41
 ClusterAdvertise string until=1.41
 Runtimes map<Runtime>
 DefaultRuntime string
 Swarm SwarmInfo
 LiveRestoreEnabled boolean
 Isolation string(default|hyperv|process|)
 InitBinary string
 ContainerdCommit Commit
 RuncCommit Commit
 InitCommit Commit
 SecurityOptions array<string>
 KernelMemory boolean since=1.36 until=1.41
 ProductLicense string since=1.39
 Warnings array<string> since=1.39
 KernelMemoryTCP boolean since=1.40 until=1.51
 PidsLimit boolean since=1.40
 CgroupVersion string(1|2) since=1.41
 OSVersion string since=1.41
 DefaultAddressPools array<object> since=1.41
 CDISpecDirs array<string> since=1.44
 Containerd ContainerdInfo since=1.46
 FirewallBackend FirewallInfo since=1.49
 DiscoveredDevices array<DeviceInfo> since=1.50
 NRI NRIInfo since=1.53
SystemVersion object since=1.39
 Platform object
 Components array<object>
 Version string
 ApiVersion string
 MinAPIVersion string
 GitCommit string
 GoVersion string
 Os string
 Arch string
 KernelVersion string
 Experimental boolean
 BuildTime string
TLSInfo object since=1.30
 TrustRoot string
 CertIssuerSubject string
 CertIssuerPublicKey string
Task object
 ID string
 Version ObjectVersion
 CreatedAt string:dateTime
 UpdatedAt string:dateTime
 Name string
 Labels map<string>
 Spec TaskSpec
 ServiceID string
 Slot integer
 NodeID string
 Status TaskStatus
 DesiredState TaskState
 NetworksAttachments array<NetworkAttachment>
 AssignedGenericResources GenericResources since=1.32
 JobIteration ObjectVersion since=1.41
TaskSpec object
 ContainerSpec object
 Resources object
 RestartPolicy object
 Placement object
 ForceUpdate integer:uint64
 Networks array<NetworkAttachmentConfig>
 LogDriver object
 Runtime string since=1.30
 PluginSpec object since=1.31
 NetworkAttachmentSpec object since=1.38
TaskState string(new|allocated|pending|assigned|accepted|preparing|ready|starting|running|complete|shutdown|failed|rejected|remove|orphaned)
TaskStatus object since=1.44
 Timestamp string:dateTime
 State TaskState
 Message string
 Err string
 ContainerStatus ContainerStatus
 PortStatus PortStatus
ThrottleDevice object
 Path string
 Rate integer:int64
Topology object since=1.42
 Segments map<string>
Volume object
 Name string
 Driver string
 Mountpoint string
 Status map<object>
 Labels map<string>
 Scope string(local|global)
 Options map<string>
 UsageData object
 CreatedAt string:dateTime since=1.31
 ClusterVolume ClusterVolume since=1.42
VolumeCreateOptions object since=1.39 until=1.51
 Name string
 Driver string
 DriverOpts map<string>
 Labels map<string>
 ClusterVolumeSpec ClusterVolumeSpec since=1.42
VolumeCreateRequest object since=1.52
 Name string
 Driver string
 DriverOpts map<string>
 Labels map<string>
 ClusterVolumeSpec ClusterVolumeSpec
VolumeListResponse object since=1.39
 Volumes array<Volume>
 Warnings array<string>
VolumesDiskUsage object since=1.52
 ActiveCount integer:int64
 TotalCount integer:int64
 Reclaimable integer:int64
 TotalSize integer:int64
 Items array<any>
"""
