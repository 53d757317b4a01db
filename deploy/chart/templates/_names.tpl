{{- define "latchkey.fullname" -}}
{{- .Values.fullnameOverride | default "latchkey" }}
{{- end }}

{{- define "latchkey.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "latchkey.fullname" .) }}
{{- end }}

{{- define "latchkey.labels" -}}
app.kubernetes.io/name: latchkey
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "latchkey.selector" -}}
app.kubernetes.io/name: latchkey
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* What holds for every container, whoever it runs as. */ -}}
{{- define "latchkey.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- with .Values.seLinuxOptions }}
seLinuxOptions:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* The step that prepares the cache directory. Arguments: the root context, the user that takes it, and Latchkey's user. */ -}}
{{- define "latchkey.cacheDirectory" -}}
{{- $user := index . 1 -}}
{{- $owner := index . 2 -}}
{{- with index . 0 -}}
image: {{ include "latchkey.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
command: [/nodejs/bin/node, -e]
args:
  - |
    {{- .Files.Get "files/cache-directory.cjs" | trim | nindent 4 }}
  - {{ .Values.cache.hostPath }}/cache
  - {{ $owner | quote }}
securityContext:
  runAsNonRoot: {{ ne $user 0 }}
  runAsUser: {{ $user }}
  runAsGroup: {{ $user }}
  {{- include "latchkey.containerSecurity" . | nindent 2 }}
resources:
  requests:
    cpu: 50m
    memory: 64Mi
  limits:
    memory: 256Mi
volumeMounts:
  - name: cache
    mountPath: {{ .Values.cache.hostPath }}
{{- end }}
{{- end }}

{{- define "latchkey.image" -}}
{{- include "latchkey.checkImage" .Values.image -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{- /* Refuses an image that no node can pull, since Helm would report success all the same. The forms are those of
       https://pkg.go.dev/github.com/distribution/reference; RFC 2606 reserves the hosts for examples. */ -}}
{{- define "latchkey.checkImage" -}}
{{- $fix := "Build the Dockerfile, push the image to your registry, and set image.repository to the name that it has there, such as ghcr.io/your-name/latchkey" -}}
{{- $part := "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*" -}}
{{- $host := "(?:[a-z0-9.-]+|\\[[0-9a-f:]+\\])(?::[0-9]+)?" -}}
{{- if not .repository }}
{{- fail (printf "image.repository is not set: there is no published image of Latchkey. %s." $fix) }}
{{- else if not (regexMatch (printf "^(?:%s/)?%s(?:/%s)*$" $host $part $part) .repository) }}
{{- fail (printf "image.repository is %q, which is not the name of an image: lower case, without https://, a tag or a digest. %s." .repository $fix) }}
{{- else if regexMatch "^(?:[a-z0-9-]+\\.)*(?:example\\.(?:com|net|org)|[a-z0-9-]+\\.example|[a-z0-9-]+\\.invalid)(?::[0-9]+)?/" .repository }}
{{- fail (printf "image.repository is %q, which is a placeholder that no node can pull. %s." .repository $fix) }}
{{- else if not (regexMatch "^(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$" .tag) }}
{{- fail (printf "image.tag is %q, which is not a tag. Set the one that you pushed, or none for the version of the chart." .tag) }}
{{- end }}
{{- end }}

{{- /* The rules of each feature that is on. Verbs, resources and the features are held together with the program by test/deploy. */ -}}
{{- define "latchkey.clusterRules" -}}
{{- $isAws := has "aws" .Values.providers -}}
{{- $isGcp := has "gcp" .Values.providers -}}
{{- $accounts := .Values.aws.readServiceAccounts -}}
{{- $googleAccounts := .Values.gcp.readServiceAccounts -}}
{{- $nodes := .Values.aws.readNodes -}}
{{- $ofAws := ternary $isAws $accounts (kindIs "invalid" $accounts) -}}
{{- $ofGcp := ternary $isGcp $googleAccounts (kindIs "invalid" $googleAccounts) -}}
{{- if or $ofAws $ofGcp .Values.azure.readServiceAccounts }}
# AWS, Google Cloud and Azure: the role, account or identity in the annotation of the pod's service account.
- apiGroups: [""]
  resources: [serviceaccounts]
  verbs: [get]
{{- end }}
{{- if ternary (and $isAws (not .Values.aws.region)) $nodes (kindIs "invalid" $nodes) }}
# AWS: the region, by the node's label.
- apiGroups: [""]
  resources: [nodes]
  verbs: [get]
{{- end }}
{{- if .Values.tokenRequests }}
# --token-requests: the pods' tokens.
- apiGroups: [""]
  resources: [serviceaccounts/token]
  verbs: [create]
{{- end }}
{{- if .Values.checkPods }}
# --check-pods: whether pods that have leases are there.
- apiGroups: [""]
  resources: [pods]
  verbs: [get]
{{- end }}
{{- if and .Values.sync.enabled (not .Values.sync.perNamespace) }}
{{ include "latchkey.syncRules" . }}
{{- end }}
{{- end }}

{{- define "latchkey.syncRules" -}}
# --sync: Kubernetes Secrets of what mounts make.
- apiGroups: [secrets-store.csi.x-k8s.io]
  resources: [secretproviderclasses]
  verbs: [get]
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, create, patch]
{{- end }}

{{- define "latchkey.namespacedRules" -}}
{{- $names := compact (list .Values.versionKey.vaultSecretName .Values.versionKey.openbaoSecretName) -}}
{{- if $names }}
# The keys of object versions that today's Vault and OpenBao providers keep.
- apiGroups: [""]
  resources: [secrets]
  resourceNames: {{ toJson $names }}
  verbs: [get]
{{- if .Values.versionKey.createSecrets }}
- apiGroups: [""]
  resources: [secrets]
  verbs: [create]
{{- end }}
{{- end }}
{{- end }}

{{- /* In brackets wherever it can be an IPv6 address, which is followed by a port then; they do an IPv4 address no harm. */ -}}
{{- define "latchkey.adminListen" -}}
{{- $address := trimSuffix "]" (trimPrefix "[" .Values.admin.address) -}}
{{- if or (contains ":" $address) (contains "$(" $address) }}[{{ $address }}]{{ else }}{{ $address }}{{ end }}:{{ .Values.admin.port }}
{{- end }}

{{- /* Alerts and graphs name an address of a pod; a node is what can be looked at. */ -}}
{{- define "latchkey.nodeLabel" -}}
relabelings:
  - sourceLabels: [__meta_kubernetes_pod_node_name]
    targetLabel: node
{{- end }}

{{/* "true" if the cache outlives the process, else nothing: it does if there is a key to seal it with, unless a value says otherwise. */}}
{{- define "latchkey.keepsCache" -}}
{{- $hasKey := or .Values.cache.keySecretName (not .Values.versionKey.ephemeral) -}}
{{- if and (eq (toString .Values.cache.persistent) "true") (not $hasKey) -}}
{{- fail "cache.persistent is true, and there is no key to seal the cache with: set cache.keySecretName, or a version key in place of versionKey.ephemeral." -}}
{{- end -}}
{{- if and $hasKey (ne (toString .Values.cache.persistent) "false") }}true{{ end -}}
{{- end -}}
