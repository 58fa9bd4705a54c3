{{/* What stands in an address: hosts and ports, for the network policies. By hand, for urlParse would show a password. */}}

{{/* host:port of an address, several with commas between them. */}}
{{- define "missing-table.hosts-of" -}}
{{ regexReplaceAll "^[^:]+://([^@]*@)?([^/?]*).*$" . "${2}" }}
{{- end }}

{{/* (list address default): its ports, with commas between them. */}}
{{- define "missing-table.ports-of" -}}
{{- $default := index . 1 -}}
{{- $ports := list -}}
{{- range splitList "," (include "missing-table.hosts-of" (index . 0)) -}}
  {{- $ports = append $ports (regexFind ":[0-9]+$" . | trimPrefix ":" | default $default) -}}
{{- end -}}
{{ uniq $ports | join "," }}
{{- end }}

{{/* Those of the database. What an existing Secret says, nobody sees here. */}}
{{- define "missing-table.database-ports" -}}
{{- if .Values.database.cluster.enabled -}}
5432
{{- else if and .Values.database.url (not .Values.secrets.existing) -}}
{{ include "missing-table.ports-of" (list .Values.database.url "5432") }}
{{- else -}}
{{ .Values.database.port }}
{{- end -}}
{{- end }}

{{/* Says yes for an address outside the cluster, as far as it shows: a number, or a name of three parts and more that no
Service has. */}}
{{- define "missing-table.is-outside" -}}
{{- range splitList "," (include "missing-table.hosts-of" .) -}}
  {{- $host := regexReplaceAll ":[0-9]+$" . "" -}}
  {{- if or (hasPrefix "[" $host) (and (regexMatch "[.].*[.]" $host) (not (regexMatch "[.]svc([.]|$)" $host))) -}}yes{{- end -}}
{{- end -}}
{{- end }}

{{/* Whom a policy lets through: these CIDRs, or without any all pods. */}}
{{- define "missing-table.peers" -}}
{{- range . }}
- ipBlock: {cidr: {{ . | quote }}}
{{- else }}
- namespaceSelector: {}
{{- end }}
{{- end }}

{{/* Ports with commas between them, as a policy lists them. */}}
{{- define "missing-table.ports" -}}
{{- range splitList "," . | uniq }}
- {port: {{ . }}, protocol: TCP}
{{- end }}
{{- end }}
