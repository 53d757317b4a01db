{{- /* What is still to be said for the dialects that are on, one item each. For the notes. */ -}}
{{- define "latchkey.dialectNeeds" -}}
{{- range $dialect := list "vault" "openbao" }}
{{- if and (has $dialect $.Values.providers) (not (include "latchkey.hasAddress" (list $ $dialect))) }}
- {{ $dialect }}: an address. Set config.{{ $dialect }}Addr to your server's, such as https://{{ $dialect }}.internal:8200, or have each
  SecretProviderClass name {{ $dialect }}Address.
{{- end }}
{{- end }}
{{- if has "aws" .Values.providers }}
- aws: a role for each pod. Annotate its service account with eks.amazonaws.com/role-arn, name roleArn in the SecretProviderClass, or associate
  a role by EKS Pod Identity.
{{- if not .Values.aws.region }}
- aws: a region. Set aws.region, name region in the SecretProviderClass, or have the nodes say it by the label topology.kubernetes.io/region,
  as EKS does.
{{- end }}
{{- end }}
{{- if has "gcp" .Values.providers }}
- gcp: an identity for each pod. Grant roles/secretmanager.secretAccessor to its principal, or annotate its service account with
  iam.gke.io/gcp-service-account. On GKE the cluster's pool is found by itself; elsewhere set config.gcpWorkloadIdentityProvider.
{{- end }}
{{- if has "azure" .Values.providers }}
- azure: an identity for each pod. Federate it with the pod's service account, for the audience above (docs/migrate-azure.md), and name it
  by clientID in the SecretProviderClass.
{{- end }}
{{- if and (has "latchkey" .Values.providers) (not .Values.profiles) }}
{{- if eq (toString .Values.config.inlineStores) "false" }}
- latchkey: profiles. Nothing can be mounted before you name stores in `profiles`, since config.inlineStores is false.
{{- else }}
- latchkey: stores. Name them in `profiles`, which the kind file needs, or have each SecretProviderClass name address and role.
{{- end }}
{{- end }}
{{- end }}

{{- /* Whether the operator names a server for a dialect: by a setting, or by a variable of Latchkey's or of the provider before it. */ -}}
{{- define "latchkey.hasAddress" -}}
{{- $dialect := index . 1 -}}
{{- with index . 0 -}}
{{- $set := or (get .Values.config (printf "%sAddr" $dialect)) (get .Values.config (printf "%sAgentAddr" $dialect)) -}}
{{- $prefix := printf "(?:LATCHKEY_%s|%s)" (upper $dialect) (ternary "VAULT" "(?:BAO|VAULT)" (eq $dialect "vault")) -}}
{{- range .Values.env }}
{{- if regexMatch (printf "^%s_(?:AGENT_)?ADDR$" $prefix) .name }}
{{- $set = true }}
{{- end }}
{{- end }}
{{- if $set }}yes{{ end }}
{{- end }}
{{- end }}
