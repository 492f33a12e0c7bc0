{{- /* The pod of one part. Takes a dictionary:
       root      the chart's own context
       part      name of the part, and key of its memory and processor time in the values
       args      command of ecg-monitor, a list
       secrets   names of the secrets that it may read
       user      its name at the broker, if it speaks to it
       env       further variables, a dictionary
       files     what else is mounted: a dictionary of folder by claim
       labels    further labels, a dictionary
       ports     ports by name
       probes    text of the probes; without it the part's own `health`
*/ -}}
{{- define "ecg.pod" -}}
{{- $root := .root -}}
{{- $size := index $root.Values .part -}}
metadata:
  labels:
    {{- include "ecg.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .part }}
    {{- with .labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- range $folder, $claim := .files }}
    ecg-monitor/{{ $folder }}: used
    {{- end }}
  annotations:
    # What is read at the start: a change starts the part anew.
    checksum/config: {{ include (print $root.Template.BasePath "/config.yaml") $root | sha256sum }}
spec:
  # The cluster would tell of each Service in variables of its own; those that begin with ECG_ no part would take.
  enableServiceLinks: false
  automountServiceAccountToken: false
  # As with `init` of compose.yaml: no part is the first process, which would have to take the dead ones in.
  shareProcessNamespace: true
  terminationGracePeriodSeconds: 10
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- include "ecg.where" (dict "root" $root "files" .files) | nindent 2 }}
  containers:
    - name: {{ .part }}
      image: {{ include "ecg.image" $root | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: {{ toJson .args }}
      env:
        - {name: REDIS_ADDRESS, value: {{ include "ecg.redis" $root | quote }}}
        {{- with .user }}
        - {name: MQTT_ADDRESS, value: {{ include "ecg.mqtt" $root | quote }}}
        - {name: MQTT_USER, value: {{ . }}}
        {{- end }}
        - {name: ECG_PARTITIONS, value: {{ $root.Values.partitions | quote }}}
        {{- range $name, $value := merge (dict) (.env | default dict) $root.Values.settings }}
        - {name: {{ $name }}, value: {{ $value | quote }}}
        {{- end }}
      {{- with .ports }}
      ports:
        {{- range $name, $port := . }}
        - {name: {{ $name }}, containerPort: {{ $port }}}
        {{- end }}
      {{- end }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      resources:
        requests: {cpu: {{ $size.cpu }}, memory: {{ $size.memory }}}
        limits: {memory: {{ $size.memory }}}
      {{- if .probes }}
      {{- .probes | nindent 6 }}
      {{- else if ne .part "simulate" }}
      # It starts Python, a third of a second of a core, and asks for the part as a whole and for what it needs. So it
      # tells who looks, and nothing is killed by it: a new process would have no Redis either. A part that cannot go
      # on ends by itself.
      readinessProbe:
        exec: {command: [/opt/ecg-monitor/entrypoint.sh, health, {{ .part }}]}
        periodSeconds: 20
        timeoutSeconds: 20
        failureThreshold: 3
      {{- end }}
      volumeMounts:
        - {name: secrets, mountPath: /run/secrets, readOnly: true}
        - {name: config, mountPath: /etc/ecg-monitor, readOnly: true}
        - {name: cache, mountPath: /var/lib/ecg-monitor/cache}
        - {name: tmp, mountPath: /tmp}
        {{- range $folder, $claim := .files }}
        - {name: {{ $folder }}, mountPath: /var/lib/ecg-monitor/{{ $folder }}}
        {{- end }}
  volumes:
    - name: secrets
      {{- include "ecg.secrets" (dict "root" $root "names" .secrets) | nindent 6 }}
    - name: config
      configMap: {name: {{ include "ecg.name" $root }}-config}
    # What was compiled with the image is laid there at the start.
    - name: cache
      emptyDir: {sizeLimit: 1Gi}
    # In memory, as part of the container's.
    - name: tmp
      emptyDir: {medium: Memory, sizeLimit: {{ $size.memory }}}
    {{- range $folder, $claim := .files }}
    - name: {{ $folder }}
      persistentVolumeClaim: {claimName: {{ include "ecg.name" $root }}-{{ $claim }}}
    {{- end }}
{{- end -}}

{{- /* A part sees the secrets that it needs, under the names that compose.yaml gives them. */ -}}
{{- define "ecg.secrets" -}}
secret:
  secretName: {{ include "ecg.secret" .root }}
  defaultMode: 0440
  items:
    {{- range .names }}
    - {key: {{ . }}, path: {{ . }}}
    {{- end }}
{{- end -}}

{{- /* On which node: with those who share a volume that one node alone can have; else apart from one another. */ -}}
{{- define "ecg.where" -}}
{{- $root := .root -}}
{{- with $root.Values.nodeSelector -}}
nodeSelector: {{ toYaml . | nindent 2 }}
{{ end -}}
tolerations:
  {{- range list "not-ready" "unreachable" }}
  - {key: node.kubernetes.io/{{ . }}, operator: Exists, effect: NoExecute, tolerationSeconds: {{ $root.Values.nodeLost }}}
  {{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{ include "ecg.of_release" $root | nindent 8 }}
{{- $shared := list -}}
{{- range $folder, $claim := .files -}}
{{- if eq (index $root.Values $claim).storage.accessMode "ReadWriteOnce" -}}
{{- $shared = append $shared $folder -}}
{{- end -}}
{{- end -}}
{{- with $shared }}
affinity:
  podAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      {{- range . }}
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            {{- include "ecg.of_release" $root | nindent 12 }}
            ecg-monitor/{{ . }}: used
      {{- end }}
{{- end }}
{{- end -}}

{{- /* A Deployment of one part. Takes what "ecg.pod" takes, and
       name      of the object, after that of the release
       count     of pods
       together  whether new ones may run beside old ones
*/ -}}
{{- define "ecg.deployment" -}}
{{- $labels := merge (dict "app.kubernetes.io/component" .part) (.labels | default dict) -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "ecg.name" .root }}-{{ .name }}
  labels:
    {{- include "ecg.labels" .root | nindent 4 }}
    {{- toYaml $labels | nindent 4 }}
spec:
  {{- if not (kindIs "invalid" .count) }}
  replicas: {{ .count }}
  {{- end }}
  strategy: {type: {{ ternary "RollingUpdate" "Recreate" (default false .together) }}}
  selector:
    matchLabels:
      {{- include "ecg.of_release" .root | nindent 6 }}
      {{- toYaml $labels | nindent 6 }}
  template:
    {{- include "ecg.pod" . | nindent 4 }}
{{- end -}}
