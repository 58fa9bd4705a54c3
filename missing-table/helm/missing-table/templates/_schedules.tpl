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

{{/* How many hours a schedule leaves between two runs at most; one that leaves out days, a week's. */}}
{{- define "missing-table.longest-gap" -}}
{{- $fields := splitList " " . -}}
{{- if ne (slice $fields 2 | join " ") "* * *" -}}
168
{{- else -}}
  {{- $hours := list -}}
  {{- range $part := splitList "," (index $fields 1) -}}
    {{- $range := splitList "/" $part | first -}}
    {{- $step := regexFind "/.*" $part | trimPrefix "/" | default "1" | atoi -}}
    {{- $first := regexFind "^[0-9]+" $range | default "0" | atoi -}}
    {{- $last := regexFind "-[0-9]+" $range | trimPrefix "-" | default (ternary $range "23" (regexMatch "^[0-9]+$" $part)) | atoi -}}
    {{- $hours = concat $hours (untilStep $first (int (add1 $last)) $step) -}}
  {{- end -}}
  {{- $before := first $hours -}}
  {{- $gap := 0 -}}
  {{- range $hour := until 48 -}}
    {{- if has (int (mod $hour 24)) $hours -}}
      {{- $gap = max $gap (sub $hour $before) -}}
      {{- $before = $hour -}}
    {{- end -}}
  {{- end -}}
{{ $gap }}
{{- end -}}
{{- end }}
