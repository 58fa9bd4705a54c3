#!/usr/bin/env bash
# What two pushed images are called by digest, as values for the chart: a tag may move, a digest cannot.
#
#   deploy/digests.sh REGISTRY VERSION
set -euo pipefail

(($# == 2)) || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }

digest() {
    docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1/$2:$3" \
        | sed -n "s|^$1/$2@||p" | head -n 1 | grep . || {
        echo "$1/$2:$3 has no digest: was it pushed?" >&2
        return 1
    }
}

missing_table=$(digest "$1" missing-table "$2")
match_scraper=$(digest "$1" match-scraper "$2")
cat << END
images:
  missingTable:
    repository: $1/missing-table
    digest: $missing_table
  matchScraper:
    repository: $1/match-scraper
    digest: $match_scraper
END
