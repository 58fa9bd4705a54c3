{{/* What every pod has in common: nothing of root's, nothing to write to but a small /tmp. */}}

{{- define "missing-table.pod" -}}
automountServiceAccountToken: false
{{- with .Values.serviceAccountName }}
serviceAccountName: {{ . }}
{{- end }}
{{- with .Values.images.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{- define "missing-table.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}

{{- define "missing-table.tmp" -}}
- name: tmp
  emptyDir:
    sizeLimit: 256Mi
{{- end }}

{{/* (list $ name key): a variable from the Secret. */}}
{{- define "missing-table.from-secret" -}}
- name: {{ index . 1 }}
  valueFrom:
    secretKeyRef:
      name: {{ include "missing-table.secret" (index . 0) }}
      key: {{ index . 2 | quote }}
{{- end }}

{{/* Where the database is: the operator's Secret, or ours. */}}
{{- define "missing-table.database-url" -}}
{{- if .Values.database.cluster.enabled -}}
- name: DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ include "missing-table.database" . }}-app
      key: uri
{{- else -}}
{{ include "missing-table.from-secret" (list . "DATABASE_URL" .Values.secrets.keys.database) }}
{{- end -}}
{{- end }}

{{/* (list $ service): traces, where there is a collector. */}}
{{- define "missing-table.tracing" -}}
{{- with (index . 0).Values.tracing.endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- end }}

{{/* What worker and API are told. */}}
{{- define "missing-table.environment" -}}
{{ include "missing-table.from-secret" (list . "RABBITMQ_URL" .Values.secrets.keys.rabbitmqWorker) }}
{{ include "missing-table.database-url" . }}
- name: LOG_LEVEL
  value: {{ .Values.logLevel }}
- name: DEFAULT_LEAGUE
  value: {{ .Values.defaultLeague | quote }}
{{- include "missing-table.tracing" (list .) }}
{{- include "missing-table.ca-env" . }}
{{- include "missing-table.extra-env" . }}
{{- end }}

{{- define "missing-table.extra-env" -}}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Whom to trust, where the broker's certificate is of an authority of one's own: variable, mount and volume. */}}
{{- define "missing-table.ca-env" -}}
{{- if .Values.rabbitmq.caSecret }}
- name: RABBITMQ_CA_FILE
  value: /etc/missing-table/rabbitmq/ca.crt
{{- end }}
{{- end }}

{{- define "missing-table.ca-mount" -}}
{{- if .Values.rabbitmq.caSecret }}
- name: rabbitmq-ca
  mountPath: /etc/missing-table/rabbitmq
  readOnly: true
{{- end }}
{{- end }}

{{- define "missing-table.ca-volume" -}}
{{- with .Values.rabbitmq.caSecret }}
- name: rabbitmq-ca
  secret:
    secretName: {{ . }}
    items: [{key: ca.crt, path: ca.crt}]
{{- end }}
{{- end }}
