/**
 * Types of istiod's mesh configuration, a message with its fields on each line that is not indented: `[]` is a
 * list, `{}` a map by name, `(A|B)` one of these names, `object` any object.
 * Made from istio.io/api v1.31.0-rc.0.0.20260824154656-b943409680a7:
 *
 *     (cd emulator/go && go run ./cmd/mesh-config-types) > components/mesh/mesh-config/types.ts
 */
export const meshConfigTypes = `
MeshConfig proxyListenPort:int32 proxyInboundListenPort:int32 proxyHttpPort:int32 connectTimeout:duration
  hboneIdleTimeout:duration protocolDetectionTimeout:duration tcpKeepalive:TcpKeepalive ingressClass:string
  ingressService:string ingressControllerMode:(UNSPECIFIED|OFF|DEFAULT|STRICT) ingressSelector:string
  enableTracing:bool accessLogFile:string accessLogFormat:string accessLogEncoding:(TEXT|JSON)
  enableEnvoyAccessLogService:bool disableEnvoyListenerLog:bool defaultConfig:ProxyConfig
  outboundTrafficPolicy:OutboundTrafficPolicy inboundTrafficPolicy:InboundTrafficPolicy
  configSources:ConfigSource[] enableAutoMtls:bool trustDomain:string trustDomainAliases:string[]
  caCertificates:CertificateData[] defaultServiceExportTo:string[] defaultVirtualServiceExportTo:string[]
  defaultDestinationRuleExportTo:string[] rootNamespace:string localityLbSetting:LocalityLoadBalancerSetting
  zoneAwareLbSetting:ZoneAwareLoadBalancerSetting dnsRefreshRate:duration h2UpgradePolicy:(DO_NOT_UPGRADE|UPGRADE)
  inboundClusterStatName:string outboundClusterStatName:string certificates:Certificate[]
  serviceSettings:ServiceSettings[] serviceScopeConfigs:ServiceScopeConfigs[] enablePrometheusMerge:bool
  verifyCertificateAtClient:bool ca:CA extensionProviders:ExtensionProvider[] defaultProviders:DefaultProviders
  discoverySelectors:LabelSelector[] pathNormalization:ProxyPathNormalization defaultHttpRetryPolicy:HTTPRetry
  meshMTLS:TLSConfig tlsDefaults:TLSConfig defaultTrafficPolicy:DefaultTrafficPolicy
  serviceEntryVisibility:ServiceEntryVisibility
TcpKeepalive probes:uint32 time:duration interval:duration
ProxyConfig configPath:string binaryPath:string serviceCluster:string
  tracingServiceName:(APP_LABEL_AND_NAMESPACE|CANONICAL_NAME_ONLY|CANONICAL_NAME_AND_NAMESPACE)
  drainDuration:duration discoveryAddress:string discoveryRefreshDelay:duration zipkinAddress:string
  statsdUdpAddress:string envoyMetricsServiceAddress:string proxyAdminPort:int32 availabilityZone:string
  controlPlaneAuthPolicy:(NONE|MUTUAL_TLS|INHERIT) customConfigFile:string statNameLength:int32 concurrency:int32
  proxyBootstrapTemplatePath:string interceptionMode:(REDIRECT|TPROXY|NONE) tracing:Tracing sds:SDS
  envoyAccessLogService:RemoteService envoyMetricsService:RemoteService proxyMetadata:string{}
  runtimeValues:string{} statusPort:int32 extraStatTags:string[] gatewayTopology:Topology
  terminationDrainDuration:duration meshId:string readinessProbe:ReadinessProbe proxyStatsMatcher:ProxyStatsMatcher
  holdApplicationUntilProxyStarts:bool caCertificatesPem:string[] image:ProxyImage
  privateKeyProvider:PrivateKeyProvider proxyHeaders:ProxyHeaders fileFlushInterval:duration
  fileFlushMinSizeKb:uint32 statsCompression:bool connectionSettings:ConnectionSettings
Tracing zipkin:Zipkin lightstep:Lightstep datadog:Datadog stackdriver:Stackdriver openCensusAgent:OpenCensusAgent
  customTags:CustomTag{} maxPathTagLength:uint32 sampling:double tlsSettings:ClientTLSSettings enableIstioTags:bool
Zipkin address:string
Lightstep address:string accessToken:string
Datadog address:string
Stackdriver debug:bool maxNumberOfAttributes:int64 maxNumberOfAnnotations:int64 maxNumberOfMessageEvents:int64
OpenCensusAgent address:string context:(UNSPECIFIED|W3C_TRACE_CONTEXT|GRPC_BIN|CLOUD_TRACE_CONTEXT|B3)[]
CustomTag literal:Literal environment:Environment header:RequestHeader
Literal value:string
Environment name:string defaultValue:string
RequestHeader name:string defaultValue:string
ClientTLSSettings mode:(DISABLE|SIMPLE|MUTUAL|ISTIO_MUTUAL) clientCertificate:string privateKey:string
  caCertificates:string credentialName:string subjectAltNames:string[] sni:string insecureSkipVerify:bool
  caCrl:string
SDS enabled:bool k8sSaJwtPath:string
RemoteService address:string tlsSettings:ClientTLSSettings tcpKeepalive:TcpKeepalive
Topology numTrustedProxies:uint32
  forwardClientCertDetails:(UNDEFINED|SANITIZE|FORWARD_ONLY|APPEND_FORWARD|SANITIZE_SET|ALWAYS_FORWARD_ONLY)
  proxyProtocol:ProxyProtocolConfiguration
ProxyProtocolConfiguration
ReadinessProbe initialDelaySeconds:int32 timeoutSeconds:int32 periodSeconds:int32 successThreshold:int32
  failureThreshold:int32 httpGet:HTTPHealthCheckConfig tcpSocket:TCPHealthCheckConfig exec:ExecHealthCheckConfig
  grpc:GrpcHealthCheckConfig
HTTPHealthCheckConfig path:string port:uint32 host:string scheme:string httpHeaders:HTTPHeader[]
HTTPHeader name:string value:string
TCPHealthCheckConfig host:string port:uint32
ExecHealthCheckConfig command:string[]
GrpcHealthCheckConfig port:uint32 service:string
ProxyStatsMatcher inclusionPrefixes:string[] inclusionSuffixes:string[] inclusionRegexps:string[]
ProxyImage imageType:string
PrivateKeyProvider cryptomb:CryptoMb qat:QAT
CryptoMb pollDelay:duration fallback:bool
QAT pollDelay:duration fallback:bool
ProxyHeaders forwardedClientCert:(UNDEFINED|SANITIZE|FORWARD_ONLY|APPEND_FORWARD|SANITIZE_SET|ALWAYS_FORWARD_ONLY)
  setCurrentClientCertDetails:SetCurrentClientCertDetails requestId:RequestId server:Server
  attemptCount:AttemptCount envoyDebugHeaders:EnvoyDebugHeaders metadataExchangeHeaders:MetadataExchangeHeaders
  preserveHttp1HeaderCase:bool xForwardedHost:XForwardedHost xForwardedPort:XForwardedPort
SetCurrentClientCertDetails subject:bool cert:bool chain:bool dns:bool uri:bool
RequestId disabled:bool
Server disabled:bool value:string
AttemptCount disabled:bool
EnvoyDebugHeaders disabled:bool
MetadataExchangeHeaders mode:(UNDEFINED|IN_MESH)
XForwardedHost enabled:bool
XForwardedPort enabled:bool
ConnectionSettings profile:(SIDECAR|EDGE) listenerPerConnectionBufferLimitBytes:int32
  clusterPerConnectionBufferLimitBytes:int32 httpIdleTimeout:duration httpMaxConnectionDuration:duration
  httpDrainTimeout:duration httpRequestTimeout:duration httpRequestHeadersTimeout:duration
  httpStreamIdleTimeout:duration httpMaxStreamDuration:duration httpMaxConcurrentStreams:int32
  http2InitialStreamWindowSize:int32 http2InitialConnectionWindowSize:int32
  httpHeadersWithUnderscoresAction:(HEADERS_WITH_UNDERSCORES_UNSPECIFIED|HEADERS_WITH_UNDERSCORES_ALLOW|HEADERS_WITH_UNDERSCORES_REJECT_REQUEST|HEADERS_WITH_UNDERSCORES_DROP_HEADER)
  httpMergeSlashes:bool
  httpPathWithEscapedSlashesAction:(PATH_WITH_ESCAPED_SLASHES_UNSPECIFIED|KEEP_UNCHANGED|REJECT_REQUEST|UNESCAPE_AND_REDIRECT|UNESCAPE_AND_FORWARD)
  listenerConnectionLimit:int32 globalDownstreamConnectionLimit:int32
OutboundTrafficPolicy mode:(REGISTRY_ONLY|ALLOW_ANY|ALLOW_ANY_DYNAMIC_DNS) tls:ClientTLSSettings
InboundTrafficPolicy mode:(PASSTHROUGH|LOCALHOST)
ConfigSource address:string tlsSettings:ClientTLSSettings subscribedResources:(SERVICE_REGISTRY)[]
CertificateData pem:string spiffeBundleUrl:string certSigners:string[] trustDomains:string[]
LocalityLoadBalancerSetting distribute:Distribute[] failover:LocalityLoadBalancerSetting.Failover[]
  failoverPriority:string[] enabled:bool
Distribute from:string to:uint32{}
LocalityLoadBalancerSetting.Failover from:string to:string
ZoneAwareLoadBalancerSetting enabled:bool failover:ZoneAwareLoadBalancerSetting.Failover[]
  failoverPriority:string[] minClusterSize:uint32
ZoneAwareLoadBalancerSetting.Failover from:string to:string
Certificate secretName:string dnsNames:string[]
ServiceSettings settings:Settings hosts:string[]
Settings clusterLocal:bool
ServiceScopeConfigs namespaceSelector:LabelSelector servicesSelector:LabelSelector scope:(LOCAL|GLOBAL)
LabelSelector matchLabels:string{} matchExpressions:LabelSelectorRequirement[]
LabelSelectorRequirement key:string operator:string values:string[]
CA address:string tlsSettings:ClientTLSSettings requestTimeout:duration istiodSide:bool
ExtensionProvider name:string envoyExtAuthzHttp:EnvoyExternalAuthorizationHttpProvider
  envoyExtAuthzGrpc:EnvoyExternalAuthorizationGrpcProvider zipkin:ZipkinTracingProvider
  lightstep:LightstepTracingProvider datadog:DatadogTracingProvider stackdriver:StackdriverProvider
  opencensus:OpenCensusAgentTracingProvider skywalking:SkyWalkingTracingProvider
  opentelemetry:OpenTelemetryTracingProvider prometheus:PrometheusMetricsProvider
  envoyFileAccessLog:EnvoyFileAccessLogProvider envoyHttpAls:EnvoyHttpGrpcV3LogProvider
  envoyTcpAls:EnvoyTcpGrpcV3LogProvider envoyOtelAls:EnvoyOpenTelemetryLogProvider sds:SDSProvider
EnvoyExternalAuthorizationHttpProvider service:string port:uint32 timeout:duration pathPrefix:string failOpen:bool
  clearRouteCache:bool statusOnError:string includeHeadersInCheck:string[] includeRequestHeadersInCheck:string[]
  includeAdditionalHeadersInCheck:string{} includeRequestBodyInCheck:EnvoyExternalAuthorizationRequestBody
  headersToUpstreamOnAllow:string[] headersToDownstreamOnDeny:string[] headersToDownstreamOnAllow:string[]
EnvoyExternalAuthorizationRequestBody maxRequestBytes:uint32 allowPartialMessage:bool packAsBytes:bool
EnvoyExternalAuthorizationGrpcProvider service:string port:uint32 timeout:duration failOpen:bool
  clearRouteCache:bool statusOnError:string includeRequestBodyInCheck:EnvoyExternalAuthorizationRequestBody
ZipkinTracingProvider service:string port:uint32 maxTagLength:uint32 enable64bitTraceId:bool path:string
  traceContextOption:(USE_B3|USE_B3_WITH_W3C_PROPAGATION) timeout:duration headers:HttpHeader[]
HttpHeader name:string value:string envName:string
LightstepTracingProvider service:string port:uint32 accessToken:string maxTagLength:uint32
DatadogTracingProvider service:string port:uint32 maxTagLength:uint32
StackdriverProvider debug:bool maxNumberOfAttributes:int64 maxNumberOfAnnotations:int64
  maxNumberOfMessageEvents:int64 maxTagLength:uint32 logging:Logging
Logging labels:string{}
OpenCensusAgentTracingProvider service:string port:uint32
  context:(UNSPECIFIED|W3C_TRACE_CONTEXT|GRPC_BIN|CLOUD_TRACE_CONTEXT|B3)[] maxTagLength:uint32
SkyWalkingTracingProvider service:string port:uint32 accessToken:string
OpenTelemetryTracingProvider service:string port:uint32 maxTagLength:uint32 http:HttpService grpc:GrpcService
  resourceDetectors:ResourceDetectors serviceAttributeEnrichment:(ISTIO_CANONICAL|OTEL_SEMANTIC_CONVENTIONS)
  dynatraceSampler:DynatraceSampler
HttpService path:string timeout:duration headers:HttpHeader[]
GrpcService timeout:duration initialMetadata:HttpHeader[]
ResourceDetectors environment:EnvironmentResourceDetector dynatrace:DynatraceResourceDetector
EnvironmentResourceDetector
DynatraceResourceDetector
DynatraceSampler tenant:string clusterId:int32 rootSpansPerMinute:uint32 httpService:DynatraceApi
DynatraceApi service:string port:uint32 http:HttpService
PrometheusMetricsProvider
EnvoyFileAccessLogProvider path:string logFormat:EnvoyFileAccessLogProvider.LogFormat omitEmptyValues:bool
EnvoyFileAccessLogProvider.LogFormat text:string labels:object
EnvoyHttpGrpcV3LogProvider service:string port:uint32 logName:string filterStateObjectsToLog:string[]
  additionalRequestHeadersToLog:string[] additionalResponseHeadersToLog:string[]
  additionalResponseTrailersToLog:string[]
EnvoyTcpGrpcV3LogProvider service:string port:uint32 logName:string filterStateObjectsToLog:string[]
EnvoyOpenTelemetryLogProvider service:string port:uint32 logName:string
  logFormat:EnvoyOpenTelemetryLogProvider.LogFormat
EnvoyOpenTelemetryLogProvider.LogFormat text:string labels:object
SDSProvider name:string service:string port:uint32
DefaultProviders tracing:string[] metrics:string[] accessLogging:string[]
ProxyPathNormalization normalization:(DEFAULT|NONE|BASE|MERGE_SLASHES|DECODE_AND_MERGE_SLASHES)
HTTPRetry attempts:int32 perTryTimeout:duration retryOn:string retryRemoteLocalities:bool
  retryIgnorePreviousHosts:bool backoff:duration
TLSConfig minProtocolVersion:(TLS_AUTO|TLSV1_2|TLSV1_3) ecdhCurves:string[] cipherSuites:string[]
DefaultTrafficPolicy connectionPool:ConnectionPoolSettings outlierDetection:OutlierDetection
ConnectionPoolSettings tcp:TCPSettings http:HTTPSettings
TCPSettings maxConnections:int32 connectTimeout:duration tcpKeepalive:TcpKeepalive maxConnectionDuration:duration
  idleTimeout:duration
HTTPSettings http1MaxPendingRequests:int32 http2MaxRequests:int32 maxRequestsPerConnection:int32 maxRetries:int32
  idleTimeout:duration h2UpgradePolicy:(DEFAULT|DO_NOT_UPGRADE|UPGRADE) useClientProtocol:bool
  maxConcurrentStreams:int32 http2KeepAlive:ConnectionKeepalive
ConnectionKeepalive interval:duration timeout:duration
OutlierDetection consecutiveErrors:int32 splitExternalLocalOriginErrors:bool consecutiveLocalOriginFailures:uint32
  consecutiveGatewayErrors:uint32 consecutive5xxErrors:uint32 interval:duration baseEjectionTime:duration
  maxEjectionPercent:int32 minHealthPercent:int32 outlierDetectionHttpErrorCodes:uint32[]
ServiceEntryVisibility defaultVisibility:(VISIBILITY_UNSPECIFIED|NONE|NAMESPACE|PUBLIC) applyToSidecars:bool
  policies:Policy[]
Policy visibility:(VISIBILITY_UNSPECIFIED|NONE|NAMESPACE|PUBLIC) matchingRules:MatchRule[]
MatchRule namespaceSelector:LabelSelector
`;
