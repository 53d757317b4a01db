{{- define "latchkey.labels" -}}
app.kubernetes.io/name: latchkey
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "latchkey.selector" -}}
app.kubernetes.io/name: latchkey
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "latchkey.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{- /* The rules of each feature that is on. Verbs, resources and the features are held together with the program by test/deploy. */ -}}
{{- define "latchkey.clusterRules" -}}
{{- $isAws := has "aws" .Values.providers -}}
{{- $accounts := .Values.aws.readServiceAccounts -}}
{{- $nodes := .Values.aws.readNodes -}}
{{- if ternary $isAws $accounts (kindIs "invalid" $accounts) }}
# AWS: the role in the annotation of the pod's service account.
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
