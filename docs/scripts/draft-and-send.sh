#!/usr/bin/env bash
# Drafts a request and sends its cohort files with curl alone. A person signs in the browser in between.
#
#   SITE=https://... TOKEN=wrt_... docs/scripts/draft-and-send.sh draft FOLDER
#   SITE=https://... TOKEN=wrt_... docs/scripts/draft-and-send.sh send NUMBER COHORT QUARTER FILE
#
# draft: FOLDER holds a JSON file for each section of the form (package.json, project.json, ...: its answers as
#        `GET .../form/SECTION` shows them). Prints the number of the draft, and what is still missing.
# send:  one file for one named cohort and quarter (YYYYQ), in parts; waits until the check has said something.
# Needs: bash, curl, jq, openssl. The token needs the scopes draft and upload (page "My API tokens").
set -euo pipefail

: "${SITE:?the address of the site}" "${TOKEN:?a token of yours}"
api=${SITE%/}/api/v1

# call METHOD PATH [curl arguments]: prints the answer; on a refusal prints every reason and ends.
call() {
    local method=$1 path=$2 answer status
    shift 2
    answer=$(curl --silent --show-error --request "$method" --header "Authorization: Bearer $TOKEN" \
        --write-out '\n%{http_code}' "$@" "$api/$path")
    status=${answer##*$'\n'}
    answer=${answer%$'\n'*}
    if ((status >= 400)); then
        jq --raw-output '.reasons[]' <<<"$answer" >&2
        return 1
    fi
    printf '%s\n' "$answer"
}

json=(--header 'Content-Type: application/json')

draft() {
    local folder=$1 key number section version
    # The same key again would start no second draft, should the answer get lost.
    key=draft-$(openssl rand -hex 8)
    number=$(call POST requests --retry 3 --header "Idempotency-Key: $key" | jq --raw-output .number)
    # The package type first: it decides which sections the form has.
    for section in package project purpose scope cohorts tables linkage outputs security disposition certify; do
        [[ -f $folder/$section.json ]] || continue
        version=$(call GET "requests/$number/form/$section" | jq .version)
        jq --argjson version "$version" '{version: $version, answers: .}' "$folder/$section.json" |
            call PUT "requests/$number/form/$section" "${json[@]}" --data @- >/dev/null
    done
    echo "$number"
    call GET "requests/$number" | jq --raw-output '.sections[] | .title as $title | .missing[] | "\($title): \(.)"' >&2
    echo "Sign it in the browser: ${SITE%/}/requests/$number/form/check/" >&2
}

# part_of FILE OFFSET BYTES: through a pipe, so that no copy of the file is laid down.
part_of() {
    dd if="$1" iflag=skip_bytes,count_bytes,fullblock skip="$2" count="$3" bs=1M status=none
}

send() {
    local number=$1 cohort=$2 quarter=$3 file=$4 upload id part_bytes bytes offset=0 digest state
    bytes=$(wc -c <"$file")
    upload=$(jq --null-input --arg cohort "$cohort" --argjson quarter "$quarter" --argjson bytes "$bytes" \
        '{cohort: $cohort, quarter: $quarter, bytes: $bytes}' |
        call POST "requests/$number/uploads" "${json[@]}" --data @-)
    id=$(jq --raw-output .id <<<"$upload")
    part_bytes=$(jq .part_bytes <<<"$upload")
    while ((offset < bytes)); do
        digest=$(part_of "$file" "$offset" "$part_bytes" | openssl dgst -sha256 -binary | base64)
        offset=$(part_of "$file" "$offset" "$part_bytes" |
            call PUT "requests/$number/uploads/$id" --header 'Content-Type: application/octet-stream' \
                --header "Upload-Offset: $offset" --header "Content-Digest: sha-256=:$digest:" --data-binary @- |
            jq .received)
    done
    call POST "requests/$number/uploads/$id/finish" >/dev/null
    for _ in $(seq 300); do
        state=$(call GET "requests/$number/files" |
            jq --raw-output --arg cohort "$cohort" --argjson quarter "$quarter" \
                '.[] | select(.cohort == $cohort and .quarter == $quarter) | .state')
        [[ $state == received ]] || break
        sleep 1
    done
    echo "$state"
    [[ $state == accepted ]]
}

case ${1:-} in
draft) draft "${2:?the folder with the answers}" ;;
send) send "${2:?number}" "${3:?cohort}" "${4:?quarter}" "${5:?file}" ;;
*)
    sed -n '2,11s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
