{{/* What the schema cannot say, or not in a sentence: refused before anything is rendered. */}}

{{- define "missing-table.check" -}}
{{- $broker := .Values.rabbitmq -}}
{{- range $name, $image := omit .Values.images "pullPolicy" "pullSecrets" -}}
  {{- if and (eq $.Values.environment "production") (eq $image.tag "latest") (not $image.digest) -}}
    {{- fail (printf "images.%s.tag is latest, which says nothing about what runs in production: name a version or a digest" $name) -}}
  {{- end -}}
{{- end -}}
{{- if not .Values.secrets.existing -}}
  {{- if not $broker.password -}}
    {{- fail "rabbitmq.password is not set: give it, or name a Secret that has the broker's address in secrets.existing" -}}
  {{- end -}}
  {{- if and $broker.worker.username (ne $broker.worker.username $broker.username) (not $broker.worker.password) -}}
    {{- fail "rabbitmq.worker.password is not set: give it, or leave rabbitmq.worker.username empty to use rabbitmq.username for both" -}}
  {{- end -}}
  {{- if not (or .Values.database.url .Values.database.cluster.enabled) -}}
    {{- fail "database.url is not set: give it, set database.cluster.enabled, or name a Secret that has it in secrets.existing" -}}
  {{- end -}}
  {{- if and .Values.scraper.enabled (ne .Values.scraper.delivery "queue") (not .Values.secrets.apiToken) -}}
    {{- fail (printf "scraper.delivery is %s, which needs secrets.apiToken: missing-table token create prints one" .Values.scraper.delivery) -}}
  {{- end -}}
{{- else if .Values.rabbitmq.cluster.enabled -}}
  {{- if not (and $broker.password $broker.worker.password) -}}
    {{- fail "rabbitmq.cluster makes its users from rabbitmq.password and rabbitmq.worker.password: give both, also with secrets.existing" -}}
  {{- end -}}
{{- end -}}
{{- if and .Values.rabbitmq.cluster.enabled (or (ne $broker.username "match-scraper") (ne $broker.worker.username "missing-table") (ne $broker.vhost "/")) -}}
  {{- fail "rabbitmq.cluster knows the users of rabbitmq/definitions.json: rabbitmq.username must be match-scraper, rabbitmq.worker.username missing-table, and rabbitmq.vhost /" -}}
{{- end -}}
{{- if and .Values.database.url .Values.database.cluster.enabled -}}
  {{- fail "database.url and database.cluster.enabled are both set: which one?" -}}
{{- end -}}
{{- if and .Values.worker.autoscaling.enabled (gt (int .Values.worker.autoscaling.min) (int .Values.worker.autoscaling.max)) -}}
  {{- fail "worker.autoscaling.min is more than worker.autoscaling.max" -}}
{{- end -}}
{{- if and .Values.api.ingress.enabled (not .Values.api.ingress.host) -}}
  {{- fail "api.ingress.host is not set: which name do people type?" -}}
{{- end -}}
{{- if and .Values.networkPolicy.broker.namespace (not .Values.networkPolicy.broker.labels) -}}
  {{- fail "networkPolicy.broker.labels is not set: which pods in that namespace are the broker's?" -}}
{{- end -}}
{{- if .Values.scraper.enabled -}}{{- include "missing-table.check-targets" . -}}{{- end -}}
{{- end }}

{{- define "missing-table.check-targets" -}}
{{- $divisions := list "Northeast" "Florida" "Mid-Atlantic" "Southeast" "Southwest" "Northwest" "Mid-America" "Frontier" "all" -}}
{{- $taken := dict -}}
{{- range $number, $target := .Values.scraper.targets -}}
  {{- $where := printf "scraper.targets[%d]" $number -}}
  {{- if eq (join "," ($target.leagues | default (list "Homegrown"))) "Homegrown" -}}
    {{- range $target.divisions -}}
      {{- if not (has . $divisions) -}}
        {{- fail (printf "%s: there is no Homegrown division %s; there are %s" $where . (join ", " $divisions)) -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
  {{- $name := include "missing-table.target" $target -}}
  {{- if hasKey $taken $name -}}
    {{- fail (printf "%s is called %s, as another target is: give one of them a name" $where $name) -}}
  {{- end -}}
  {{- if or (gt (len $name) 28) (not (regexMatch "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" $name)) -}}
    {{- fail (printf "%s would be called %s: give it a name of at most 28 small letters, digits and hyphens" $where $name) -}}
  {{- end -}}
  {{- $_ := set $taken $name true -}}
  {{- with $target.schedule -}}
    {{- if not (include "missing-table.is-schedule" .) -}}
      {{- fail (printf "%s.schedule %q is not a schedule: five fields, such as 0 */6 * * * (minute, hour, day, month, day of the week)" $where .) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- with .Values.scraper.matchDays -}}
  {{- if and .enabled (not (include "missing-table.is-schedule" (printf "0 %s/%d * * %s" .hours (int .everyHours) .daysOfWeek))) -}}
    {{- fail (printf "scraper.matchDays: hours %q and daysOfWeek %q make no schedule; such as 12-23 and 6,0" .hours .daysOfWeek) -}}
  {{- end -}}
{{- end -}}
{{- if ge (int .Values.scraper.deadlineSeconds) (mul 3600 (int .Values.scraper.everyHours)) -}}
  {{- fail (printf "scraper.deadlineSeconds %d is not less than the %d hours between two runs: a run that hangs would keep the next from starting" (int .Values.scraper.deadlineSeconds) (int .Values.scraper.everyHours)) -}}
{{- end -}}
{{- end }}

{{/* Says yes for five fields, each a list of *, a number or a range of numbers, with or without a step. */}}
{{- define "missing-table.is-schedule" -}}
{{- $ranges := list "([0-5]?[0-9])" "([01]?[0-9]|2[0-3])" "([1-9]|[12][0-9]|3[01])" "([1-9]|1[0-2])" "([0-7])" -}}
{{- $fields := splitList " " . -}}
{{- if eq (len $fields) 5 -}}
  {{- $good := true -}}
  {{- range $position, $field := $fields -}}
    {{- $number := index $ranges $position -}}
    {{- $part := printf "(\\*|%s(-%s)?)(/[1-9][0-9]?)?" $number $number -}}
    {{- if not (regexMatch (printf "^%s(,%s)*$" $part $part) $field) -}}{{- $good = false -}}{{- end -}}
  {{- end -}}
  {{- if $good -}}yes{{- end -}}
{{- end -}}
{{- end }}
