{{- /* Names and labels. Objects are called after the release, so that several can share a namespace. */ -}}

{{- define "ecg.name" -}}
{{- $name := ternary .Release.Name (printf "%s-ecg-monitor" .Release.Name) (contains "ecg-monitor" .Release.Name) -}}
{{- $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "ecg.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "ecg.secret" -}}
{{ .Values.secrets.existing | default (printf "%s-secrets" (include "ecg.name" .)) }}
{{- end -}}

{{- define "ecg.mqtt" -}}
{{- if .Values.mqtt.enabled -}}
{{ include "ecg.name" . }}-mqtt:1884
{{- else -}}
{{ required "mqtt.address: host:port of the broker, since mqtt.enabled is false" .Values.mqtt.address }}
{{- end -}}
{{- end -}}

{{- define "ecg.redis" -}}
{{- if .Values.redis.enabled -}}
{{ include "ecg.name" . }}-redis:6379/0
{{- else -}}
{{ required "redis.address: host:port/number of the server, since redis.enabled is false" .Values.redis.address }}
{{- end -}}
{{- end -}}

{{- /* Of all objects of a release; nothing in it may change from one upgrade to the next. */ -}}
{{- define "ecg.of_release" -}}
app.kubernetes.io/name: ecg-monitor
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "ecg.labels" -}}
{{ include "ecg.of_release" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- /* Each partition has one detector by name: two would take it from each other without end, none would let its beds
       go without alarms. */ -}}
{{- define "ecg.check_partitions" -}}
{{- $owned := dict -}}
{{- range $list := .Values.detect.lists -}}
{{- range $part := splitList "," (toString $list) -}}
{{- $ends := splitList "-" $part -}}
{{- range $number := untilStep (first $ends | int) (add1 (last $ends | int) | int) 1 -}}
{{- if hasKey $owned (toString $number) -}}
{{- fail (printf "detect.lists: partition %d is named twice" $number) -}}
{{- end -}}
{{- if ge $number (int $.Values.partitions) -}}
{{- fail (printf "detect.lists: there is no partition %d, there are %d" $number (int $.Values.partitions)) -}}
{{- end -}}
{{- $_ := set $owned (toString $number) true -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if .Values.detect.lists -}}
{{- range $number := until (int .Values.partitions) -}}
{{- if not (hasKey $owned (toString $number)) -}}
{{- fail (printf "detect.lists: no detector has partition %d" $number) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
