{{/* Schedules, as the controller of CronJobs reads them. */}}

{{/* Says yes for five fields, each a list of *, a number or a range that goes upwards, with or without a step. */}}
{{- define "missing-table.is-schedule" -}}
{{- $limits := list (list 0 59) (list 0 23) (list 1 31) (list 1 12) (list 0 6) -}}
{{- $fields := splitList " " . -}}
{{- $good := eq (len $fields) 5 -}}
{{- if $good -}}
  {{- range $position, $field := $fields -}}
    {{- $limit := index $limits $position -}}
    {{- range $part := splitList "," $field -}}
      {{- if regexMatch "^([*]|[0-9]{1,2}(-[0-9]{1,2})?)(/[1-9][0-9]?)?$" $part -}}
        {{- $before := first $limit -}}
        {{- range regexFindAll "[0-9]+" (splitList "/" $part | first) -1 -}}
          {{- if or (lt (atoi .) $before) (gt (atoi .) (last $limit)) -}}{{- $good = false -}}{{- end -}}
          {{- $before = atoi . -}}
        {{- end -}}
      {{- else -}}
        {{- $good = false -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- if $good -}}yes{{- end -}}
{{- end }}

{{/* The numbers of a field, given as (field, least, greatest), separated by commas. */}}
{{- define "missing-table.numbers" -}}
{{- $least := index . 1 -}}
{{- $greatest := index . 2 -}}
{{- $numbers := list -}}
{{- range $part := splitList "," (first .) -}}
  {{- $range := splitList "/" $part | first -}}
  {{- $step := regexFind "/.*" $part | trimPrefix "/" | default "1" | atoi -}}
  {{- $first := regexFind "^[0-9]+" $range | default (toString $least) | atoi -}}
  {{- $last := regexFind "-[0-9]+" $range | trimPrefix "-" | default (ternary $range (toString $greatest) (regexMatch "^[0-9]+$" $part)) | atoi -}}
  {{- $numbers = concat $numbers (untilStep $first (int (add1 $last)) $step) -}}
{{- end -}}
{{ join "," $numbers }}
{{- end }}

{{/* Says yes for days of the month that no month of the schedule has. A day of the week beside them comes by itself. */}}
{{- define "missing-table.never-comes" -}}
{{- $fields := splitList " " . -}}
{{- if regexMatch "(^|,)[*](/1)?(,|$)" (index $fields 4) -}}
  {{- $lengths := list 31 29 31 30 31 30 31 31 30 31 30 31 -}}
  {{- $never := true -}}
  {{- range $month := include "missing-table.numbers" (list (index $fields 3) 1 12) | splitList "," -}}
    {{- range $day := include "missing-table.numbers" (list (index $fields 2) 1 31) | splitList "," -}}
      {{- if le (atoi $day) (index $lengths (int (sub (atoi $month) 1))) -}}{{- $never = false -}}{{- end -}}
    {{- end -}}
  {{- end -}}
  {{- if $never -}}yes{{- end -}}
{{- end -}}
{{- end }}

{{/* How many hours a schedule leaves between two runs at most; one that leaves out days, a week's. */}}
{{- define "missing-table.longest-gap" -}}
{{- $fields := splitList " " . -}}
{{- if ne (slice $fields 2 | join " ") "* * *" -}}
168
{{- else -}}
  {{- $hours := include "missing-table.numbers" (list (index $fields 1) 0 23) | splitList "," -}}
  {{- $before := first $hours | atoi -}}
  {{- $gap := 0 -}}
  {{- range $hour := until 48 -}}
    {{- if has (mod $hour 24 | toString) $hours -}}
      {{- $gap = max $gap (sub $hour $before) -}}
      {{- $before = $hour -}}
    {{- end -}}
  {{- end -}}
{{ $gap }}
{{- end -}}
{{- end }}
