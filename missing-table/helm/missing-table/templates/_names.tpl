{{/* Names, labels and images, the same wherever they are needed. */}}

{{- define "missing-table.labels" -}}
app.kubernetes.io/part-of: missing-table
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* What selects the pods of one component: (list $ "api"). */}}
{{- define "missing-table.selector" -}}
app.kubernetes.io/part-of: missing-table
app.kubernetes.io/instance: {{ (index . 0).Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "missing-table.secret" -}}
{{ .Values.secrets.existing | default (printf "%s-secrets" .Release.Name) }}
{{- end }}

{{- define "missing-table.broker" -}}
{{ printf "%s-rabbitmq" .Release.Name }}
{{- end }}

{{- define "missing-table.database" -}}
{{ printf "%s-database" .Release.Name }}
{{- end }}

{{/* (list $ "missingTable"): by the digest, else the tag; one of them is there, or nothing is rendered. */}}
{{- define "missing-table.image" -}}
{{- $image := index (index . 0).Values.images (index . 1) -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag }}
{{- end -}}
{{- end }}

{{/* (list $ username password): an AMQP address in which each part is percent-encoded. */}}
{{- define "missing-table.amqp" -}}
{{- $broker := (index . 0).Values.rabbitmq -}}
{{- $host := ternary (printf "%s.%s" (include "missing-table.broker" (index . 0)) (index . 0).Release.Namespace) $broker.host $broker.cluster.enabled -}}
{{- $vhost := ternary "/" (replace "+" "%20" (urlquery $broker.vhost)) (eq $broker.vhost "/") -}}
{{ ternary "amqps" "amqp" $broker.tls }}://{{ replace "+" "%20" (urlquery (index . 1)) }}:{{ replace "+" "%20" (urlquery (index . 2)) }}@{{ $host }}:{{ $broker.port }}/{{ $vhost }}
{{- end }}

{{/* A target's name: u14-northeast, or what the values call it. */}}
{{- define "missing-table.target" -}}
{{- if .name -}}
{{ .name }}
{{- else -}}
{{- $parts := concat .ageGroups .divisions -}}
{{- if ne (join "," (.leagues | default (list "Homegrown"))) "Homegrown" -}}{{- $parts = concat $parts .leagues -}}{{- end -}}
{{ regexReplaceAll "[^a-z0-9]+" (join "-" $parts | lower) "-" | trimAll "-" }}
{{- end -}}
{{- end }}

{{/* (list $ name): a target's CronJob and volume. Two releases may share a namespace, so only the one that is called as
the chart goes without its name. */}}
{{- define "missing-table.scraper-name" -}}
{{- $release := (index . 0).Release.Name -}}
{{ ternary "match" $release (eq $release (index . 0).Chart.Name) }}-scraper-{{ index . 1 }}
{{- end }}
