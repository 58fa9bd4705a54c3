{{/* What the schema cannot say, or not in a sentence: refused before anything is rendered. */}}

{{- define "missing-table.check" -}}
{{- $broker := .Values.rabbitmq -}}
{{- if not (regexMatch "^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$" .Release.Name) -}}
  {{- fail (printf "the release is called %s: what is named after it, services, CronJobs, broker and database, wants at most 24 small letters, digits and hyphens, a letter first" .Release.Name) -}}
{{- end -}}
{{- range $name, $image := omit .Values.images "pullPolicy" "pullSecrets" (ternary "" "matchScraper" .Values.scraper.enabled) -}}
  {{- if not (or $image.tag $image.digest) -}}
    {{- fail (printf "images.%s has neither a tag nor a digest: make push writes both digests into deploy/images.yaml, for --values; or name a version, such as v0.1.0" $name) -}}
  {{- end -}}
  {{- if and (eq $.Values.environment "production") (eq $image.tag "latest") (not $image.digest) -}}
    {{- fail (printf "images.%s.tag is latest, which says nothing about what runs: name a version or a digest, or set environment to development" $name) -}}
  {{- end -}}
{{- end -}}
{{- with .Values.secrets.keys -}}
  {{- if ne (len (uniq (list .rabbitmq .database .apiToken))) 3 -}}
    {{- fail "secrets.keys has one key for two things; only rabbitmq and rabbitmqWorker may be the same" -}}
  {{- end -}}
  {{- if has .rabbitmqWorker (list .database .apiToken) -}}
    {{- fail (printf "secrets.keys.rabbitmqWorker is %s, as another key is; it may be the same as secrets.keys.rabbitmq only" .rabbitmqWorker) -}}
  {{- end -}}
{{- end -}}
{{- if not .Values.secrets.existing -}}
  {{- if not $broker.password -}}
    {{- fail "rabbitmq.password is not set: give it, or name a Secret that has the broker's address in secrets.existing" -}}
  {{- end -}}
  {{- if and $broker.worker.username (ne $broker.worker.username $broker.username) (not $broker.worker.password) -}}
    {{- fail "rabbitmq.worker.password is not set: give it, or leave rabbitmq.worker.username empty to use rabbitmq.username for both" -}}
  {{- end -}}
  {{- if and $broker.worker.password (has $broker.worker.username (list "" $broker.username)) (ne $broker.worker.password $broker.password) -}}
    {{- fail "rabbitmq.worker.password is another than rabbitmq.password, and the user is the same: give rabbitmq.worker.username, or leave rabbitmq.worker.password empty" -}}
  {{- end -}}
  {{- if not (or .Values.database.url .Values.database.cluster.enabled) -}}
    {{- fail "database.url is not set: give it, set database.cluster.enabled, or name a Secret that has it in secrets.existing" -}}
  {{- end -}}
  {{- if and .Values.scraper.enabled (ne .Values.scraper.delivery "queue") (not .Values.secrets.apiToken) -}}
    {{- fail (printf "scraper.delivery is %s, which needs secrets.apiToken: missing-table token create --name match-scraper --scope submit prints one" .Values.scraper.delivery) -}}
  {{- end -}}
{{- else if .Values.rabbitmq.cluster.enabled -}}
  {{- if not (and $broker.password $broker.worker.password) -}}
    {{- fail "rabbitmq.cluster makes its users from rabbitmq.password and rabbitmq.worker.password: give both, also with secrets.existing" -}}
  {{- end -}}
{{- end -}}
{{- if and .Values.rabbitmq.cluster.enabled (or (ne $broker.username "match-scraper") (ne $broker.worker.username "missing-table") (ne $broker.vhost "/")) -}}
  {{- fail "rabbitmq.cluster knows the users of rabbitmq/definitions.json: rabbitmq.username must be match-scraper, rabbitmq.worker.username missing-table, and rabbitmq.vhost /" -}}
{{- end -}}
{{- if and .Values.rabbitmq.cluster.enabled (or $broker.tls (ne (int $broker.port) 5672)) -}}
  {{- fail "rabbitmq.cluster listens on port 5672, without TLS, and within the cluster only: leave rabbitmq.port and rabbitmq.tls as they are" -}}
{{- end -}}
{{- if and $broker.caSecret (not $broker.tls) (not .Values.secrets.existing) -}}
  {{- fail "rabbitmq.caSecret is for TLS: set rabbitmq.tls, and rabbitmq.port, mostly 5671" -}}
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
{{- if .Values.networkPolicy.enabled -}}{{- include "missing-table.check-addresses" . -}}{{- end -}}
{{- if .Values.scraper.enabled -}}{{- include "missing-table.check-targets" . -}}{{- end -}}
{{- end }}

{{/* The policies let pods through, and the numbers that they are told. */}}
{{- define "missing-table.check-addresses" -}}
{{- $policy := .Values.networkPolicy -}}
{{- $refusal := "%s is at %s, outside the cluster, where the network policies let nobody go: put its address into networkPolicy.%s (or write a Service's name as name.namespace.svc)" -}}
{{- if and (not .Values.secrets.existing) (not $policy.databaseCIDRs) (include "missing-table.is-outside" .Values.database.url) -}}
  {{- fail (printf $refusal "database.url" (include "missing-table.hosts-of" .Values.database.url) "databaseCIDRs, such as [10.20.0.0/24]") -}}
{{- end -}}
{{- if and (not .Values.secrets.existing) (not .Values.rabbitmq.cluster.enabled) (not $policy.brokerCIDRs) (include "missing-table.is-outside" .Values.rabbitmq.host) -}}
  {{- fail (printf $refusal "rabbitmq.host" .Values.rabbitmq.host "brokerCIDRs, such as [10.20.0.0/24]") -}}
{{- end -}}
{{- range $name, $address := dict "monitoring.pushgatewayUrl" .Values.monitoring.pushgatewayUrl "tracing.endpoint" .Values.tracing.endpoint -}}
  {{- if and (not $policy.extraEgress) (include "missing-table.is-outside" $address) -}}
    {{- fail (printf $refusal $name (include "missing-table.hosts-of" $address) "extraEgress") -}}
  {{- end -}}
{{- end -}}
{{- end }}

{{- define "missing-table.check-targets" -}}
{{- /* Of the other leagues nobody knows the divisions but the source, and of other seasons than this one neither; a run
that is asked for one that is not there ends with exit code 2, and an alert. */ -}}
{{- $season := "2026-27" -}}
{{- $divisions := list "Northeast" "Florida" "Mid-Atlantic" "Southeast" "Southwest" "Northwest" "Mid-America" "Frontier" -}}
{{- $division := printf "(?i)^(all|(%s)( \\(Pro Player Pathway\\))?)$" (join "|" $divisions) -}}
{{- $longest := sub 43 (len (include "missing-table.scraper-name" (list . ""))) -}}
{{- $taken := dict -}}
{{- range $number, $target := .Values.scraper.targets -}}
  {{- $where := printf "scraper.targets[%d]" $number -}}
  {{- $leagues := join "," (uniq ($target.leagues | default (list "Homegrown"))) -}}
  {{- with $target.season -}}
    {{- $year := regexFind "^[0-9]+" . | atoi -}}
    {{- if ne . (printf "%d-%02d" $year (mod (add1 $year) 100)) -}}
      {{- fail (printf "%s.season %s is no season: its second year is the one after the first, such as 2026-27" $where .) -}}
    {{- end -}}
  {{- end -}}
  {{- if eq $leagues "Flex" -}}
    {{- range $target.ageGroups -}}
      {{- if has . (list "U13" "U14") -}}
        {{- fail (printf "%s: Flex has no %s: it is played from U15 on" $where .) -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
  {{- if and (eq ($target.season | default $season) $season) (eq $leagues "Homegrown") -}}
    {{- range $target.divisions -}}
      {{- if not (regexMatch $division .) -}}
        {{- fail (printf "%s: there is no Homegrown division %s; there are %s, each also with (Pro Player Pathway), and all; for those of another season name the season" $where . (join ", " $divisions)) -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
  {{- $name := include "missing-table.target" $target -}}
  {{- if or (gt (len $name) (int $longest)) (not (regexMatch "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" $name)) -}}
    {{- fail (printf "%s would be called %s: give it a name of at most %d small letters, digits and hyphens" $where $name (int $longest)) -}}
  {{- end -}}
  {{- range (list $name (printf "%s-matchday" $name)) -}}
    {{- if hasKey $taken . -}}
      {{- fail (printf "%s is called %s, as another target is, or its match days: give one of them another name" $where .) -}}
    {{- end -}}
    {{- $_ := set $taken . true -}}
  {{- end -}}
  {{- with $target.schedule -}}
    {{- if not (include "missing-table.is-schedule" .) -}}
      {{- fail (printf "%s.schedule %q is not a schedule: five fields, such as 0 */6 * * * (minute, hour, day, month, day of the week, which is 0 to 6); a range goes upwards" $where .) -}}
    {{- end -}}
    {{- if include "missing-table.never-comes" . -}}
      {{- fail (printf "%s.schedule %q never comes: none of its months has such a day" $where .) -}}
    {{- end -}}
    {{- $gap := include "missing-table.longest-gap" . | int -}}
    {{- if and $.Values.monitoring.rules (gt $gap 6) -}}
      {{- fail (printf "%s.schedule %q leaves %d hours between two runs; with monitoring.rules at most 6, for after 8 without a success there is an alert" $where . $gap) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- with .Values.scraper.matchDays -}}
  {{- $schedule := printf "0 %s/%d * * %s" .hours (int .everyHours) .daysOfWeek -}}
  {{- if and .enabled (not (and (regexMatch "^([*]|[0-9]+-[0-9]+)$" .hours) (include "missing-table.is-schedule" $schedule))) -}}
    {{- fail (printf "scraper.matchDays: hours %q and daysOfWeek %q make no schedule; such as 12-23 and 6,0: a range goes upwards, and Sunday is 0" .hours .daysOfWeek) -}}
  {{- end -}}
{{- end -}}
{{- if ge (int .Values.scraper.deadlineSeconds) (mul 3600 (int .Values.scraper.everyHours)) -}}
  {{- fail (printf "scraper.deadlineSeconds %d is not less than the %d hours between two runs: a run that hangs would keep the next from starting" (int .Values.scraper.deadlineSeconds) (int .Values.scraper.everyHours)) -}}
{{- end -}}
{{- end }}
