#!/usr/bin/env bash
# Goes through the checklist of an installation on a cluster, and says of each line whether it passed or failed.
#
#   deploy/verify.sh [--namespace NAME] [--release NAME] [--cronjob NAME] [--age-group U14] [--division Northeast]
#                    [--timeout SECONDS] [--keep]
#
# It starts one scrape that sends everything anew, from the CronJob, and follows its messages into the database; what it
# sends is there already, so nothing is changed. The job is deleted at the end, unless --keep is given. What it needs:
# kubectl with a context that points to the cluster. Exit code 0 if all passed, 1 if something failed, 2 for usage.
set -uo pipefail

namespace=missing-table-dev
release=missing-table
cronjob=match-scraper
age_group=U14
division=Northeast
timeout=600
keep=no

usage() {
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

while (($#)); do
    case $1 in
        --keep) keep=yes; shift; continue ;;
        --namespace | --release | --cronjob | --age-group | --division | --timeout) (($# > 1)) || usage ;;
        *) usage ;;
    esac
    case $1 in
        --namespace) namespace=$2 ;;
        --release) release=$2 ;;
        --cronjob) cronjob=$2 ;;
        --age-group) age_group=$2 ;;
        --division) division=$2 ;;
        --timeout) timeout=$2 ;;
    esac
    shift 2
done
[[ $timeout =~ ^[1-9][0-9]*$ ]] || usage
command -v kubectl > /dev/null || { echo "verify: kubectl is not on the PATH" >&2; exit 2; }

# A job's name has at most 63 characters.
job=${cronjob:0:45}-verify-$(date -u +%H%M%S)
failures=0
started=no

k() {
    kubectl --namespace "$namespace" "$@"
}

passed() {
    echo "passed  $1: $2"
}

failed() {
    echo "FAILED  $1: $2"
    failures=$((failures + 1))
}

# The last line of what a command said, for the reason.
last_line() {
    sed -e '/^[[:space:]]*$/d' <<< "$1" | tail -n 1
}

cleanup() {
    if [[ $started == yes && $keep == no ]]; then
        k delete job "$job" --wait=false > /dev/null 2>&1
    fi
}
trap cleanup EXIT

# How many messages were processed at or after this moment, which is the last column.
processed_since() {
    k exec "deployment/$release-worker" -- missing-table outcomes --format csv 2> /dev/null \
        | tr -d '\r' | awk -F, -v since="$1" 'NR > 1 && $NF >= since' | wc -l | tr -d ' '
}

check_cronjob() {
    local line="the CronJob exists" found
    if ! found=$(k get cronjob "$cronjob" --output 'jsonpath={.spec.schedule}{"|"}{.spec.suspend}' 2>&1); then
        failed "$line" "$(last_line "$found")"
        return 1
    fi
    if [[ ${found#*|} == true ]]; then
        failed "$line" "$cronjob is suspended"
        return 1
    fi
    passed "$line" "$cronjob, schedule ${found%|*}"
}

check_job_runs() {
    local line="a manual job runs" said deadline state
    # --full, for otherwise a run that finds nothing new sends nothing that could be followed.
    if ! said=$(
        k create job "$job" "--from=cronjob/$cronjob" --dry-run=client --output yaml \
            | kubectl patch --local --filename - --type json --output yaml \
                --patch '[{"op": "add", "path": "/spec/template/spec/containers/0/args/-", "value": "--full"}]' \
            | k create --filename - 2>&1
    ); then
        failed "$line" "$(last_line "$said")"
        return 1
    fi
    started=yes
    deadline=$((SECONDS + timeout))
    while ((SECONDS < deadline)); do
        state=$(k get job "$job" --output 'jsonpath={range .status.conditions[?(@.status=="True")]}{.type}{" "}{end}' 2>&1)
        case " $state " in
            *" Complete "*)
                # By the cluster's clock, as the moments of the outcomes.
                since=$(k get job "$job" --output 'jsonpath={.status.startTime}' 2> /dev/null)
                passed "$line" "$job"
                return 0
                ;;
            *" Failed "*)
                said=$(k get pods --selector "job-name=$job" --output \
                    'jsonpath={.items[-1:].status.containerStatuses[0].state.terminated.exitCode}' 2> /dev/null)
                failed "$line" "$job failed, exit code ${said:-unknown} (match-scraper/README.md says what it means)"
                return 1
                ;;
        esac
        sleep 2
    done
    failed "$line" "$job did not end within $timeout seconds: $(k get pods --selector "job-name=$job" --no-headers 2>&1 | tail -n 1)"
    return 1
}

check_image() {
    local line="the image was built for this platform, and pulled from the registry" found
    found=$(k get pods --selector "job-name=$job" --output 'jsonpath={.items[-1:].status.containerStatuses[0].imageID}' 2>&1)
    if [[ $found == *@sha256:* ]]; then
        passed "$line" "$found"
    else
        failed "$line" "$(last_line "${found:-the pod is not there}")"
    fi
}

check_logs() {
    local line="logs can be read" worker
    if ! log=$(k logs "job/$job" 2>&1) || [[ -z $log ]]; then
        failed "$line" "job/$job: $(last_line "${log:-its log is empty}")"
        log=
        return 1
    fi
    if ! worker=$(k logs "deployment/$release-worker" --tail 1 2>&1); then
        failed "$line" "deployment/$release-worker: $(last_line "$worker")"
        return 1
    fi
    passed "$line" "$(wc -l <<< "$log" | tr -d ' ') lines of the job, and the worker's"
}

check_broker() {
    local line="messages reach RabbitMQ"
    # Of the summary's two lines, one is of the matches and one, if there are any, of the official tables.
    confirmed=$(sed -nE 's/^(seen|brackets: mapped) [0-9].*, confirmed ([0-9]+),.*/\2/p' <<< "$log" \
        | awk '{sum += $1} END {print sum + 0}')
    if ((confirmed > 0)); then
        passed "$line" "the broker confirmed $confirmed"
    else
        failed "$line" "the job's log has no confirmed message"
    fi
}

check_workers() {
    local line="workers process them" deadline count=0
    deadline=$((SECONDS + timeout))
    while ((SECONDS < deadline)); do
        count=$(processed_since "$since")
        if ((count >= confirmed)); then
            passed "$line" "$count since $since"
            return 0
        fi
        sleep 2
    done
    failed "$line" "$count of $confirmed within $timeout seconds"
    return 1
}

check_rows() {
    local line="rows are in the database" found rows
    if ! found=$(k exec "deployment/$release-api" -- missing-table table \
        --age-group "$age_group" --division "$division" --format csv 2>&1); then
        failed "$line" "$(last_line "$found")"
        return 1
    fi
    rows=$(($(wc -l <<< "$found") - 1))
    if ((rows > 0)); then
        passed "$line" "$rows teams in the table of $age_group $division"
    else
        failed "$line" "the table of $age_group $division is empty"
    fi
}

log=
confirmed=0
since=

check_cronjob && check_job_runs
if [[ $started == yes ]]; then
    check_image
    check_logs
    check_broker
    if ((confirmed > 0)) && [[ -n $since ]]; then
        check_workers
    else
        failed "workers process them" "there was nothing to process"
    fi
else
    for line in "logs can be read" "messages reach RabbitMQ" "workers process them"; do
        failed "$line" "no job was started"
    done
fi
check_rows

if ((failures)); then
    echo "$failures failed"
    exit 1
fi
echo "all passed"
