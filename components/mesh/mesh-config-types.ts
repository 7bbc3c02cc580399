/**
 * Types of istiod's mesh configuration, a message with its fields on each line that is not indented: `[]` is a list, `{}`
 * a map by name, `(A|B)` one of these names, `object` a message that is not checked further.
 * https://github.com/istio/api/blob/release-1.31/mesh/v1alpha1/config.proto
 */
export const meshConfigTypes = `
MeshConfig proxyListenPort:int proxyInboundListenPort:int proxyHttpPort:int connectTimeout:duration
  hboneIdleTimeout:duration protocolDetectionTimeout:duration tcpKeepalive:object ingressClass:string
  ingressService:string ingressControllerMode:(UNSPECIFIED|OFF|DEFAULT|STRICT) ingressSelector:string
  enableTracing:bool accessLogFile:string accessLogFormat:string accessLogEncoding:(TEXT|JSON)
  enableEnvoyAccessLogService:bool disableEnvoyListenerLog:bool defaultConfig:ProxyConfig
  outboundTrafficPolicy:OutboundTrafficPolicy inboundTrafficPolicy:InboundTrafficPolicy
  configSources:ConfigSource[] enableAutoMtls:bool trustDomain:string trustDomainAliases:string[]
  caCertificates:CertificateData[] defaultServiceExportTo:string[] defaultVirtualServiceExportTo:string[]
  defaultDestinationRuleExportTo:string[] rootNamespace:string localityLbSetting:object
  zoneAwareLbSetting:object dnsRefreshRate:duration h2UpgradePolicy:(DO_NOT_UPGRADE|UPGRADE)
  inboundClusterStatName:string outboundClusterStatName:string certificates:Certificate[]
  serviceSettings:ServiceSettings[] serviceScopeConfigs:ServiceScopeConfigs[] enablePrometheusMerge:bool
  verifyCertificateAtClient:bool ca:CA extensionProviders:ExtensionProvider[] defaultProviders:DefaultProviders
  discoverySelectors:LabelSelector[] pathNormalization:ProxyPathNormalization defaultHttpRetryPolicy:object
  meshMTLS:TLSConfig tlsDefaults:TLSConfig defaultTrafficPolicy:DefaultTrafficPolicy
  serviceEntryVisibility:ServiceEntryVisibility
ProxyConfig configPath:string binaryPath:string serviceCluster:string
  tracingServiceName:(APP_LABEL_AND_NAMESPACE|CANONICAL_NAME_ONLY|CANONICAL_NAME_AND_NAMESPACE)
  drainDuration:duration discoveryAddress:string discoveryRefreshDelay:duration zipkinAddress:string
  statsdUdpAddress:string envoyMetricsServiceAddress:string proxyAdminPort:int availabilityZone:string
  controlPlaneAuthPolicy:(NONE|MUTUAL_TLS|INHERIT) customConfigFile:string statNameLength:int concurrency:int
  proxyBootstrapTemplatePath:string interceptionMode:(REDIRECT|TPROXY|NONE) tracing:Tracing sds:SDS
  envoyAccessLogService:RemoteService envoyMetricsService:RemoteService proxyMetadata:string{}
  runtimeValues:string{} statusPort:int extraStatTags:string[] gatewayTopology:Topology
  terminationDrainDuration:duration meshId:string readinessProbe:object proxyStatsMatcher:ProxyStatsMatcher
  holdApplicationUntilProxyStarts:bool caCertificatesPem:string[] image:object
  privateKeyProvider:PrivateKeyProvider proxyHeaders:ProxyHeaders fileFlushInterval:duration
  fileFlushMinSizeKb:int statsCompression:bool connectionSettings:ConnectionSettings
Tracing zipkin:Zipkin lightstep:Lightstep datadog:Datadog stackdriver:Stackdriver
  openCensusAgent:OpenCensusAgent customTags:CustomTag{} maxPathTagLength:int sampling:float tlsSettings:object
  enableIstioTags:bool
Zipkin address:string
Lightstep address:string accessToken:string
Datadog address:string
Stackdriver debug:bool maxNumberOfAttributes:int maxNumberOfAnnotations:int maxNumberOfMessageEvents:int
OpenCensusAgent address:string context:(UNSPECIFIED|W3C_TRACE_CONTEXT|GRPC_BIN|CLOUD_TRACE_CONTEXT|B3)[]
CustomTag literal:Literal environment:Environment header:RequestHeader
Literal value:string
Environment name:string defaultValue:string
RequestHeader name:string defaultValue:string
SDS enabled:bool k8sSaJwtPath:string
RemoteService address:string tlsSettings:object tcpKeepalive:object
Topology numTrustedProxies:int
  forwardClientCertDetails:(UNDEFINED|SANITIZE|FORWARD_ONLY|APPEND_FORWARD|SANITIZE_SET|ALWAYS_FORWARD_ONLY)
  proxyProtocol:ProxyProtocolConfiguration
ProxyProtocolConfiguration
ProxyStatsMatcher inclusionPrefixes:string[] inclusionSuffixes:string[] inclusionRegexps:string[]
PrivateKeyProvider cryptomb:CryptoMb qat:QAT
CryptoMb pollDelay:duration fallback:bool
QAT pollDelay:duration fallback:bool
ProxyHeaders
  forwardedClientCert:(UNDEFINED|SANITIZE|FORWARD_ONLY|APPEND_FORWARD|SANITIZE_SET|ALWAYS_FORWARD_ONLY)
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
ConnectionSettings profile:(SIDECAR|EDGE) listenerPerConnectionBufferLimitBytes:int
  clusterPerConnectionBufferLimitBytes:int httpIdleTimeout:duration httpMaxConnectionDuration:duration
  httpDrainTimeout:duration httpRequestTimeout:duration httpRequestHeadersTimeout:duration
  httpStreamIdleTimeout:duration httpMaxStreamDuration:duration httpMaxConcurrentStreams:int
  http2InitialStreamWindowSize:int http2InitialConnectionWindowSize:int
  httpHeadersWithUnderscoresAction:(HEADERS_WITH_UNDERSCORES_UNSPECIFIED|HEADERS_WITH_UNDERSCORES_ALLOW|HEADERS_WITH_UNDERSCORES_REJECT_REQUEST|HEADERS_WITH_UNDERSCORES_DROP_HEADER)
  httpMergeSlashes:bool
  httpPathWithEscapedSlashesAction:(PATH_WITH_ESCAPED_SLASHES_UNSPECIFIED|KEEP_UNCHANGED|REJECT_REQUEST|UNESCAPE_AND_REDIRECT|UNESCAPE_AND_FORWARD)
  listenerConnectionLimit:int globalDownstreamConnectionLimit:int
OutboundTrafficPolicy mode:(REGISTRY_ONLY|ALLOW_ANY|ALLOW_ANY_DYNAMIC_DNS) tls:object
InboundTrafficPolicy mode:(PASSTHROUGH|LOCALHOST)
ConfigSource address:string tlsSettings:object subscribedResources:(SERVICE_REGISTRY)[]
CertificateData pem:string spiffeBundleUrl:string certSigners:string[] trustDomains:string[]
Certificate secretName:string dnsNames:string[]
ServiceSettings settings:Settings hosts:string[]
Settings clusterLocal:bool
ServiceScopeConfigs namespaceSelector:LabelSelector servicesSelector:LabelSelector scope:(LOCAL|GLOBAL)
LabelSelector matchLabels:string{} matchExpressions:LabelSelectorRequirement[]
LabelSelectorRequirement key:string operator:string values:string[]
CA address:string tlsSettings:object requestTimeout:duration istiodSide:bool
ExtensionProvider name:string envoyExtAuthzHttp:EnvoyExternalAuthorizationHttpProvider
  envoyExtAuthzGrpc:EnvoyExternalAuthorizationGrpcProvider zipkin:ZipkinTracingProvider
  lightstep:LightstepTracingProvider datadog:DatadogTracingProvider stackdriver:StackdriverProvider
  opencensus:OpenCensusAgentTracingProvider skywalking:SkyWalkingTracingProvider
  opentelemetry:OpenTelemetryTracingProvider prometheus:PrometheusMetricsProvider
  envoyFileAccessLog:EnvoyFileAccessLogProvider envoyHttpAls:EnvoyHttpGrpcV3LogProvider
  envoyTcpAls:EnvoyTcpGrpcV3LogProvider envoyOtelAls:EnvoyOpenTelemetryLogProvider sds:SDSProvider
EnvoyExternalAuthorizationHttpProvider service:string port:int timeout:duration pathPrefix:string failOpen:bool
  clearRouteCache:bool statusOnError:string includeHeadersInCheck:string[] includeRequestHeadersInCheck:string[]
  includeAdditionalHeadersInCheck:string{} includeRequestBodyInCheck:EnvoyExternalAuthorizationRequestBody
  headersToUpstreamOnAllow:string[] headersToDownstreamOnDeny:string[] headersToDownstreamOnAllow:string[]
EnvoyExternalAuthorizationRequestBody maxRequestBytes:int allowPartialMessage:bool packAsBytes:bool
EnvoyExternalAuthorizationGrpcProvider service:string port:int timeout:duration failOpen:bool
  clearRouteCache:bool statusOnError:string includeRequestBodyInCheck:EnvoyExternalAuthorizationRequestBody
ZipkinTracingProvider service:string port:int maxTagLength:int enable64bitTraceId:bool path:string
  traceContextOption:(USE_B3|USE_B3_WITH_W3C_PROPAGATION) timeout:duration headers:HttpHeader[]
HttpHeader name:string value:string envName:string
LightstepTracingProvider service:string port:int accessToken:string maxTagLength:int
DatadogTracingProvider service:string port:int maxTagLength:int
StackdriverProvider debug:bool maxNumberOfAttributes:int maxNumberOfAnnotations:int maxNumberOfMessageEvents:int
  maxTagLength:int logging:Logging
Logging labels:string{}
OpenCensusAgentTracingProvider service:string port:int
  context:(UNSPECIFIED|W3C_TRACE_CONTEXT|GRPC_BIN|CLOUD_TRACE_CONTEXT|B3)[] maxTagLength:int
SkyWalkingTracingProvider service:string port:int accessToken:string
OpenTelemetryTracingProvider service:string port:int maxTagLength:int http:HttpService grpc:GrpcService
  resourceDetectors:ResourceDetectors serviceAttributeEnrichment:(ISTIO_CANONICAL|OTEL_SEMANTIC_CONVENTIONS)
  dynatraceSampler:DynatraceSampler
HttpService path:string timeout:duration headers:HttpHeader[]
GrpcService timeout:duration initialMetadata:HttpHeader[]
ResourceDetectors environment:EnvironmentResourceDetector dynatrace:DynatraceResourceDetector
EnvironmentResourceDetector
DynatraceResourceDetector
DynatraceSampler tenant:string clusterId:int rootSpansPerMinute:int httpService:DynatraceApi
DynatraceApi service:string port:int http:HttpService
PrometheusMetricsProvider
EnvoyFileAccessLogProvider path:string logFormat:LogFormat omitEmptyValues:bool
LogFormat text:string labels:object
EnvoyHttpGrpcV3LogProvider service:string port:int logName:string filterStateObjectsToLog:string[]
  additionalRequestHeadersToLog:string[] additionalResponseHeadersToLog:string[]
  additionalResponseTrailersToLog:string[]
EnvoyTcpGrpcV3LogProvider service:string port:int logName:string filterStateObjectsToLog:string[]
EnvoyOpenTelemetryLogProvider service:string port:int logName:string logFormat:LogFormat
SDSProvider name:string service:string port:int
DefaultProviders tracing:string[] metrics:string[] accessLogging:string[]
ProxyPathNormalization normalization:(DEFAULT|NONE|BASE|MERGE_SLASHES|DECODE_AND_MERGE_SLASHES)
TLSConfig minProtocolVersion:(TLS_AUTO|TLSV1_2|TLSV1_3) ecdhCurves:string[] cipherSuites:string[]
DefaultTrafficPolicy connectionPool:object outlierDetection:object
ServiceEntryVisibility defaultVisibility:(VISIBILITY_UNSPECIFIED|NONE|NAMESPACE|PUBLIC) applyToSidecars:bool
  policies:Policy[]
Policy visibility:(VISIBILITY_UNSPECIFIED|NONE|NAMESPACE|PUBLIC) matchingRules:MatchRule[]
MatchRule namespaceSelector:LabelSelector
`;
